"""What loops look like from outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activelearning.models import Loop, Round
from curation.api.jobs import JobSerializer


class LoopSerializer(serializers.ModelSerializer[Loop]):
    suite = serializers.CharField(source="suite.__str__", read_only=True, help_text="name@number.")
    model = serializers.CharField(source="first_run.model.name", read_only=True, help_text="The one it began with.")
    options = serializers.DictField(read_only=True, help_text="What each round is asked with; when it gives up.")
    ended = serializers.SerializerMethodField(help_text="Why it is over; null while it is not.")
    job = JobSerializer(read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Loop
        fields = [
            "id", "suite", "model", "first_run", "budget", "most_rounds", "options", "ended", "reason", "job",
            "created_by", "created_at", "finished_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(Loop.Ended.choices, allow_null=True))
    def get_ended(self, loop: Loop) -> str | None:
        return loop.ended or None


class LoopRoundSerializer(serializers.ModelSerializer[Round]):
    verdict = serializers.CharField(
        source="retest.verdict", read_only=True, default=None, allow_null=True, help_text="Of its re-test."
    )
    model = serializers.CharField(
        source="retest.model.name", read_only=True, default=None, allow_null=True, help_text="What it was taught to."
    )
    labels = serializers.SerializerMethodField(help_text="Frames that were labelled; null until it is closed.")
    sentence = serializers.SerializerMethodField(help_text="What it brought; empty until it is closed.")

    class Meta:
        model = Round
        fields = ["id", "number", "state", "budget", "retest", "verdict", "model", "labels", "sentence"]

    def get_labels(self, round: Round) -> int | None:
        found = round.report.get("spent", {}).get("frames")
        return found if isinstance(found, int) else None

    def get_sentence(self, round: Round) -> str:
        return str(round.report.get("sentence") or "")


class WholeLoopSerializer(LoopSerializer):
    rounds = serializers.SerializerMethodField(help_text="The first one first.")

    class Meta(LoopSerializer.Meta):
        fields = [*LoopSerializer.Meta.fields, "rounds"]

    @extend_schema_field(LoopRoundSerializer(many=True))
    def get_rounds(self, loop: Loop) -> list[dict[str, Any]]:
        rounds = loop.rounds.select_related("retest__model").defer("retest__record").order_by("number")
        shown: Any = LoopRoundSerializer(rounds, many=True).data
        return list(shown)
