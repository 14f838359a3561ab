"""What a locked dataset version keeps away from everything else, and the ledger of its uses."""

from django.conf import settings
from django.db import models


class HoldoutBlock(models.Model):
    """A stretch `[start_us, end_us)` of a video that belongs to a hold-out: frames found there later are held too."""

    version = models.ForeignKey("curation.DatasetVersion", on_delete=models.PROTECT, related_name="blocks")
    video = models.ForeignKey("curation.Video", on_delete=models.PROTECT, related_name="+")
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()

    class Meta:
        ordering = ("video", "start_us")
        indexes = [models.Index(fields=("video", "start_us"), name="holdout_block_place")]

    def __str__(self) -> str:
        return f"video {self.video_id} {self.start_us / 1e6:.0f}–{self.end_us / 1e6:.0f} s"


class HeldFrame(models.Model):
    """Why a frame is held out. `Frame.held_out` says the same in one column, for queries."""

    class Reason(models.TextChoices):
        MEMBER = "member", "is in the hold-out"
        BLOCK = "block", "is from a stretch of video that is in the hold-out"
        DUPLICATE = "duplicate", "looks like a frame of the hold-out"

    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="holds")
    version = models.ForeignKey("curation.DatasetVersion", on_delete=models.PROTECT, related_name="held")
    reason = models.CharField(max_length=12, choices=Reason)
    like = models.ForeignKey("curation.Frame", null=True, on_delete=models.SET_NULL, related_name="+")
    similarity = models.FloatField(null=True, help_text="Cosine similarity to that frame, where that is the reason.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("version", "frame"), name="held_frame_once")]

    def __str__(self) -> str:
        return f"frame {self.frame_id} {self.get_reason_display()}"


class HoldoutUse(models.Model):
    """The ledger: each time a hold-out was opened, by whom, for what, and with which figure. Rows are never changed or
    removed; the database refuses it."""

    class Purpose(models.TextChoices):
        EVALUATION = "evaluation", "final evaluation"
        EXPORT = "export", "export for evaluation"

    version = models.ForeignKey("curation.DatasetVersion", on_delete=models.PROTECT, related_name="uses")
    purpose = models.CharField(max_length=12, choices=Purpose)
    model = models.CharField(max_length=200, blank=True, help_text="The model that was evaluated.")
    metric = models.CharField(max_length=80, blank=True)
    value = models.FloatField(null=True, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=150, help_text="Their name at that time, or the account of the shell.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.by_name} {self.get_purpose_display()}"
