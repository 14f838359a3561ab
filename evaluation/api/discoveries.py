"""Discoveries: the slices in which a model is worst, whatever the suites say."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation.api.dataset_fields import Strict
from curation.api.errors import Problem
from curation.models import Job
from curation.services.datasets import find_version
from evaluation.api.asked_jobs import AskedJobs
from evaluation.api.comparison_fields import AskedJobSerializer
from evaluation.services.discovery import KIND, request_discovery, suite_text
from evaluation.services.model_registry import find_model

PEOPLE = OpenApiExample(
    "Where people are missed", value={"model": "people-v4", "dataset": "street@4", "labels": ["person"]},
    request_only=True,
)  # fmt: skip


class NewDiscoverySerializer(Strict):
    model = serializers.CharField(max_length=80, help_text="The model's name.")
    dataset = serializers.CharField(max_length=100, help_text="A dataset version, street@4.")
    labels = serializers.ListField(
        child=serializers.CharField(max_length=80),
        default=list,
        max_length=1_000,
        help_text="Only these; all by default.",
    )
    factors = serializers.ListField(
        child=serializers.CharField(max_length=80),
        default=list,
        max_length=200,
        help_text="Only these; all by default.",
    )
    query = serializers.CharField(
        default="", allow_blank=True, max_length=4000, help_text="Only frames of the version that match."
    )
    most_factors = serializers.IntegerField(default=3, min_value=1, max_value=3, help_text="Combined at most.")
    least_images = serializers.IntegerField(
        default=20, min_value=1, max_value=10**6, help_text="Smaller slices are left out."
    )
    least_groups = serializers.IntegerField(
        default=5, min_value=2, max_value=10**6, help_text="Slices of fewer independent groups are left out."
    )
    limit = serializers.IntegerField(default=20, min_value=1, max_value=1_000, help_text="List at most so many.")
    clusters = serializers.IntegerField(
        default=0, min_value=0, max_value=200, help_text="Also so many clusters of frames that look alike."
    )


class SliceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    query = serializers.CharField(allow_blank=True, help_text="Empty of clusters, which no query can name.")
    conditions = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        help_text="[factor, value], of each factor.",
    )
    hits = serializers.IntegerField(help_text="Objects that are right in it.")
    of = serializers.IntegerField(help_text="Of so many, false alarms included.")
    rate = serializers.FloatField(help_text="Share of objects that are right in it.")
    rest_rate = serializers.FloatField(help_text="The same elsewhere.")
    images = serializers.IntegerField()
    groups = serializers.IntegerField(help_text="Independent groups.")
    recall = serializers.FloatField(allow_null=True)
    precision = serializers.FloatField(allow_null=True)
    missed = serializers.IntegerField()
    false_alarms = serializers.IntegerField()
    p = serializers.FloatField(help_text="Of this slice alone.")
    q = serializers.FloatField(help_text="At most this share of the slices up to here is expected to be chance.")
    also = serializers.ListField(child=serializers.CharField(), help_text="Slices of nearly the same images.")


class DiscoveredSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    dataset = serializers.CharField()
    labels = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField(help_text="At which boxes counted.")
    overall = serializers.FloatField(help_text="Share of all objects that are right.")
    tested = serializers.IntegerField(help_text="Slices that were compared with the rest.")
    slices = SliceSerializer(many=True, help_text="The worst first.")


class DiscoverySerializer(AskedJobSerializer):
    result = serializers.SerializerMethodField(help_text="null until it is done.")
    suite = serializers.SerializerMethodField(help_text="YAML: a scenario for each slice, ready for /suites/.")

    class Meta(AskedJobSerializer.Meta):
        fields = [*AskedJobSerializer.Meta.fields, "result", "suite"]

    @extend_schema_field(DiscoveredSerializer(allow_null=True))
    def get_result(self, job: Job) -> dict[str, Any] | None:
        return job.result or None

    def get_suite(self, job: Job) -> str | None:
        return suite_text(job.result) if job.result.get("slices") else None


@extend_schema_view(list=extend_schema(summary="List searches for slices, newest first"))
class DiscoveryViewSet(AskedJobs):
    """A search is a job; its id is the job's, and /jobs/ID/cancel/ stops it."""

    kind = KIND

    @extend_schema(summary="Show what a search for slices found", responses=DiscoverySerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(DiscoverySerializer(self.get_object()).data)

    @extend_schema(
        summary="Look for slices in which a model is worst",
        description="Over combinations of up to three factors of the version's frozen tags, corrected for the many "
        "comparisons. Poll it until `result` is there.",
        request=NewDiscoverySerializer,
        responses={
            202: AskedJobSerializer,
            400: OpenApiResponse(Problem, description="The message says what would be right."),
            404: OpenApiResponse(Problem, description="There is no such model or dataset version."),
            409: OpenApiResponse(Problem, description="The version is locked (`locked`)."),
        },
        examples=[PEOPLE],
    )
    def create(self, request: Request) -> Response:
        new = NewDiscoverySerializer(data=request.data)
        new.is_valid(raise_exception=True)
        asked = dict(new.validated_data)
        model, version = asked.pop("model"), asked.pop("dataset")
        return self._start(
            lambda: request_discovery(
                model=find_model(model), version=find_version(version), user=request.user, **asked
            )
        )
