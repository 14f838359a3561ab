"""One frame that people are asked to label."""

import uuid

from django.db import models
from django.db.models import Q


class LabelTask(models.Model):
    """A frame in a batch. `number` is the task's id at Label Studio, null until it is known to be there.

    A frame is in one open task at most: the database refuses a second."""

    class State(models.TextChoices):
        WAITING = "waiting", "not sent yet"
        SENT = "sent", "with the annotators"
        LABELLED = "labelled", "labelled"
        SKIPPED = "skipped", "skipped by its annotators"
        GONE = "gone", "deleted there"
        DROPPED = "dropped", "taken out here"

    batch = models.ForeignKey("activelearning.LabelBatch", on_delete=models.CASCADE, related_name="tasks")
    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="label_tasks")
    project = models.ForeignKey(
        "activelearning.LabelProject", null=True, on_delete=models.PROTECT, related_name="tasks",
        help_text="The batch's, repeated so that a frame is one task of a project.",
    )  # fmt: skip
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="What the task there is found by: `data.winnow`.")
    number = models.PositiveBigIntegerField(null=True, help_text="The task's id at Label Studio.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    predicted_by = models.ForeignKey("evaluation.ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    predicted = models.JSONField(
        default=list, help_text='The pre-annotation as it was sent: [{"label", "score", "box": [x1, y1, x2, y2]}].'
    )
    agreement = models.FloatField(null=True, help_text="Matched IoU between its annotators, 0 to 1; null of one.")
    changes = models.JSONField(
        default=dict, help_text='Against the pre-annotation: {"kept", "moved", "relabelled", "added", "removed"}.'
    )
    note = models.CharField(max_length=300, blank=True, help_text="Why it is in its state, where that needs a word.")
    sent_at = models.DateTimeField(null=True)
    labelled_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("batch", "id")
        constraints = [
            models.UniqueConstraint(fields=("batch", "frame"), name="label_task_once_in_batch"),
            models.UniqueConstraint(
                fields=("frame",), condition=Q(state__in=("waiting", "sent")), name="label_task_open_once"
            ),
            models.UniqueConstraint(
                fields=("project", "number"), condition=Q(number__isnull=False), name="label_task_number"
            ),
        ]
        indexes = [models.Index(fields=("batch", "state"), name="label_task_state")]

    def __str__(self) -> str:
        return f"frame {self.frame_id} in batch {self.batch_id}"
