"""Loops: rounds, one after another, until a suite is green, the budget is spent, or nothing helps."""

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

from activelearning.api.loop_fields import LoopSerializer, WholeLoopSerializer
from activelearning.api.resource import Resource
from activelearning.api.round_asked import NewLoopSerializer, run_of
from activelearning.models import Loop
from activelearning.services.loops import LoopOptions, resume_loop, start_loop, stop_loop
from curation.api.errors import Problem
from curation.api.paging import NewestFirst
from curation.doorbell import ring_job
from curation.services.datasets import find_version
from evaluation.api.numbered import numbered

UNTIL_GREEN = OpenApiExample(
    "Three rounds at most",
    value={
        "test_run": 12, "budget": 600, "rounds": 3, "via": "label_studio", "labelling": {"project": 3}, "patience": 2,
    },
    request_only=True,
)  # fmt: skip
NOT_NOW = OpenApiResponse(Problem, description="Its state forbids it (`closed`, `busy`): `detail` says why.")


class LoopFilters(filters.FilterSet):  # type: ignore[misc]
    suite = filters.CharFilter(method="of_suite", help_text="A suite, street, or one version of it, street@3.")
    ended = filters.ChoiceFilter(choices=Loop.Ended.choices, help_text="Why it is over.")
    open = filters.BooleanFilter(method="is_open", help_text="Only those that are not over, or that are.")

    def of_suite(self, loops: QuerySet[Loop], name: str, value: str) -> QuerySet[Loop]:
        return numbered(loops, value, named="suite__suite__name", number="suite__number")

    def is_open(self, loops: QuerySet[Loop], name: str, value: bool) -> QuerySet[Loop]:
        return loops.filter(ended="") if value else loops.exclude(ended="")


@extend_schema_view(list=extend_schema(summary="List loops, newest first"))
class LoopViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[Loop]):
    """Each of its rounds is a round like any other: see rounds/?loop=ID."""

    queryset: QuerySet[Loop] = (
        Loop.objects.select_related("suite__suite", "first_run__model", "job__created_by", "created_by")
        .defer("suite__text", "suite__spec", "first_run__record")
        .order_by("-id")
    )
    serializer_class = LoopSerializer
    filterset_class = LoopFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(summary="Show a loop", description="With what each round brought.", responses=WholeLoopSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeLoopSerializer(self.get_object()).data)

    @extend_schema(
        summary="Start a loop",
        description="Runs rounds, nobody looking through their candidates, until every critical scenario passes, the "
        "budget or the rounds are spent, or the last rounds brought nothing; `ended` says which.",
        request=NewLoopSerializer,
        responses={
            202: LoopSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such suite, model or dataset version."),
            409: OpenApiResponse(Problem, description="The test run is a final evaluation, or is not done."),
        },
        examples=[UNTIL_GREEN],
    )
    def create(self, request: Request) -> Response:
        new = NewLoopSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        options = LoopOptions(
            scenarios=asked["scenarios"],
            strategy_text=asked.get("strategy", ""),
            seed=asked.get("seed", 0),
            via=asked["via"],
            labelling=asked["labelling"],
            dataset=asked["dataset"],
            base=str(find_version(asked["base_version"])) if asked["base_version"] else "",
            trainer=asked["trainer"],
            raise_shares=asked["raise_shares"],
            patience=asked["patience"],
            from_first=asked["from_first"],
        )
        return self._rung(
            lambda: start_loop(
                first_run=run_of(asked), budget=asked["budget"], rounds=asked["rounds"], options=options,
                user=request.user,
            )
        )  # fmt: skip

    @extend_schema(
        summary="Stop a loop",
        description="Its round stays where it is, and can go on by itself.",
        request=None,
        responses={200: LoopSerializer, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        stop_loop(loop=self.get_object())
        return Response(LoopSerializer(self.get_object()).data)

    @extend_schema(
        summary="Resume a loop",
        description="One that was stopped, or whose job failed.",
        request=None,
        responses={202: LoopSerializer, 409: NOT_NOW},
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        return self._rung(lambda: resume_loop(loop=self.get_object(), user=request.user))

    def _rung(self, verb: Callable[[], Loop]) -> Response:
        with transaction.atomic():
            loop = verb()
            assert loop.job is not None
            transaction.on_commit(partial(ring_job, loop.job.pk))
        return Response(LoopSerializer(self.get_queryset().get(pk=loop.pk)).data, status=HTTPStatus.ACCEPTED)
