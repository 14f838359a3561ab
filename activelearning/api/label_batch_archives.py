"""Archives of batches, of any size: made by a job, downloaded from any byte on."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.asked import asked_of
from activelearning.api.label_batch_fields import BatchExportSerializer
from activelearning.api.resource import Resource
from activelearning.models import LabelBatch
from activelearning.services.batch_archives import archive_of, request_archive
from curation.api.data_exports import IF_RANGE, RANGE, ZIP, AnyAccept
from curation.api.dataset_fields import BIGGEST, Strict
from curation.api.errors import Problem
from curation.api.jobs import JobSerializer
from curation.api.ranged import send_file
from curation.doorbell import ring_job


class ArchiveQuery(Strict):
    job = serializers.IntegerField(min_value=1, max_value=BIGGEST, help_text="The one that made it.")


class LabelBatchArchives(Resource[LabelBatch]):
    @extend_schema(
        summary="Have an archive made for another labelling tool",
        description="As `export/` gives it, of any size, by a job: poll that, then download. Its frames count as sent.",
        request=BatchExportSerializer,
        responses={202: JobSerializer, 400: OpenApiResponse(Problem), 409: OpenApiResponse(Problem)},
    )
    @action(detail=True, methods=["post"], content_negotiation_class=AnyAccept, filter_backends=[])
    def archive(self, request: Request, pk: int) -> Response:
        said: Any = BatchExportSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        with transaction.atomic():
            job = request_archive(batch=self.get_object(), format=said.validated_data["format"], user=request.user)
            transaction.on_commit(partial(ring_job, job.pk))
        return Response(JobSerializer(job).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Download an archive that a job made",
        description="Whole, or from any byte on. `ETag` and `X-Checksum-SHA256` are the SHA-256 of the whole file.",
        parameters=[ArchiveQuery, RANGE, IF_RANGE],
        responses={
            (200, ZIP): OpenApiTypes.BINARY,
            (206, ZIP): OpenApiResponse(OpenApiTypes.BINARY, description="The part that was asked for."),
            409: OpenApiResponse(Problem, description="It is not there, or one of its frames is held out by now."),
            416: OpenApiResponse(None, description="The part lies past the end; Content-Range says where that is."),
        },
    )
    @archive.mapping.get
    def download_archive(self, request: Request, pk: int) -> HttpResponseBase:
        found = archive_of(self.get_object(), asked_of(request, ArchiveQuery)["job"])
        return send_file(request._request, found.path, name=found.name, sha256=found.sha256, content_type=ZIP)
