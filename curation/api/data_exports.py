"""Exports: frames and dataset versions as archives, made by a job, downloaded from any byte on."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from curation.api.errors import Problem
from curation.api.floats import FiniteFloat
from curation.api.jobs import JobSerializer
from curation.api.paging import NewestFirst
from curation.api.ranged import send_file
from curation.api.resource import Resource
from curation.api.roles import Role, role_of
from curation.doorbell import ring_job
from curation.models import DataExport
from curation.services.export_request import file_name_of, read_request, request_export, writable
from curation.services.exporting import archive_path

ZIP = "application/zip"
VERSION = OpenApiExample("A dataset version", value={"dataset": "gates@3", "format": "yolo"}, request_only=True)
QUERY = OpenApiExample(
    "Frames by query, two classes",
    value={"query": "lighting:dark AND annotated:true", "format": "coco", "classes": ["person", "car"]},
    request_only=True,
)
RANGE = OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="`bytes=1048576-` goes on from there.")
IF_RANGE = OpenApiParameter(
    "If-Range", str, OpenApiParameter.HEADER, description="The ETag of the first answer: all of it again if it changed."
)


class ExportSerializer(serializers.ModelSerializer[DataExport]):
    version = serializers.SerializerMethodField(help_text="name@number; null for a query.")
    settings = serializers.SerializerMethodField(help_text="What was asked for.")
    report = serializers.DictField(read_only=True, help_text="What is in it, and what was left out and why.")
    job = JobSerializer(read_only=True, allow_null=True)
    download = serializers.SerializerMethodField(help_text="Where the archive is; null until it is whole and checked.")

    class Meta:
        model = DataExport
        fields = [
            "id", "version", "query", "format", "purpose", "with_pictures", "settings", "report", "sha256",
            "size_bytes", "file_count", "download", "job", "created_at",
        ]  # fmt: skip

    def get_version(self, row: DataExport) -> str | None:
        return str(row.version) if row.version else None

    def get_settings(self, row: DataExport) -> dict[str, Any]:
        return dict(row.settings)

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_download(self, row: DataExport) -> str | None:
        if not row.archive:
            return None
        return str(reverse("dataexport-download", args=[row.pk], request=self.context.get("request")))


class NewExportSerializer(serializers.Serializer[Any]):
    """`dataset` for a version as it was frozen, else `query` for frames as they are now."""

    query = serializers.CharField(default="", allow_blank=True, max_length=2000, help_text="As in search.")
    dataset = serializers.CharField(default="", allow_blank=True, max_length=100, help_text="name@3, or the newest.")
    format = serializers.ChoiceField(writable())
    settings = serializers.DictField(default=dict, help_text="The format's own parameters.")
    classes = serializers.ListField(
        child=serializers.CharField(max_length=80), default=list, max_length=10_000,
        help_text="Only boxes of these labels, numbered in this order.",
    )  # fmt: skip
    labels = serializers.ChoiceField(["annotations", "detections"], default="annotations")
    min_score = FiniteFloat(default=0.0, min_value=0, max_value=1, help_text="Leaves out fainter detections.")
    pictures = serializers.BooleanField(default=True, help_text="Without, a list says where they are stored.")
    allow_missing = serializers.BooleanField(default=False, help_text="Leave out pictures that are gone.")
    purpose = serializers.ChoiceField(DataExport.Purpose.choices, default=DataExport.Purpose.TRAINING)
    model = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="For a hold-out's ledger.")
    note = serializers.CharField(default="", allow_blank=True, max_length=2000, help_text="For the ledger, too.")


class ExportFilters(filters.FilterSet):  # type: ignore[misc]
    dataset = filters.CharFilter("version__dataset__name", help_text="Name of the dataset.")
    state = filters.CharFilter("job__state", help_text="The job's: queued, running, done, failed, cancelled.")


class AnyAccept(BaseContentNegotiation):
    """Takes any Accept header: the archive is what it is, and refusals are JSON."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


@extend_schema_view(
    list=extend_schema(summary="List exports, newest first"), retrieve=extend_schema(summary="Show an export")
)
class DataExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[DataExport]):
    """An archive is seen once it is whole and checked. Held-out frames are in none but a locked version's own."""

    queryset: QuerySet[DataExport] = DataExport.objects.select_related(
        "job__created_by", "version__dataset"
    ).order_by("-id")  # fmt: skip
    serializer_class = ExportSerializer
    filterset_class = ExportFilters
    pagination_class = NewestFirst

    @extend_schema(
        summary="Export frames or a dataset version",
        description="Workers take it up at once; poll it until `download` is there. A locked version is exported with "
        "the purpose `evaluation` alone, by admins, naming the model; that is written into its ledger.",
        request=NewExportSerializer,
        responses={
            202: ExportSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such dataset version."),
            409: OpenApiResponse(Problem, description="Frames in it are held out, or it is not locked."),
        },
        examples=[VERSION, QUERY],
    )
    def create(self, request: Request) -> Response:
        new = NewExportSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        if new.validated_data["purpose"] == DataExport.Purpose.EVALUATION and role_of(request.user) < Role.ADMIN:
            raise PermissionDenied("Only an admin may open a hold-out for an evaluation.")
        wanted, version = read_request(new.validated_data)
        with transaction.atomic():
            row = request_export(wanted, version, by_name=request.user.get_username(), user=request.user)
            assert row.job is not None
            transaction.on_commit(partial(ring_job, row.job.pk))
        return Response(self.get_serializer(row).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Download an export's archive",
        description="Whole, or from any byte on. `ETag` and `X-Checksum-SHA256` are the SHA-256 of the whole file.",
        parameters=[RANGE, IF_RANGE],
        responses={
            (200, ZIP): OpenApiTypes.BINARY,
            (206, ZIP): OpenApiResponse(OpenApiTypes.BINARY, description="The part that was asked for."),
            409: OpenApiResponse(Problem, description="It is not there yet, or no longer."),
            416: OpenApiResponse(None, description="The part lies past the end; Content-Range says where that is."),
        },
    )
    @action(detail=True, methods=["get"], content_negotiation_class=AnyAccept)
    def download(self, request: Request, pk: int) -> HttpResponseBase:
        row = self.get_object()
        if row.purpose == DataExport.Purpose.EVALUATION and role_of(request.user) < Role.ADMIN:
            raise PermissionDenied("It holds a hold-out's frames, so only an admin may have it.")
        path = archive_path(row)
        return send_file(request._request, path, name=file_name_of(row), sha256=row.sha256, content_type=ZIP)
