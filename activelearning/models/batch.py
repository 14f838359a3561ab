"""Frames sent to people to be labelled, together."""

from django.conf import settings
from django.db import models


class LabelBatch(models.Model):
    """A batch goes to a Label Studio project, or out and back as files, or to a truth that is known already (the demo).

    Which answers count where several people labelled a frame is its `merge`: see core/merging."""

    class Via(models.TextChoices):
        LABEL_STUDIO = "label_studio", "Label Studio"
        FILES = "files", "files"
        TRUTH = "truth", "a truth that is known already"

    class State(models.TextChoices):
        OPEN = "open", "frames can still be dropped or added"
        SENDING = "sending", "being sent"
        SENT = "sent", "with the annotators"
        CLOSED = "closed", "closed"

    name = models.CharField(max_length=120)
    round = models.ForeignKey(
        "activelearning.Round", null=True, on_delete=models.PROTECT, related_name="batches"
    )  # fmt: skip
    via = models.CharField(max_length=12, choices=Via)
    project = models.ForeignKey(
        "activelearning.LabelProject", null=True, on_delete=models.PROTECT, related_name="batches"
    )  # fmt: skip
    model = models.ForeignKey(
        "evaluation.ModelVersion", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="Whose predictions are the pre-annotations.",
    )  # fmt: skip
    least_score = models.FloatField(default=0.3, help_text="Boxes below it are not pre-annotated.")
    classes = models.JSONField(default=list, help_text='["person", "jacket"]')
    factors = models.JSONField(default=list, help_text='Factors that people are asked for: ["weather"].')
    merge = models.JSONField(default=dict, help_text='{"policy": "newest", "iou": 0.5}: see core/merging.')
    cost_per_hour = models.FloatField(null=True, help_text="Of an annotator; for the batch's cost.")
    currency = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    job = models.ForeignKey("curation.Job", null=True, on_delete=models.SET_NULL, related_name="label_batches")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name
