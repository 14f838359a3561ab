"""What comparisons of two models look like from outside, and what is asked of them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.api.floats import FiniteFloat
from curation.models import Job
from evaluation.api.test_run_fields import OptionsSerializer

CHANGES = ["better", "worse", "same", "unknown"]


class NewComparisonSerializer(OptionsSerializer):
    before = serializers.CharField(max_length=80, help_text="The model that came before.")
    after = serializers.CharField(max_length=80, help_text="The model that is to be better.")
    margin = FiniteFloat(
        default=0.01, min_value=0, max_value=999_999, help_text="Smaller differences, up or down, are none."
    )


class AskedJobSerializer(serializers.ModelSerializer[Job]):
    """A job of evaluation without its result, which may be large."""

    asked = serializers.DictField(source="params", read_only=True, help_text="What was asked for.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id", "state", "done", "total", "doing", "error", "asked", "created_by", "created_at", "started_at",
            "finished_at",
        ]  # fmt: skip


class ChangedObjectSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields out of the class
    frame_id = serializers.IntegerField()
    identity = serializers.CharField()
    box = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4,
        help_text="x1, y1, x2, y2 in pixels of the upright frame.",
    )  # fmt: skip
    score_a = serializers.FloatField(allow_null=True, help_text="At which the model before found it; null: it did not.")
    score_b = serializers.FloatField(allow_null=True, help_text="The same of the model after.")
    image = serializers.CharField(allow_blank=True)
    camera = serializers.CharField(allow_blank=True)
    video = serializers.CharField(allow_blank=True)
    pts_us = serializers.IntegerField()


class ScenarioComparisonSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    critical = serializers.BooleanField()
    metric = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    is_higher_better = serializers.BooleanField()
    a = serializers.FloatField(allow_null=True, help_text="The figure of the model before.")
    b = serializers.FloatField(allow_null=True, help_text="The figure of the model after.")
    difference = serializers.FloatField(allow_null=True, help_text="b - a.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    verdict = serializers.ChoiceField(CHANGES, help_text="Of the model after.")
    reason = serializers.CharField()
    images = serializers.IntegerField()
    instances = serializers.IntegerField()
    groups = serializers.IntegerField()
    link_query = serializers.CharField(allow_blank=True)
    fixed_count = serializers.IntegerField(help_text="Objects that only the model after finds.")
    broken_count = serializers.IntegerField(help_text="Objects that only the model before finds.")
    fixed = ChangedObjectSerializer(many=True, help_text="The first of them.")
    broken = ChangedObjectSerializer(many=True)


class ComparedSerializer(serializers.Serializer[Any]):
    suite = serializers.CharField()
    dataset = serializers.CharField(allow_blank=True)
    dataset_sha256 = serializers.CharField(allow_blank=True)
    model_a = serializers.CharField(help_text="The model before.")
    model_a_sha256 = serializers.CharField(allow_blank=True)
    model_b = serializers.CharField(help_text="The model after.")
    model_b_sha256 = serializers.CharField(allow_blank=True)
    margin = serializers.FloatField()
    options = serializers.DictField()
    code_version = serializers.CharField()
    created_at = serializers.CharField()
    scenarios = ScenarioComparisonSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class ModelComparisonSerializer(AskedJobSerializer):
    record = serializers.SerializerMethodField(help_text="What came of it; null until it is done.")

    class Meta(AskedJobSerializer.Meta):
        fields = [*AskedJobSerializer.Meta.fields, "record"]

    @extend_schema_field(ComparedSerializer(allow_null=True))
    def get_record(self, job: Job) -> dict[str, Any] | None:
        return job.result or None
