"""Comparisons: two models over a suite, on exactly the same frames."""

from http import HTTPStatus

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.data_exports import AnyAccept
from curation.api.dataset_fields import Strict
from curation.api.errors import Problem, Refused
from curation.services.datasets import find_version
from evaluation.api.asked_jobs import AskedJobs
from evaluation.api.comparison_fields import AskedJobSerializer, ModelComparisonSerializer, NewComparisonSerializer
from evaluation.api.report_answers import FILES, report_answers, report_response
from evaluation.api.test_run_fields import chosen_options
from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import from_plain
from evaluation.core.reports.comparison import COMPARISON_REPORTS
from evaluation.services.comparing import KIND, request_comparison
from evaluation.services.model_registry import find_model
from evaluation.services.suites import find_suite

WIDTH = 120
KINDS = {kind: FILES[kind] for kind in COMPARISON_REPORTS}
NEWER = OpenApiExample(
    "Is the new one better?", value={"suite": "street", "before": "people-v3", "after": "people-v4"}, request_only=True
)
NOT_DONE = OpenApiResponse(Problem, description="It is not done (`not_done`).")


class ComparisonReportQuery(Strict):
    kind = serializers.ChoiceField(list(COMPARISON_REPORTS), default="markdown")


@extend_schema_view(list=extend_schema(summary="List comparisons of models, newest first"))
class ComparisonViewSet(AskedJobs):
    """A comparison is a job; its id is the job's, and /jobs/ID/cancel/ stops it."""

    kind = KIND

    @extend_schema(summary="Show a comparison of models", responses=ModelComparisonSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """For each scenario which model is better, and the objects that were fixed and broken."""
        return Response(ModelComparisonSerializer(self.get_object()).data)

    @extend_schema(
        summary="Compare two models",
        description="Workers take it up at once; predictions and looks that are not there are made first. Poll it "
        "until `record` is there.",
        request=NewComparisonSerializer,
        responses={
            202: AskedJobSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such suite, model or dataset version."),
            409: OpenApiResponse(Problem, description="The version is locked (`locked`)."),
        },
        examples=[NEWER],
    )
    def create(self, request: Request) -> Response:
        new = NewComparisonSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = new.validated_data
        return self._start(
            lambda: request_comparison(
                suite=find_suite(asked["suite"]),
                model=find_model(asked["before"]),
                other=find_model(asked["after"]),
                version=find_version(asked["dataset"]) if asked["dataset"] else None,
                margin=asked["margin"],
                options=chosen_options(asked),
                user=request.user,
            )
        )

    @extend_schema(
        summary="Download a report of a comparison",
        parameters=[ComparisonReportQuery],
        responses={**report_answers(KINDS), 409: NOT_DONE},
    )
    @action(detail=True, methods=["get"], filter_backends=[], content_negotiation_class=AnyAccept)
    def report(self, request: Request, pk: int) -> HttpResponse:
        """As Markdown, as JSON, or as text for a terminal."""
        asked = ComparisonReportQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        job, kind = self.get_object(), asked.validated_data["kind"]
        if not job.result:
            detail = f"Comparison {job.pk} is not done; its job is {job.state}."
            raise Refused(HTTPStatus.CONFLICT, {"detail": detail, "code": "not_done"})
        record = from_plain(ComparisonRecord, job.result)
        text = COMPARISON_REPORTS[kind](record, width=WIDTH, color=False)
        return report_response(text, kind=kind, name=f"{record.model_a}-{record.model_b}-{job.pk}")
