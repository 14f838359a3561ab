"""Trends: how each scenario of a suite went over model versions."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.dataset_fields import Strict
from curation.api.errors import Problem
from evaluation.api.resource import Guarded
from evaluation.api.scenario_fields import ReadinessSerializer
from evaluation.models import ScenarioResult
from evaluation.services.trends import runs_of_trend

FIGURES = ("value", "low", "high", "threshold", "verdict")


class TrendQuery(Strict):
    suite = serializers.CharField(max_length=100, help_text="A suite, street, or one version of it, street@3.")
    dataset = serializers.CharField(
        default="", allow_blank=True, max_length=100, help_text="Only runs on this dataset version, street@4."
    )


class TrendRunSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the test run.")
    model = serializers.CharField()
    suite = serializers.CharField()
    dataset = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    readiness = ReadinessSerializer()


class TrendPointSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    verdict = serializers.ChoiceField(ScenarioResult.Verdict.choices)


class TrendScenarioSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    critical = serializers.BooleanField(help_text="As it was last.")
    points = serializers.ListField(
        child=TrendPointSerializer(allow_null=True), help_text="One a run; null where it was not in that suite."
    )


class TrendSerializer(serializers.Serializer[Any]):
    runs = TrendRunSerializer(many=True, help_text="The newest of each model, the oldest model first.")
    scenarios = TrendScenarioSerializer(many=True, help_text="In the newest suite's order; those that went, last.")


class TrendsView(Guarded):
    """Final evaluations are left out: they are on other frames."""

    http_method_names = ["get", "head"]

    @extend_schema(
        summary="Show how scenarios went over model versions",
        parameters=[TrendQuery],
        responses={
            200: TrendSerializer,
            404: OpenApiResponse(Problem, description="There is no such suite or dataset version."),
        },
    )
    def get(self, request: Request) -> Response:
        asked = TrendQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        runs = runs_of_trend(asked.validated_data["suite"], dataset=asked.validated_data["dataset"])
        shown = [
            {
                "id": run.pk,
                "model": run.model.name,
                "suite": str(run.suite),
                "dataset": str(run.version) if run.version else None,
                "created_at": run.created_at,
                "readiness": run.record["readiness"],
            }
            for run in runs
        ]
        places = {run.pk: place for place, run in enumerate(runs)}
        return Response(TrendSerializer({"runs": shown, "scenarios": _scenarios(places)}).data)


def _scenarios(places: dict[int, int]) -> list[dict[str, Any]]:
    """Put the figures of each scenario side by side, the newest run's scenarios first. One query."""
    rows = ScenarioResult.objects.filter(run__in=places).values("run_id", "position", "name", "critical", *FIGURES)
    told: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (-places[row["run_id"]], row["position"])):
        new = {"name": row["name"], "critical": row["critical"], "points": [None] * len(places)}
        one = told.setdefault(row["name"], new)
        one["points"][places[row["run_id"]]] = {name: row[name] for name in FIGURES}
    return list(told.values())
