"""Labels that several signals contradict, and what a person said of them."""

from django.conf import settings
from django.db import models


class LabelReview(models.Model):
    """One suspect label of a frame. While it is open, or found wrong, tests leave that object out (as COCO leaves a
    crowd out), and say so."""

    class Kind(models.TextChoices):
        MISSING = "missing", "an object without a label"
        SPURIOUS = "spurious", "a label without an object"
        WRONG_LABEL = "wrong_label", "an object with another label"
        WRONG_BOX = "wrong_box", "a box that does not fit"

    class State(models.TextChoices):
        OPEN = "open", "to be looked at"
        RIGHT = "right", "the label is right"
        WRONG = "wrong", "the label is wrong"

    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="label_reviews")
    kind = models.CharField(max_length=12, choices=Kind)
    label = models.CharField(max_length=80, help_text="As it is labelled; of a missing one, what it should be.")
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    suspicion = models.FloatField(help_text="0 to 1: how much contradicts it.")
    reasons = models.JSONField(default=list, help_text='["two models see nothing here"]')
    test_run = models.ForeignKey(
        "evaluation.TestRun", null=True, on_delete=models.SET_NULL, related_name="label_reviews"
    )  # fmt: skip
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    note = models.TextField(blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-suspicion", "id")
        constraints = [
            models.UniqueConstraint(fields=("frame", "kind", "label", "x1", "y1", "x2", "y2"), name="label_review_once")
        ]

    def __str__(self) -> str:
        return f"{self.label} in frame {self.frame_id}: {self.state}"
