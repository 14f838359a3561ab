"""What test runs look like from outside, and what is asked of them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.api.dataset_fields import Strict
from curation.api.floats import FiniteFloat
from curation.api.jobs import JobSerializer
from evaluation.api.scenario_fields import ReadinessSerializer, ScenarioSerializer
from evaluation.core.suite import Options
from evaluation.models import TestRun
from evaluation.services.result_rows import light_results

USUAL = Options()
OPTIONS = ("seed", "replicates", "confidence", "mode")


class OptionsSerializer(Strict):
    """What is not said is as the suite has it."""

    suite = serializers.CharField(max_length=100, help_text="A stored suite, street@3; without a number the newest.")
    dataset = serializers.CharField(
        default="", allow_blank=True, max_length=100, help_text="A dataset version, street@4. Default: the suite's."
    )
    seed = serializers.IntegerField(required=False, min_value=0, max_value=2**31, help_text="Same seed, same interval.")
    replicates = serializers.IntegerField(required=False, min_value=50, max_value=20_000, help_text="Draws of groups.")
    confidence = FiniteFloat(required=False, min_value=0.5, max_value=0.999, help_text="Of the intervals.")
    mode = serializers.ChoiceField(
        ["interval", "simple"], required=False, help_text="simple: the figure alone decides."
    )  # fmt: skip


class NewTestRunSerializer(OptionsSerializer):
    model = serializers.CharField(max_length=80, help_text="The model's name.")
    baseline = serializers.CharField(
        default="", allow_blank=True, max_length=80, help_text="The model that relative scenarios refer to."
    )
    final = serializers.BooleanField(
        default=False,
        help_text="The final evaluation on a locked hold-out. It is written in its ledger; only an admin may.",
    )


class TestRunSerializer(serializers.ModelSerializer[TestRun]):
    __test__ = False  # pytest would take it for a test
    suite = serializers.CharField(source="suite.__str__", read_only=True, help_text="name@number.")
    model = serializers.CharField(source="model.name", read_only=True)
    baseline = serializers.CharField(source="baseline.name", read_only=True, default=None, allow_null=True)
    dataset = serializers.SerializerMethodField(help_text="name@number; null where only events were measured.")
    options = serializers.DictField(read_only=True, help_text="Every option written out.")
    verdict = serializers.SerializerMethodField(help_text="null until it is done.")
    readiness = serializers.SerializerMethodField(help_text="null until it is done.")
    job = JobSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = TestRun
        fields = [
            "id", "suite", "model", "baseline", "dataset", "is_final", "options", "verdict", "readiness", "job",
            "code_version", "created_by", "created_at", "finished_at",
        ]  # fmt: skip

    def get_dataset(self, run: TestRun) -> str | None:
        return str(run.version) if run.version else None

    @extend_schema_field(serializers.ChoiceField(TestRun.Verdict.choices, allow_null=True))
    def get_verdict(self, run: TestRun) -> str | None:
        return run.verdict or None

    @extend_schema_field(ReadinessSerializer(allow_null=True))
    def get_readiness(self, run: TestRun) -> dict[str, Any] | None:
        found: dict[str, Any] | None = run.record.get("readiness")
        return found


class CountsSerializer(serializers.Serializer[Any]):
    failed = serializers.IntegerField()
    inconclusive = serializers.IntegerField()
    passed = serializers.IntegerField()


class WholeTestRunSerializer(TestRunSerializer):
    previous_uses = serializers.IntegerField(
        source="record.previous_uses", read_only=True, default=0,
        help_text="Of a final evaluation: how often the hold-out was used before.",
    )  # fmt: skip
    notes = serializers.ListField(
        source="record.notes", child=serializers.CharField(), read_only=True, default=list,
        help_text="What a reader of the figures must know.",
    )  # fmt: skip
    counts = CountsSerializer(read_only=True, help_text="Scenarios by verdict.")
    scenarios = ScenarioSerializer(many=True, read_only=True, help_text="In the suite's order; none until it is done.")

    class Meta(TestRunSerializer.Meta):
        fields = [*TestRunSerializer.Meta.fields, "previous_uses", "notes", "counts", "scenarios"]

    def to_representation(self, run: TestRun) -> dict[str, Any]:
        scenarios = light_results(run)
        found = [one["verdict"] for one in scenarios]
        named = {"failed": "fail", "inconclusive": "inconclusive", "passed": "pass"}
        run.scenarios = scenarios  # type: ignore[attr-defined]
        run.counts = {name: found.count(verdict) for name, verdict in named.items()}  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(run)
        return shown


def chosen_options(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were said."""
    return {name: asked[name] for name in OPTIONS if name in asked}
