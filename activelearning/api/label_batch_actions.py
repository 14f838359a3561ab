"""What can be done with a batch: sent, pulled, compared with what is there, mended, merged, closed, by files too."""

import dataclasses
import tempfile
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.asked import asked_of
from activelearning.api.drift_fields import DriftSerializer
from activelearning.api.label_batch_fields import (
    BatchExportSerializer,
    BatchImportSerializer,
    DriftQuery,
    MendedSerializer,
    MendSerializer,
    MergeSerializer,
    ReadSerializer,
    TakenSerializer,
    WholeLabelBatchSerializer,
)
from activelearning.api.resource import Resource
from activelearning.models import LabelBatch
from activelearning.services.answers import merge_again
from activelearning.services.batch_errors import BatchError
from activelearning.services.batch_export import export_batch
from activelearning.services.batch_import import import_answers
from activelearning.services.batch_progress import counts_of
from activelearning.services.closing import close_batch
from activelearning.services.drift import drift_of
from activelearning.services.drift_mending import mend
from activelearning.services.known_truth import answer_by_truth
from activelearning.services.pulling import request_pull
from activelearning.services.pushing import request_push
from curation.api.data_exports import AnyAccept
from curation.api.data_imports import file_of_upload
from curation.api.dataset_fields import Strict
from curation.api.errors import Problem
from curation.api.jobs import JobSerializer
from curation.doorbell import ring_job

ZIP = "application/zip"
MOST_AT_ONCE = 2_000
"""Frames in an archive that is made while somebody waits for it."""
NOT_NOW = OpenApiResponse(Problem, description="The batch goes another way, or is closed: `detail` says which.")
NO_SERVER = OpenApiResponse(Problem, description="Label Studio cannot be reached, or refuses: `detail` says why.")


class LabelBatchActions(Resource[LabelBatch]):
    @extend_schema(
        summary="Send a batch",
        description="To Label Studio, by a job; sent again, it sends what is not there yet. Of `via` truth the answers "
        "are there at once.",
        request=None,
        responses={202: WholeLabelBatchSerializer, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: int) -> Response:
        batch = self.get_object()
        if batch.via == LabelBatch.Via.TRUTH:
            answer_by_truth(batch=batch)
            return self.whole(status=HTTPStatus.ACCEPTED)
        with transaction.atomic():
            job = request_push(batch=batch, user=request.user)
            transaction.on_commit(partial(ring_job, job.pk))
        return self.whole(status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Read the answers that are in Label Studio now",
        description="By a job, whose result says what was new. It outlasts a server that is down.",
        request=None,
        responses={202: JobSerializer, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"])
    def pull(self, request: Request, pk: int) -> Response:
        with transaction.atomic():
            job = request_pull(batch=self.get_object(), user=request.user)
            transaction.on_commit(partial(ring_job, job.pk))
        return Response(JobSerializer(job).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Close a batch",
        description="Frames that nobody labelled are taken out, free for another batch. Later answers still count.",
        request=None,
        responses=WholeLabelBatchSerializer,
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        close_batch(batch=self.get_object())
        return self.whole()

    @extend_schema(
        summary="Report what drifted",
        description="Asks the server: tasks deleted there, a changed configuration, stale pre-annotations, skipped, "
        "never labelled, picture links that end soon, tasks of others. Nothing is changed.",
        parameters=[DriftQuery],
        responses={200: DriftSerializer, 409: NOT_NOW, 502: NO_SERVER},
    )
    @action(detail=True, filter_backends=[])
    def drift(self, request: Request, pk: int) -> Response:
        found = drift_of(self.get_object(), days=asked_of(request, DriftQuery)["days"])
        return Response(DriftSerializer(found.to_dict()).data)

    @extend_schema(
        summary="Mend what drifted",
        request=MendSerializer,
        responses={200: MendedSerializer, 409: NOT_NOW, 502: NO_SERVER},
    )
    @action(detail=True, methods=["post"])
    def mend(self, request: Request, pk: int) -> Response:
        done = mend(batch=self.get_object(), what=_said(MendSerializer, request)["what"], user=request.user)
        if done.job is not None:
            ring_job(done.job.pk)
        plain = {field.name: getattr(done, field.name) for field in dataclasses.fields(done)}
        return Response(MendedSerializer(plain).data)

    @extend_schema(
        summary="Merge the answers of a batch anew",
        description="By another policy; what was labelled changes at once.",
        request=MergeSerializer,
        responses={200: TakenSerializer, 400: OpenApiResponse(Problem)},
    )
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: int) -> Response:
        told = merge_again(batch=self.get_object(), merge=_said(MergeSerializer, request))
        return Response(TakenSerializer(told.to_dict()).data)

    @extend_schema(
        summary="Export a batch for another labelling tool",
        description=f"Pictures and pre-annotations as an archive, of up to {MOST_AT_ONCE:,} frames; of more, or "
        "where a model must look first: `archive/`. Its frames count as sent.",
        request=BatchExportSerializer,
        responses={(200, ZIP): OpenApiTypes.BINARY, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"], content_negotiation_class=AnyAccept)
    def export(self, request: Request, pk: int) -> FileResponse:
        batch, kind = self.get_object(), _said(BatchExportSerializer, request)["format"]
        if batch.tasks.count() > MOST_AT_ONCE:
            raise BatchError("too_many", f"{batch} is too large to be waited for: POST to archive/ instead.")
        with tempfile.TemporaryDirectory(prefix="winnow-batch-") as folder:
            path = Path(folder) / f"batch-{batch.pk}-{kind}.zip"
            export_batch(batch=batch, path=path, format=kind)
            # It stays readable after the folder is gone.
            return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type=ZIP)

    @extend_schema(
        summary="Read labels that another tool made of a batch",
        description="Of an upload. Pictures find their frames by name, never by order.",
        request=BatchImportSerializer,
        responses={200: ReadSerializer, 404: OpenApiResponse(Problem), 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"], url_path="import")
    def import_(self, request: Request, pk: int) -> Response:
        said = _said(BatchImportSerializer, request)
        read = import_answers(
            batch=self.get_object(),
            path=file_of_upload(said["upload"], request.user),
            place="storage",
            format=said["format"],
            annotator=said["annotator"],
            empty_is_answer=said["empty_is_answer"],
        )
        return Response(ReadSerializer(read.to_dict()).data)

    def whole(self, *, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Answer with the batch as it is now."""
        batch: Any = self.get_object()
        batch.counts = counts_of([batch])[batch.pk]
        return Response(WholeLabelBatchSerializer(batch).data, status=status)


def _said(kind: type[Strict], request: Request) -> dict[str, Any]:
    said = kind(data=request.data)
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)
