"""A kept frame, and which run kept it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F


class Frame(models.Model):
    """A frame worth keeping. Its identity is (video, pts), so two runs that keep the same moment share one row.

    `tags` holds the effective value of each factor, `evidence` where it came from:
    {"lighting": {"source": "tagger", "by": "exposure", "confidence": 1.0}}. Both are merged from the camera's
    attributes and the `Keep` rows, and can be made again from them.
    """

    video = models.ForeignKey("curation.Video", on_delete=models.CASCADE, related_name="frames")
    camera = models.ForeignKey("curation.Camera", on_delete=models.PROTECT, related_name="frames")
    pts_us = models.BigIntegerField()
    recorded_at = models.DateTimeField(null=True, blank=True)
    image = models.CharField(max_length=512, help_text="Key in the storage.")
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    tags = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("video", "pts_us"), name="frame_identity")]
        indexes = [
            GinIndex(fields=("tags",), name="frame_tags", opclasses=("jsonb_path_ops",)),
            # Ranges cannot use the GIN index; people are what is asked for by number most.
            models.Index(F("tags__people"), name="frame_people"),
            models.Index(fields=("camera", "id"), name="frame_camera"),
            models.Index(fields=("recorded_at", "id"), name="frame_recorded_at"),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} at {self.pts_s:.2f} s"

    @property
    def pts_s(self) -> float:
        return self.pts_us / 1e6


class Keep(models.Model):
    """Says that a run keeps a frame, why, and the tags that this run found for it."""

    class Reason(models.TextChoices):
        RATE = "rate", "one of the set rate"
        PEAK = "peak", "the interval's peak"

    run = models.ForeignKey("curation.Run", on_delete=models.CASCADE, related_name="keeps")
    frame = models.ForeignKey(Frame, on_delete=models.CASCADE, related_name="keeps")
    reason = models.CharField(max_length=8, choices=Reason)
    tags = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("run", "frame"), name="keep_once")]

    def __str__(self) -> str:
        return f"run {self.run_id} keeps frame {self.frame_id}"
