"""What rounds look like from outside."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activelearning.models import Candidate, LabelBatch, LabelTask, Round, Seed, Training
from activelearning.services.batch_progress import counts_of
from activelearning.services.round_counts import candidate_counts, seed_counts
from curation.api.jobs import JobSerializer
from curation.models import Job


class RoundSerializer(serializers.ModelSerializer[Round]):
    suite = serializers.CharField(source="test_run.suite.__str__", read_only=True, help_text="name@number.")
    model = serializers.CharField(source="test_run.model.name", read_only=True, help_text="The one that was tested.")
    scenarios = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="The names of those it is about."
    )
    strategy = serializers.CharField(source="strategy.name", read_only=True, default="", help_text="Its name.")
    job = JobSerializer(read_only=True, allow_null=True, help_text="Of the step that is next or under way.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Round
        fields = [
            "id", "loop", "number", "test_run", "suite", "model", "scenarios", "budget", "seed", "strategy", "via",
            "is_automatic", "state", "version", "training", "retest", "job", "created_by", "created_at", "closed_at",
        ]  # fmt: skip


class StepSerializer(serializers.Serializer[Any]):
    state = serializers.CharField(help_text="The state whose step was done.")
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_blank=True, required=False)
    note = serializers.CharField(allow_blank=True, required=False)


class SeedCountSerializer(serializers.Serializer[Any]):
    scenario = serializers.CharField()
    kind = serializers.ChoiceField(Seed.Kind.choices)
    count = serializers.IntegerField()


class CandidateCountSerializer(serializers.Serializer[Any]):
    arm = serializers.ChoiceField(Candidate.Arm.choices)
    kept = serializers.IntegerField()
    dropped = serializers.IntegerField(help_text="By a person.")


class RoundBatchSerializer(serializers.ModelSerializer[LabelBatch]):
    project = serializers.CharField(source="project.title", read_only=True, default=None, allow_null=True)
    tasks = serializers.SerializerMethodField(help_text="Without those that were taken out here.")
    waiting = serializers.IntegerField(source="counts.waiting", read_only=True, help_text="Not sent yet.")
    sent = serializers.IntegerField(source="counts.sent", read_only=True, help_text="With the annotators.")
    labelled = serializers.IntegerField(source="counts.labelled", read_only=True)
    skipped = serializers.IntegerField(source="counts.skipped", read_only=True)
    gone = serializers.IntegerField(source="counts.gone", read_only=True, help_text="Deleted there.")

    class Meta:
        model = LabelBatch
        fields = [
            "id", "name", "via", "state", "project", "tasks", "waiting", "sent", "labelled", "skipped", "gone",
        ]  # fmt: skip

    def get_tasks(self, batch: Any) -> int:
        return sum(count for state, count in batch.counts.items() if state != LabelTask.State.DROPPED)


class RoundTrainingSerializer(serializers.ModelSerializer[Training]):
    state = serializers.ChoiceField(
        Job.State.choices, source="job.state", read_only=True, default=None, allow_null=True
    )  # fmt: skip
    epochs = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="epoch, seconds, losses, figures."
    )
    figures = serializers.DictField(read_only=True, help_text="Of the weights that were taken.")
    model = serializers.CharField(source="model.name", read_only=True, default=None, allow_null=True)

    class Meta:
        model = Training
        fields = ["id", "name", "trainer", "state", "epochs", "figures", "error", "model"]


class WholeRoundSerializer(RoundSerializer):
    strategy_text = serializers.CharField(read_only=True, help_text="The YAML as it was written.")
    strategy_spec = serializers.DictField(source="strategy", read_only=True, help_text="Every default written out.")
    labelling = serializers.DictField(read_only=True, help_text="Settings of its batch.")
    base_version = serializers.SerializerMethodField(help_text="name@number; what is trained on besides.")
    dataset_version = serializers.SerializerMethodField(help_text="name@number; what was made of its labels.")
    trainer = serializers.DictField(read_only=True)
    raise_shares = serializers.DictField(
        child=serializers.FloatField(), read_only=True, help_text="Shares of scenarios in the training set."
    )
    arms = serializers.DictField(read_only=True, help_text="The control arm beside: ids of what each came to.")
    history = StepSerializer(many=True, read_only=True, help_text="Steps that were done, the first one first.")
    notes = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What a reader must know: why fewer candidates came, …"
    )
    seeds = SeedCountSerializer(source="seeds_", many=True, read_only=True, help_text="What went wrong, counted.")
    candidates = CandidateCountSerializer(
        source="candidates_", many=True, read_only=True, help_text="By arm; see candidates/."
    )
    batches = RoundBatchSerializer(source="shown_batches", many=True, read_only=True)
    train = RoundTrainingSerializer(source="training", read_only=True, allow_null=True)
    report = serializers.DictField(read_only=True, help_text="Before and after; empty until it is closed.")

    class Meta(RoundSerializer.Meta):
        fields = [
            *RoundSerializer.Meta.fields, "strategy_text", "strategy_spec", "labelling", "dataset", "base_version",
            "dataset_version", "trainer", "raise_shares", "arms", "history", "notes", "seeds", "candidates", "batches",
            "train", "report", "code_version",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_base_version(self, round: Round) -> str | None:
        return str(round.base_version) if round.base_version else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_dataset_version(self, round: Round) -> str | None:
        return str(round.version) if round.version else None

    def to_representation(self, round: Round) -> dict[str, Any]:
        batches: list[Any] = list(round.batches.select_related("project").order_by("id"))
        counts = counts_of(batches)
        for batch in batches:
            batch.counts = counts[batch.pk]
        seen: Any = round
        seen.shown_batches = batches
        seen.seeds_, seen.candidates_ = seed_counts(round), candidate_counts(round)
        shown: dict[str, Any] = super().to_representation(round)
        return shown
