"""Metrics: what a scenario can ask for."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.core.params import schema
from evaluation.api.resource import Guarded
from evaluation.core.metrics import METRICS, Metric
from evaluation.core.suite import AREAS, Options, ScoreFrom
from evaluation.core.visits import Grouping


class MetricSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    help = serializers.CharField(help_text="What it tells.")
    measured_on = serializers.ChoiceField(["boxes", "events"], help_text="Boxes of frames, or events in footage.")
    unit = serializers.CharField(allow_blank=True, help_text="Empty for a share from 0 to 1; else s, 1/h, objects.")
    is_higher_better = serializers.BooleanField()
    parameters = serializers.DictField(help_text="JSON schema of its parameters, with defaults, limits and units.")


class SuitePartsSerializer(serializers.Serializer[Any]):
    metrics = MetricSerializer(many=True, help_text="For `metric`.")
    areas = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        help_text="For `area`: from and to, in square pixels.",
    )
    options = serializers.DictField(help_text="JSON schema of how figures become verdicts.")
    group_by = serializers.DictField(help_text="JSON schema of `group_by`: which frames are independent evidence.")
    score_from = serializers.DictField(help_text="JSON schema of `score_from`.")


class MetricsView(Guarded):
    """The metrics and options that a suite can have; forms can be built from it."""

    http_method_names = ["get", "head"]

    @extend_schema(summary="List metrics and their parameters", responses=SuitePartsSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "metrics": [_described(name, kind) for name, kind in METRICS.items()],
                "areas": {name: list(area) for name, area in AREAS.items()},
                "options": schema(Options),
                "group_by": schema(Grouping),
                "score_from": schema(ScoreFrom),
            }
        )


def _described(name: str, kind: type[Metric]) -> dict[str, Any]:
    return {
        "kind": name,
        "help": " ".join((kind.__doc__ or "").split("\n\n")[0].split()),
        "measured_on": kind.source,
        "unit": kind.unit,
        "is_higher_better": kind.is_higher_better,
        "parameters": schema(kind),
    }
