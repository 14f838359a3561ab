"""Models: registered, listed, described."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.api.weights import check_models, known_models
from curation.services.datasets import find_version
from evaluation.api.model_fields import ModelVersionSerializer, NewModelSerializer, SaidOfModelSerializer
from evaluation.api.resource import Resource
from evaluation.models import ModelVersion
from evaluation.services.model_registry import As, edit_model, find_model, register_model

ONE = OpenApiExample(
    "Weights in the weights folder",
    value={"name": "people-v3", "detector": "yolox_onnx:people-v3.onnx?classes=person", "trained_on": "street@4"},
    request_only=True,
)
THEIRS = OpenApiExample(
    "A model whose predictions will be imported",
    value={"name": "theirs", "label_map": {"pedestrian": "person", "bus": None}},
    request_only=True,
)
NOT_FOUND = OpenApiResponse(Problem, description="There is no such model or dataset version.")


class ModelFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")
    parent = filters.CharFilter("parent__name", help_text="Name of the model that it was made from.")


@extend_schema_view(
    list=extend_schema(summary="List models, newest first"), retrieve=extend_schema(summary="Show a model")
)
class ModelVersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[ModelVersion]):
    """A model is known by the SHA-256 of its weights: changed ones are never used under its name."""

    queryset: QuerySet[ModelVersion] = ModelVersion.objects.select_related(
        "trained_on__dataset", "parent", "created_by"
    ).order_by("-id")
    serializer_class = ModelVersionSerializer
    filterset_class = ModelFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "patch", "head"]

    @extend_schema(
        summary="Register a model",
        description="Its weights are hashed, and its labels read from them.",
        request=NewModelSerializer,
        responses={
            201: ModelVersionSerializer,
            404: NOT_FOUND,
            409: OpenApiResponse(
                Problem, description="The name is taken (`exists`), or the weights are missing or no such model."
            ),
        },
        examples=[ONE, THEIRS],
    )
    def create(self, request: Request) -> Response:
        new = NewModelSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = dict(new.validated_data)
        named = set(ModelVersion.objects.exclude(detector="").values_list("detector", flat=True))
        check_models({"detector": asked["detector"]}, known=known_models() | named, user=request.user)
        trained_on, parent = asked.pop("trained_on", None), asked.pop("parent", None)
        model = register_model(
            **asked,
            trained_on=find_version(trained_on) if trained_on else None,
            parent=find_model(parent) if parent else None,
            user=request.user,
        )
        return Response(self.get_serializer(model).data, status=HTTPStatus.CREATED)

    @extend_schema(
        summary="Change what is said of a model",
        description="Its name and weights never change. Predictions keep the model's own labels, so another mapping "
        "holds for those that are there as well.",
        request=SaidOfModelSerializer,
        responses={200: ModelVersionSerializer, 404: NOT_FOUND},
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        said = SaidOfModelSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(said.validated_data)
        for name, find in (("trained_on", find_version), ("parent", find_model)):
            value = changes.get(name, As.IT_IS)
            changes[name] = find(value) if isinstance(value, str) else value
        edit_model(self.get_object(), **changes)
        return Response(self.get_serializer(self.get_object()).data)
