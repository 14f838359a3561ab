"""Sets of events: truth over time."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.errors import Problem
from evaluation.api.event_fields import (
    EXAMPLE,
    EventSetSerializer,
    FiguresQuery,
    FiguresSerializer,
    NewEventSetSerializer,
    WholeEventSetSerializer,
)
from evaluation.api.resource import Resource
from evaluation.core.event_figures import event_figures
from evaluation.core.event_files import parse_told
from evaluation.models import EventSet
from evaluation.services.events import import_events, truth_of, with_counts
from evaluation.services.footage import footage_evidence
from evaluation.services.model_registry import find_model

ONE = OpenApiExample("Two visits", value={"name": "gate-visits", "truth": [EXAMPLE]}, request_only=True)


class EventSetFilters(filters.FilterSet):  # type: ignore[misc]
    name = filters.CharFilter(help_text="The exact name.")


@extend_schema_view(list=extend_schema(summary="List sets of events"))
class EventSetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[EventSet]):
    """Which stretches of which videos were looked through, and what is there. A set never changes."""

    queryset: QuerySet[EventSet] = with_counts(EventSet.objects.all()).order_by("id")
    serializer_class = EventSetSerializer
    filterset_class = EventSetFilters
    http_method_names = ["get", "post", "head"]

    @extend_schema(summary="Show a set of events", responses=WholeEventSetSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(_whole(self.get_object()))

    @extend_schema(
        summary="Store a set of events",
        description="The same content again is the same set. An event lies within what was looked through.",
        request=NewEventSetSerializer,
        responses={
            201: WholeEventSetSerializer,
            200: OpenApiResponse(WholeEventSetSerializer, description="This set was there already."),
            400: OpenApiResponse(Problem, description="It is not valid, or a video is not known."),
            409: OpenApiResponse(Problem, description="The name is that of a set with other events."),
        },
        examples=[ONE],
    )
    def create(self, request: Request) -> Response:
        new = NewEventSetSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        told = [parse_told(dict(one), where=f"truth[{number}]") for number, one in enumerate(asked["truth"])]
        made, is_new = import_events(name=asked["name"], told=told, note=asked["note"])
        return Response(_whole(self.get_queryset().get(pk=made.pk)), HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    @extend_schema(
        summary="Measure a model against a set of events",
        description="Event recall, false alarms an hour and mean time to detection, with the metrics' usual "
        "parameters; other parameters, thresholds and verdicts are for suites.",
        parameters=[FiguresQuery],
        responses={
            200: FiguresSerializer,
            404: OpenApiResponse(Problem, description="There is no such set or model."),
            409: OpenApiResponse(Problem, description="The model did not look through all videos yet: POST /looks/."),
        },
    )
    @action(detail=True, methods=["get"])
    def figures(self, request: Request, pk: int) -> Response:
        query = FiguresQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked, event_set = query.validated_data, self.get_object()
        evidence = footage_evidence(event_set, find_model(asked["model"]), fps=asked["fps"])
        figures = [figure.to_dict() for figure in event_figures(evidence, score=asked["score"])]
        return Response(FiguresSerializer({**asked, "events": event_set.name, "figures": figures}).data)


def _whole(event_set: EventSet) -> Any:
    event_set.truth = truth_of(event_set)  # type: ignore[attr-defined]
    return WholeEventSetSerializer(event_set).data
