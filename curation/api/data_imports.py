"""Imports: pictures and labels that lie in the storage, or were uploaded."""

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.jobs import JobSerializer
from curation.api.paging import NewestFirst
from curation.api.resource import Resource
from curation.api.roles import Role, role_of
from curation.api.upload_fields import CameraNameField
from curation.api.weights import check_models, known_models
from curation.doorbell import ring_job
from curation.models import DataImport, Embedder, Upload
from curation.services.import_request import AUTO, read_request, readable, request_import
from curation.services.importing import report_of
from curation.services.upload_imports import file_for_import

MAX_KEY_CHARS = 512
ONE = OpenApiExample(
    "A dataset that was uploaded",
    value={"upload": "8a7f1c52-0b8e-4f55-9a53-6f0f3d1f6b0e", "format": "coco", "camera": "gate"},
    request_only=True,
)


class ImportSerializer(serializers.ModelSerializer[DataImport]):
    settings = serializers.DictField(read_only=True, help_text="What was asked for.")
    report = serializers.SerializerMethodField(help_text="What was read, made and skipped so far, with reasons.")
    job = JobSerializer(read_only=True, allow_null=True)

    class Meta:
        model = DataImport
        fields = ["id", "name", "format", "source", "settings", "report", "job", "created_at"]

    def get_report(self, row: DataImport) -> dict[str, Any]:
        return report_of(row)


class KeyField(serializers.CharField):
    """A file or folder in the storage."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_KEY_CHARS, **options)


class NewImportSerializer(serializers.Serializer[Any]):
    """One of `key` and `upload`; the rest as on the command line."""

    key = KeyField(required=False, help_text="A folder, archive or file of labels in the storage.")
    upload = serializers.UUIDField(required=False, help_text="A finished upload with the purpose `import`.")
    format = serializers.ChoiceField([AUTO, *readable()], default=AUTO)
    settings = serializers.DictField(default=dict, help_text="The format's own parameters.")
    name = serializers.CharField(default="", allow_blank=True, max_length=120, help_text="By default after the file.")
    annotations = KeyField(default="", allow_blank=True, help_text="The labels, where they are elsewhere.")
    video = KeyField(default="", allow_blank=True, help_text="The video that labels by frame or time are about.")
    camera = CameraNameField(default="", allow_blank=True, help_text="Of pictures that name none themselves.")
    camera_from_path = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="Regular expression that finds it in their paths."
    )
    on_known = serializers.ChoiceField(
        ["replace", "skip", "add"],
        default="replace",
        help_text="Labels of pictures that are known: replace those of an earlier import of the same name, skip, add.",
    )
    embedder = serializers.CharField(
        default="descriptor", allow_blank=True, max_length=200, help_text="For search by likeness; empty for none."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("key" in attrs) == ("upload" in attrs):
            raise serializers.ValidationError("Give either `key` or `upload`.")
        return attrs


class ImportFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")
    state = filters.CharFilter("job__state", help_text="The job's: queued, running, done, failed, cancelled.")


@extend_schema_view(
    list=extend_schema(summary="List imports, newest first"), retrieve=extend_schema(summary="Show an import")
)
class DataImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[DataImport]):
    """The report grows while the import is under way; its job can be cancelled and resumed."""

    queryset: QuerySet[DataImport] = DataImport.objects.select_related("job__created_by").order_by("-id")
    serializer_class = ImportSerializer
    filterset_class = ImportFilters
    pagination_class = NewestFirst

    @extend_schema(
        summary="Import pictures and labels",
        description="Workers take it up at once; poll it for its report. The same picture again is the same frame.",
        request=NewImportSerializer,
        responses={
            202: ImportSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such key or upload."),
            409: OpenApiResponse(Problem, description="The upload is not finished, or its file is gone."),
        },
        examples=[ONE],
    )
    def create(self, request: Request) -> Response:
        new = NewImportSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = dict(new.validated_data)
        embedders = set(Embedder.objects.values_list("name", flat=True))
        check_models({"embedder": asked["embedder"]}, known=known_models() | embedders, user=request.user)
        upload, key = asked.pop("upload", None), asked.pop("key", "")
        root = file_of_upload(upload, request.user) if upload else key
        wanted = read_request({**asked, "root": root, "place": "storage"})
        with transaction.atomic():
            row = request_import(wanted, user=request.user)
            assert row.job is not None
            transaction.on_commit(partial(ring_job, row.job.pk))
        return Response(self.get_serializer(row).data, status=HTTPStatus.ACCEPTED)


def file_of_upload(upload_id: UUID, user: AbstractBaseUser | AnonymousUser) -> str:
    """Return the key of an upload's file; each sees their own, admins all. Raises NotFound, UploadError."""
    uploads = Upload.objects.filter(pk=upload_id)
    upload = (uploads if role_of(user) == Role.ADMIN else uploads.filter(owner=user.pk)).first()
    if upload is None:
        raise NotFound("There is no such upload.")
    return file_for_import(upload)
