"""Test runs: a model held against a suite, by a job; verdicts, scenarios, reports."""

from functools import partial
from http import HTTPStatus

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.data_exports import AnyAccept
from curation.api.errors import Problem, Refused
from curation.api.paging import NewestFirst
from curation.api.roles import Role, role_of
from curation.doorbell import ring_job
from curation.services.datasets import find_version
from evaluation.api.numbered import numbered
from evaluation.api.report_answers import RunReportQuery, base_url, report_answers, report_response
from evaluation.api.resource import Resource
from evaluation.api.scenario_fields import WholeScenarioSerializer
from evaluation.api.scenario_frames import with_links
from evaluation.api.test_run_fields import (
    NewTestRunSerializer,
    TestRunSerializer,
    WholeTestRunSerializer,
    chosen_options,
)
from evaluation.models import TestRun
from evaluation.services.model_registry import find_model
from evaluation.services.reporting import rendered
from evaluation.services.suites import find_suite
from evaluation.services.test_records import record_of
from evaluation.services.testing import request_test

STREET = OpenApiExample(
    "A model against a suite",
    value={"suite": "street", "model": "people-v4", "dataset": "street@4", "baseline": "people-v3"},
    request_only=True,
)
FINAL = OpenApiExample(
    "The final evaluation", value={"suite": "street", "model": "people-v4", "dataset": "street@5", "final": True},
    request_only=True,
)  # fmt: skip
NOT_DONE = OpenApiResponse(Problem, description="It is not done (`not_done`); its job says how far it is.")


class TestRunFilters(filters.FilterSet):  # type: ignore[misc]
    __test__ = False
    suite = filters.CharFilter(method="of_suite", help_text="A suite, street, or one version of it, street@3.")
    model = filters.CharFilter("model__name", help_text="Name of the model.")
    dataset = filters.CharFilter(method="on_dataset", help_text="A dataset, street, or one version of it, street@4.")
    verdict = filters.ChoiceFilter(choices=TestRun.Verdict.choices)
    final = filters.BooleanFilter("is_final", help_text="Only final evaluations, or none.")
    state = filters.CharFilter("job__state", help_text="The job's: queued, running, done, failed, cancelled.")

    def of_suite(self, runs: QuerySet[TestRun], name: str, value: str) -> QuerySet[TestRun]:
        return numbered(runs, value, named="suite__suite__name", number="suite__number")

    def on_dataset(self, runs: QuerySet[TestRun], name: str, value: str) -> QuerySet[TestRun]:
        return numbered(runs, value, named="version__dataset__name", number="version__number")


@extend_schema_view(list=extend_schema(summary="List test runs, newest first"))
class TestRunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource[TestRun]):
    """What a run says is stored whole and never changes; its reports can be made again, byte for byte."""

    __test__ = False
    queryset: QuerySet[TestRun] = (
        TestRun.objects.select_related(
            "suite__suite", "model", "baseline", "version__dataset", "job__created_by", "created_by"
        )
        .defer("suite__text", "suite__spec")
        .order_by("-id")
    )
    serializer_class = TestRunSerializer
    filterset_class = TestRunFilters
    pagination_class = NewestFirst
    http_method_names = ["get", "post", "head"]

    @extend_schema(
        summary="Show a test run",
        description="Its verdict, its readiness, and each scenario; `scenarios/POSITION/` has the rest of one.",
        responses=WholeTestRunSerializer,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(WholeTestRunSerializer(self.get_object()).data)

    @extend_schema(
        summary="Hold a model against a suite",
        description="Workers take it up at once; predictions and looks that are not there are made first. Poll it "
        "until `verdict` is there, or its job. A locked version is tested by a final evaluation alone: `final`, which "
        "needs the role admin and is written in the hold-out's ledger.",
        request=NewTestRunSerializer,
        responses={
            202: TestRunSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such suite, model or dataset version."),
            409: OpenApiResponse(Problem, description="The version is locked (`locked`), or not (`not_locked`)."),
        },
        examples=[STREET, FINAL],
    )
    def create(self, request: Request) -> Response:
        new = NewTestRunSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        if asked["final"] and role_of(request.user) < Role.ADMIN:
            raise PermissionDenied("Only an admin may open a hold-out for a final evaluation.")
        with transaction.atomic():
            run = request_test(
                suite=find_suite(asked["suite"]),
                model=find_model(asked["model"]),
                version=find_version(asked["dataset"]) if asked["dataset"] else None,
                baseline=find_model(asked["baseline"]) if asked["baseline"] else None,
                options=chosen_options(asked),
                user=request.user,
                by_name=request.user.get_username(),
                is_final=asked["final"],
            )
            assert run.job is not None
            transaction.on_commit(partial(ring_job, run.job.pk))
        return Response(self.get_serializer(run).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        summary="Show a scenario of a test run",
        description="With errors by kind, confusion, curves, and the worst frames with the boxes to draw on them.",
        responses=WholeScenarioSerializer,
    )
    @action(detail=True, methods=["get"], url_path="scenarios/<int:position>", filter_backends=[])
    def scenarios(self, request: Request, pk: int, position: int) -> Response:
        row = self.get_object().results.filter(position=position).first()
        if row is None:
            raise NotFound(f"Test run {pk} has no scenario {position}: none at all until it is done.")
        return Response(WholeScenarioSerializer(with_links(row, request)).data)

    @extend_schema(
        summary="Download a report of a test run",
        description="As an HTML page, as JUnit XML, Markdown or JSON, or as text for a terminal. JSON's shape is told "
        "by evaluation/core/reports/schema.json.",
        parameters=[RunReportQuery],
        responses={**report_answers(), 409: NOT_DONE},
    )
    @action(detail=True, methods=["get"], filter_backends=[], content_negotiation_class=AnyAccept)
    def report(self, request: Request, pk: int) -> HttpResponse:
        asked = RunReportQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        run, kind = self.get_object(), asked.validated_data["kind"]
        if not run.is_done:
            detail = f"Test run {run.pk} is not done; its job is {run.job.state if run.job else 'gone'}."
            raise Refused(HTTPStatus.CONFLICT, {"detail": detail, "code": "not_done"})
        text = rendered(record_of(run), kind, base_url=base_url(request))
        name = f"{run.suite.suite.name}-{run.model.name}-{run.pk}"
        return report_response(text, kind=kind, name=name, is_inline=asked.validated_data["inline"])
