"""Trainings: models taught on dataset versions."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.db import transaction
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.resource import Resource
from activelearning.api.training_fields import NewTrainingSerializer, TrainingSerializer, WholeTrainingSerializer
from activelearning.models import Training
from activelearning.services.training_moves import cancel_training, resume_training
from activelearning.services.trainings import request_training
from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.doorbell import ring_job
from curation.models import Job
from curation.services.datasets import find_version
from evaluation.services.model_registry import find_model

RELATED = ("version__dataset", "base", "model", "job__created_by", "created_by")
NOT_NOW = {200: TrainingSerializer, 409: OpenApiResponse(Problem, description="Its present state forbids it.")}
FURTHER = OpenApiExample(
    "A model taught further, with more night",
    value={
        "name": "people-v4", "dataset": "street@4", "base": "people-v3", "options": {"epochs": 20},
        "shares": {"lighting:dark": 0.3, "weather:rain": None},
    },
    request_only=True,
)  # fmt: skip


class TrainingFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")
    dataset = filters.CharFilter("version__dataset__name", help_text="Name of the dataset, without a version.")
    base = filters.CharFilter("base__name", help_text="Name of the model that it begins with.")
    state = filters.ChoiceFilter(field_name="job__state", choices=Job.State.choices)


@extend_schema_view(list=extend_schema(summary="List trainings, newest first"))
class TrainingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Training]):
    """A training worker does them, one after another; poll one for its epochs.

    They begin with models that an admin has registered, by name: a request never names a file."""

    queryset: QuerySet[Training] = Training.objects.select_related(*RELATED).order_by("-id")
    serializer_class = TrainingSerializer
    filterset_class = TrainingFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    def get_queryset(self) -> QuerySet[Training]:
        trainings = super().get_queryset()
        return trainings.defer("log", "data", "shares") if self.action == "list" else trainings

    @extend_schema(
        summary="Show a training",
        description="With its epochs, what it read and left out, and the end of its log.",
        responses=WholeTrainingSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeTrainingSerializer(self.get_object()).data)

    @extend_schema(
        summary="Train a model",
        description="A training worker takes it up. What comes of it is a registered model of that name, with its "
        "lineage. A hold-out, and frames that one keeps away, are never learnt from.",
        request=NewTrainingSerializer,
        responses={
            202: TrainingSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such dataset version or model."),
            409: OpenApiResponse(
                Problem,
                description="The name is taken (`exists`), the base cannot be trained further (`not_trainable`), its "
                "weights are missing or changed, or the version is held out (`locked`, `held`).",
            ),
        },
        examples=[FURTHER],
    )
    def create(self, request: Request) -> Response:
        new = NewTrainingSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = dict(new.validated_data)
        with transaction.atomic():
            base = asked.pop("base", None)
            training = request_training(
                version=find_version(asked.pop("dataset")),
                base=find_model(base) if base else None,
                user=request.user,
                **asked,
            )
            assert training.job is not None
            transaction.on_commit(partial(ring_job, training.job.pk))
        return Response(TrainingSerializer(training).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(summary="Cancel a training", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop it within seconds; its whole epochs are kept, and resuming goes on from there."""
        return self._do(cancel_training)

    @extend_schema(summary="Resume a training", request=None, responses=NOT_NOW)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Go on with one that was cancelled or failed, from its last whole epoch."""
        return self._do(resume_training)

    def _do(self, verb: Callable[[Training], Training]) -> Response:
        with transaction.atomic():
            training = verb(self.get_object())
            if training.job is not None:
                transaction.on_commit(partial(ring_job, training.job.pk))
        return Response(self.get_serializer(self.get_object()).data)
