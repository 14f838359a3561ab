"""One turn of the feedback loop: from a test run with red scenarios to a model that was tested again."""

from django.conf import settings
from django.db import models


class Round(models.Model):
    """All that made a round is stored: what it started from, its strategy and its seed.

    A state names the step that is next, or under way while `job` is open; `history` says when each was done:
    [{"state", "at", "by", "note"}]. `report` is made when it closes: see core/round_report.py."""

    class State(models.TextChoices):
        SEEDS = "seeds", "looking for what went wrong"
        CANDIDATES = "candidates", "candidates can be looked through"
        LABELLING = "labelling", "with the annotators"
        DATASET = "dataset", "making the dataset version"
        TRAINING = "training", "training"
        RETEST = "retest", "testing again"
        CLOSED = "closed", "closed"
        ABANDONED = "abandoned", "abandoned"

    loop = models.ForeignKey("activelearning.Loop", null=True, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField(default=1, help_text="Its place in its loop, from 1.")
    test_run = models.ForeignKey("evaluation.TestRun", on_delete=models.PROTECT, related_name="rounds")
    scenarios = models.JSONField(help_text="The names of those it is about.")
    budget = models.PositiveIntegerField(help_text="Frames to label at most.")
    seed = models.BigIntegerField(default=0)
    strategy_text = models.TextField(help_text="The YAML as it was written.")
    strategy = models.JSONField(help_text="The same, every default written out.")
    is_automatic = models.BooleanField(default=False, help_text="Goes on by itself: nobody looks through candidates.")
    via = models.CharField(max_length=12, blank=True, help_text="How its frames are labelled: see LabelBatch.Via.")
    labelling = models.JSONField(default=dict, help_text="Settings of its batch: project, merge, least_score, …")
    dataset = models.CharField(max_length=80, blank=True, help_text="The dataset that its labels are added to.")
    base_version = models.ForeignKey(
        "curation.DatasetVersion", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="What the model is trained on besides.",
    )  # fmt: skip
    version = models.ForeignKey("curation.DatasetVersion", null=True, on_delete=models.PROTECT, related_name="rounds")
    trainer = models.JSONField(default=dict, help_text="Trainer and its settings: see backends/training.")
    raise_shares = models.JSONField(
        default=dict, help_text='Shares of scenarios in the training set: {"partly hidden": 0.3}.'
    )
    training = models.ForeignKey(
        "activelearning.Training", null=True, on_delete=models.PROTECT, related_name="rounds"
    )  # fmt: skip
    retest = models.ForeignKey("evaluation.TestRun", null=True, on_delete=models.PROTECT, related_name="retest_of")
    arms = models.JSONField(
        default=dict,
        help_text='The control: {"strategy": {"version", "training", "test_run"}, "control": {…}}, by id.',
    )
    state = models.CharField(max_length=10, choices=State, default=State.SEEDS)
    history = models.JSONField(default=list)
    notes = models.JSONField(default=list, help_text="What a reader must know: why fewer candidates came, …")
    report = models.JSONField(default=dict)
    job = models.ForeignKey("curation.Job", null=True, on_delete=models.SET_NULL, related_name="rounds")
    code_version = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("loop", "number"), condition=models.Q(loop__isnull=False), name="round_number"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"round {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state not in (self.State.CLOSED, self.State.ABANDONED)
