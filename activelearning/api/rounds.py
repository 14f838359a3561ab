"""Rounds: from a red scenario to the next model, a step at a time."""

from functools import partial
from http import HTTPStatus

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activelearning.api.asked import asked_of
from activelearning.api.candidate_fields import CandidateSerializer, SeedSerializer
from activelearning.api.candidates import ByRank, CandidateQuery, SeedQuery, candidates_of, seeds_of
from activelearning.api.round_actions import RoundActions
from activelearning.api.round_asked import NewRoundSerializer, run_of
from activelearning.api.round_fields import RoundSerializer, WholeRoundSerializer
from activelearning.core.round_report import RoundReport
from activelearning.core.round_reports import ROUND_REPORTS
from activelearning.models import Round
from activelearning.services.rounds import start_round
from curation.api.data_exports import AnyAccept
from curation.api.dataset_fields import Strict
from curation.api.errors import Problem, Refused
from curation.api.paging import ById, NewestFirst
from curation.doorbell import ring_job
from curation.services.datasets import find_version
from evaluation.api.numbered import numbered
from evaluation.api.report_answers import FILES, report_answers, report_response
from evaluation.core.record_json import from_plain

LISTED = ("test_run__suite__suite", "test_run__model", "job__created_by", "created_by")
SHOWN = ("base_version__dataset", "version__dataset", "training__job", "training__model")
WIDTH = 120
KINDS = {kind: FILES[kind] for kind in ROUND_REPORTS}
RED = OpenApiExample(
    "From what is red in a test run",
    value={
        "test_run": 12, "budget": 200, "strategy": "default", "via": "label_studio", "labelling": {"project": 3},
        "trainer": {"options": {"epochs": 20}}, "raise_shares": {"night": 0.3},
    },
    request_only=True,
)  # fmt: skip
OWN = OpenApiExample(
    "By a strategy of one's own",
    value={
        "suite": "street", "model": "people-v4", "budget": 100, "scenarios": ["night"],
        "strategy": "mine:\n- {kind: similar_boxes, share: 3}\n- entropy\ncontrol: 0.2\n", "via": "files",
    },
    request_only=True,
)  # fmt: skip


class RoundReportQuery(Strict):
    kind = serializers.ChoiceField(list(ROUND_REPORTS), default="markdown")


class RoundFilters(filters.FilterSet):  # type: ignore[misc]
    test_run = filters.NumberFilter(help_text="Id of the test run that it started from.")
    loop = filters.NumberFilter(help_text="Id of the loop.")
    state = filters.ChoiceFilter(choices=Round.State.choices)
    suite = filters.CharFilter(method="of_suite", help_text="A suite, street, or one version of it, street@3.")
    model = filters.CharFilter("test_run__model__name", help_text="Name of the model that was tested.")

    def of_suite(self, rounds: QuerySet[Round], name: str, value: str) -> QuerySet[Round]:
        return numbered(rounds, value, named="test_run__suite__suite__name", number="test_run__suite__number")


@extend_schema_view(list=extend_schema(summary="List rounds, newest first"))
class RoundViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RoundActions):
    """What a round does next is its `state`; its job says how far that is."""

    queryset: QuerySet[Round] = (
        Round.objects.select_related(*LISTED)
        .defer("test_run__record", "test_run__suite__text", "test_run__suite__spec", "report")
        .order_by("-id")
    )
    serializer_class = RoundSerializer
    filterset_class = RoundFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    def get_queryset(self) -> QuerySet[Round]:
        rounds = super().get_queryset()
        return rounds if self.action == "list" else rounds.select_related(*SHOWN).defer("training__log")

    @extend_schema(
        summary="Show a round",
        description="Its strategy, what it found, chose and had labelled, its training, and, once it is closed, "
        "before and after.",
        responses=WholeRoundSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeRoundSerializer(self.get_object()).data)

    @extend_schema(
        summary="Start a round",
        description="Workers look for its candidates at once; poll it until its `state` is candidates. Look through "
        "them, then POST go-on/. A final evaluation on a hold-out never starts a round.",
        request=NewRoundSerializer,
        responses={
            202: RoundSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such suite, model or dataset version."),
            409: OpenApiResponse(
                Problem,
                description="The test run is a final evaluation (`held`), is not done (`not_done`), passes everywhere "
                "(`all_green`), or its model has no weights here (`no_weights`).",
            ),
        },
        examples=[RED, OWN],
    )
    def create(self, request: Request) -> Response:
        new = NewRoundSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        with transaction.atomic():
            round = start_round(
                test_run=run_of(asked),
                budget=asked["budget"],
                scenarios=asked["scenarios"],
                strategy_text=asked.get("strategy", ""),
                seed=asked.get("seed"),
                via=asked["via"],
                labelling=asked["labelling"],
                dataset=asked["dataset"],
                base_version=find_version(asked["base_version"]) if asked["base_version"] else None,
                trainer=asked["trainer"],
                raise_shares=asked["raise_shares"],
                is_automatic=asked["automatic"],
                user=request.user,
            )
            assert round.job is not None
            transaction.on_commit(partial(ring_job, round.job.pk))
        return Response(self.get_serializer(round).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Download the report of a closed round",
        description="Every scenario before and after, what the labels cost, and the control arm: as Markdown, as JSON, "
        "or as text for a terminal.",
        parameters=[RoundReportQuery],
        responses={
            **report_answers(KINDS),
            409: OpenApiResponse(Problem, description="It is not closed (`not_closed`)."),
        },
    )
    @action(detail=True, filter_backends=[], content_negotiation_class=AnyAccept)
    def report(self, request: Request, pk: int) -> HttpResponse:
        round, kind = self.get_object(), asked_of(request, RoundReportQuery)["kind"]
        if not round.report:
            detail = f"Round {round.pk} is at {round.state}; its report comes when it is closed."
            raise Refused(HTTPStatus.CONFLICT, {"detail": detail, "code": "not_closed"})
        text = ROUND_REPORTS[kind](from_plain(RoundReport, round.report), width=WIDTH, color=False)
        return report_response(text, kind=kind, name=f"round-{round.pk}")

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
