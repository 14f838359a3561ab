"""Rounds: from a red scenario to the next model, a step at a time."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.asked import asked_of
from activelearning.api.candidate_fields import CandidateSerializer, SeedSerializer
from activelearning.api.candidates import ByRank, CandidateQuery, SeedQuery, candidates_of, seeds_of
from activelearning.api.resource import Resource
from activelearning.api.round_fields import RoundSerializer, WholeRoundSerializer
from activelearning.models import Round
from curation.api.paging import ById, NewestFirst
from evaluation.api.numbered import numbered

RELATED = (
    "test_run__suite__suite", "test_run__model", "base_version__dataset", "version__dataset", "training__job",
    "training__model", "job__created_by", "created_by",
)  # fmt: skip


class RoundFilters(filters.FilterSet):  # type: ignore[misc]
    test_run = filters.NumberFilter(help_text="Id of the test run that it started from.")
    loop = filters.NumberFilter(help_text="Id of the loop.")
    state = filters.ChoiceFilter(choices=Round.State.choices)
    suite = filters.CharFilter(method="of_suite", help_text="A suite, street, or one version of it, street@3.")
    model = filters.CharFilter("test_run__model__name", help_text="Name of the model that was tested.")

    def of_suite(self, rounds: QuerySet[Round], name: str, value: str) -> QuerySet[Round]:
        return numbered(rounds, value, named="test_run__suite__suite__name", number="test_run__suite__number")


@extend_schema_view(list=extend_schema(summary="List rounds, newest first"))
class RoundViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Round]):
    """What a round does next is its `state`; its job says how far that is."""

    queryset: QuerySet[Round] = (
        Round.objects.select_related(*RELATED)
        .defer("test_run__record", "test_run__suite__text", "test_run__suite__spec", "report", "training__log")
        .order_by("-id")
    )
    serializer_class = RoundSerializer
    filterset_class = RoundFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(
        summary="Show a round",
        description="Its strategy, what it found, chose and had labelled, its training, and, once it is closed, "
        "before and after.",
        responses=WholeRoundSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeRoundSerializer(self.get_object()).data)

    @extend_schema(
        summary="List the candidates of a round",
        description="In the order in which they were picked, each with why.",
        parameters=[CandidateQuery],
        responses=CandidateSerializer(many=True),
    )
    @action(detail=True, serializer_class=CandidateSerializer, filter_backends=[], pagination_class=ByRank)
    def candidates(self, request: Request, pk: int) -> Response:
        asked = asked_of(request, CandidateQuery, paged=True)
        page = self.paginate_queryset(candidates_of(self.get_object(), asked))  # type: ignore[arg-type]
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="List the seeds of a round",
        description="What went wrong in its scenarios: missed objects, false alarms, boxes the model was unsure of.",
        parameters=[SeedQuery],
        responses=SeedSerializer(many=True),
    )
    @action(detail=True, serializer_class=SeedSerializer, filter_backends=[], pagination_class=ById)
    def seeds(self, request: Request, pk: int) -> Response:
        asked = asked_of(request, SeedQuery, paged=True)
        page = self.paginate_queryset(seeds_of(self.get_object(), asked))  # type: ignore[arg-type]
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
