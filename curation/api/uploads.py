"""Uploads: a file in parts, each at its offset, that can go on after a break."""

import base64
import binascii
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestUploadFirst
from curation.api.parsers import OctetStream
from curation.api.resource import Resource
from curation.api.roles import Role, role_of
from curation.api.upload_fields import (
    FinishSerializer,
    NewUploadSerializer,
    PartSerializer,
    UploadSerializer,
)
from curation.models import Upload
from curation.services.uploads import append_part, cancel_upload, create_upload, finish_upload

BEGIN = OpenApiExample(
    "A file of 51 MB",
    value={
        "name": "gate-2026-03-01.mp4",
        "camera": "gate",
        "size_bytes": 51_200_000,
        "recorded_at": "2026-03-01T21:04:00Z",
    },
    request_only=True,
)
OFFSET = OpenApiParameter("offset", int, required=True, description="Where the part begins; `received_bytes` so far.")
PART_SHA256 = OpenApiParameter(
    "X-Part-SHA256", str, OpenApiParameter.HEADER, description="SHA-256 of the part in hexadecimal; checked if given."
)
CHECKSUM = OpenApiParameter(
    "Upload-Checksum", str, OpenApiParameter.HEADER, description="The same as tus writes it: `sha256 <base64>`."
)


class UploadFilters(filters.FilterSet):  # type: ignore[misc]
    state = filters.ChoiceFilter(choices=Upload.State.choices)


@extend_schema_view(
    list=extend_schema(summary="List your uploads"),
    retrieve=extend_schema(summary="Show an upload", description="`received_bytes` says where the next part begins."),
)
class UploadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Upload]):
    """Create an upload, send its parts in order, finish it. Each sees their own; admins see all."""

    queryset: QuerySet[Upload] = Upload.objects.order_by("-created_at")
    serializer_class = UploadSerializer
    filterset_class = UploadFilters
    pagination_class = NewestUploadFirst
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Upload]:
        uploads = super().get_queryset()
        user = self.request.user
        return uploads if role_of(user) == Role.ADMIN else uploads.filter(owner=user.pk)

    @extend_schema(
        summary="Begin an upload",
        request=NewUploadSerializer,
        responses={
            201: UploadSerializer,
            409: OpenApiResponse(Problem, description="Too many open uploads."),
            413: OpenApiResponse(Problem, description="The file is larger than allowed."),
            507: OpenApiResponse(Problem, description="The server's disk has no room."),
        },
        examples=[BEGIN],
    )
    def create(self, request: Request) -> Response:
        new = NewUploadSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        upload = create_upload(owner=request.user, **new.validated_data)
        return Response(self.get_serializer(upload).data, status=HTTPStatus.CREATED)

    @extend_schema(
        summary="Send a part",
        description="The raw bytes as the body, with their Content-Length. A part counts whole or not at all. After a "
        "break, ask for the upload and go on at its `received_bytes`.",
        parameters=[OFFSET, PART_SHA256, CHECKSUM],
        request={"application/octet-stream": {"type": "string", "format": "binary"}},
        responses={
            200: UploadSerializer,
            409: OpenApiResponse(Problem, description="Wrong offset (`received_bytes` is the right one), or not open."),
            413: OpenApiResponse(Problem, description="More bytes than declared, or a part larger than `part_bytes`."),
            507: OpenApiResponse(Problem, description="The server's disk is full."),
        },
    )
    @action(detail=True, methods=["put", "patch"], parser_classes=[OctetStream])
    def parts(self, request: Request, pk: UUID) -> Response:
        if (request.content_type or "").startswith("multipart/"):  # its frame would be stored as footage
            raise UnsupportedMediaType("multipart/form-data", "Send the bytes as they are: application/octet-stream.")
        upload = self.get_object()
        part = PartSerializer(data=_described(request))
        part.is_valid(raise_exception=True)
        upload = append_part(upload_id=upload.pk, stream=request._request, **part.validated_data)
        return Response(self.get_serializer(upload).data)

    @extend_schema(
        summary="Finish an upload",
        description="Checks the SHA-256 of the whole file and registers it as a video; one with the purpose `import` "
        "is stored, and `file` is its key. Safe to repeat.",
        request=FinishSerializer,
        responses={
            200: UploadSerializer,
            409: OpenApiResponse(Problem, description="Bytes are missing, or it is being finished right now."),
            422: OpenApiResponse(UploadSerializer, description="It is not footage; `error` says why."),
        },
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: UUID) -> Response:
        final = FinishSerializer(data=request.data)
        final.is_valid(raise_exception=True)
        upload = finish_upload(upload_id=self.get_object().pk, **final.validated_data)
        failed = upload.state == Upload.State.FAILED
        status = HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
        return Response(self.get_serializer(upload).data, status=status)

    @extend_schema(
        summary="Cancel an upload",
        description="Removes what was received and frees its room.",
        responses={204: None, 409: OpenApiResponse(Problem, description="It is done; what came of it stays.")},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        cancel_upload(upload_id=self.get_object().pk)
        return Response(status=HTTPStatus.NO_CONTENT)


def _described(request: Request) -> dict[str, Any]:
    """Collect what the query and the headers say about a part."""
    described: dict[str, Any] = {
        "offset": request.query_params.get("offset"),
        "length_bytes": request.headers.get("Content-Length") or None,
        "sha256": request.headers.get("X-Part-SHA256") or _tus_sha256(request.headers.get("Upload-Checksum", "")),
    }
    return {name: value for name, value in described.items() if value is not None}


def _tus_sha256(header: str) -> str | None:
    """Read `sha256 <base64>`; anything else becomes a text that is no SHA-256, so that it is refused, not ignored."""
    if not header:
        return None
    algorithm, _, encoded = header.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).hex() if algorithm == "sha256" else header
    except binascii.Error:
        return header
