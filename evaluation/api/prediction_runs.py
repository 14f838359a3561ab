"""Prediction runs: what a model sees in frames, looked at here or imported."""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.roles import Role, role_of
from curation.doorbell import ring_job
from curation.models import Upload
from curation.services.datasets import find_version
from curation.services.upload_imports import file_for_import
from evaluation.api.prediction_fields import (
    NewPredictionImportSerializer,
    NewPredictionRunSerializer,
    PredictionRunSerializer,
    PredictionSerializer,
)
from evaluation.api.resource import Resource
from evaluation.models import Prediction, PredictionRun
from evaluation.services.model_registry import find_model
from evaluation.services.prediction_import import request_import
from evaluation.services.prediction_request import request_predictions

ONE = OpenApiExample("A dataset version", value={"model": "people-v3", "dataset": "street@4"}, request_only=True)
THEIRS = OpenApiExample(
    "COCO results that were uploaded",
    value={
        "model": "theirs", "dataset": "street@4", "format": "coco", "upload": "8a7f1c52-0b8e-4f55-9a53-6f0f3d1f6b0e",
        "truth_upload": "0c51c3f2-2a44-4a8c-a4f9-4a9d6f0b7c11",
    },
    request_only=True,
)  # fmt: skip
ASKED = {
    202: PredictionRunSerializer,
    200: OpenApiResponse(
        PredictionRunSerializer, description="The same model, frames and parameters are one run: it is there already."
    ),
    404: OpenApiResponse(Problem, description="There is no such model, dataset version or upload."),
    409: OpenApiResponse(
        Problem,
        description="Frames are held out (`held`), the weights are missing or were changed (`changed`), or the model "
        "has none (`no_weights`).",
    ),
}


class PredictionRunFilters(filters.FilterSet):  # type: ignore[misc]
    model = filters.CharFilter("model__name", help_text="The model's exact name.")
    version = filters.NumberFilter(help_text="Id of the dataset version it was asked for.")
    origin = filters.ChoiceFilter(choices=PredictionRun.Origin.choices)
    done = filters.BooleanFilter("finished_at", lookup_expr="isnull", exclude=True, help_text="Only those to be used.")


@extend_schema_view(
    list=extend_schema(summary="List prediction runs, newest first"),
    retrieve=extend_schema(summary="Show a prediction run, with how far it is"),
)
class PredictionRunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[PredictionRun]):
    """One model over a fixed set of frames. Its job can be cancelled and resumed."""

    queryset: QuerySet[PredictionRun] = PredictionRun.objects.select_related(
        "model", "version__dataset", "job__created_by", "created_by"
    ).order_by("-id")
    serializer_class = PredictionRunSerializer
    filterset_class = PredictionRunFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(
        summary="Let a model look at frames",
        description="Workers take it up at once; poll it for its progress.",
        request=NewPredictionRunSerializer,
        responses=ASKED,
        examples=[ONE],
    )
    def create(self, request: Request) -> Response:
        new = NewPredictionRunSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        with transaction.atomic():
            run, is_new = request_predictions(
                model=find_model(asked["model"]),
                version=find_version(asked["dataset"]) if "dataset" in asked else None,
                query=asked.get("query", ""),
                min_score=asked["min_score"],
                max_boxes=asked["max_boxes"],
                user=request.user,
            )
            return self._asked(run, is_new=is_new)

    @extend_schema(
        summary="Import predictions that were made elsewhere",
        description="COCO results, or CSV with the columns identity (or file_name, or frame), label, score, x1, y1, "
        "x2, y2. `report` says what was read, and what was skipped and why.",
        request=NewPredictionImportSerializer,
        responses=ASKED,
        examples=[THEIRS],
    )
    @action(detail=False, methods=["post"], url_path="import")
    def read_in(self, request: Request) -> Response:
        new = NewPredictionImportSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        truth = asked.get("truth_upload")
        with transaction.atomic():
            run, is_new = request_import(
                model=find_model(asked["model"]),
                version=find_version(asked["dataset"]),
                file=_file_of(asked["upload"], request.user),
                truth=_file_of(truth, request.user) if truth else "",
                format=asked["format"],
                place="storage",
                user=request.user,
                is_final=asked["is_final"],
            )
            return self._asked(run, is_new=is_new)

    def _asked(self, run: PredictionRun, *, is_new: bool) -> Response:
        if is_new and run.job is not None:
            transaction.on_commit(partial(ring_job, run.job.pk))
        shown = self.get_serializer(self.get_queryset().get(pk=run.pk)).data
        return Response(shown, status=HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK)


class PredictionFilters(filters.FilterSet):  # type: ignore[misc]
    run = filters.NumberFilter(help_text="Id of the prediction run.")
    frame = filters.NumberFilter(help_text="Id of the frame.")
    label = filters.CharFilter(help_text="The model's own label.")
    min_score = filters.NumberFilter("score", lookup_expr="gte", help_text="0 to 1.")


@extend_schema_view(list=extend_schema(summary="List predictions"))
class PredictionViewSet(mixins.ListModelMixin, Resource[Prediction]):
    """Boxes, with the labels of the model that saw them. Those of frames that are held out are not shown."""

    queryset: QuerySet[Prediction] = Prediction.objects.filter(frame__held_out=False).order_by("id")
    serializer_class = PredictionSerializer
    filterset_class = PredictionFilters
    http_method_names = ["get", "head"]


def _file_of(upload_id: UUID, user: AbstractBaseUser | AnonymousUser) -> str:
    """Return the key of an upload's file; each sees their own, admins all. Raises NotFound, UploadError."""
    uploads = Upload.objects.filter(pk=upload_id)
    upload = (uploads if role_of(user) == Role.ADMIN else uploads.filter(owner=user.pk)).first()
    if upload is None:
        raise NotFound("There is no such upload.")
    return file_for_import(upload)
