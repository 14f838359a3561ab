"""A kept frame, and which run or import kept it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q


class Frame(models.Model):
    """A frame worth keeping. Its identity is (video, pts), so two runs that keep the same moment share one row.

    `tags` holds the effective value of each factor, `evidence` where it came from:
    {"lighting": {"source": "tagger", "by": "exposure", "confidence": 1.0}}. Both are made from layers (the camera's
    attributes, `Keep` rows, prompts and rules of the operating conditions, `TagEdit` rows), and can be made again.
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
    annotated_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when all objects in it are labelled; see annotations."
    )
    picture_sha256 = models.CharField(
        max_length=64, null=True, blank=True, unique=True, help_text="Of a picture that was imported: its identity."
    )
    held_out = models.BooleanField(default=False, help_text="A locked dataset version keeps it away; see holds.")
    # What it is like beside the other frames: set by the job `rate`, null until then.
    phash = models.BigIntegerField(null=True, blank=True, help_text="Perceptual hash: 64 bits, as a signed number.")
    uniqueness = models.FloatField(null=True, blank=True, help_text="1 - similarity to the frame most like it.")
    typicality = models.FloatField(null=True, blank=True, help_text="1 / mean distance to its nearest frames.")
    outlier_score = models.FloatField(null=True, blank=True, help_text="How far off, in robust standard deviations.")
    duplicate_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="First of its likes."
    )
    changed_xid = models.BigIntegerField(
        default=0, editable=False, db_index=True, help_text="The transaction that wrote it last; set by a trigger."
    )
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


class GoneFrame(models.Model):
    """A frame that was removed, so that tables in memory can drop it too. Written by a trigger."""

    frame_id = models.BigIntegerField(primary_key=True)
    changed_xid = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"frame {self.frame_id} is gone"


class Keep(models.Model):
    """Says that a run or an import keeps a frame, why, and the tags that it found for it."""

    class Reason(models.TextChoices):
        RATE = "rate", "one of the set rate"
        PEAK = "peak", "the interval's peak"
        IMPORT = "import", "it was imported"

    run = models.ForeignKey("curation.Run", null=True, on_delete=models.CASCADE, related_name="keeps")
    made_in = models.ForeignKey("curation.DataImport", null=True, on_delete=models.CASCADE, related_name="keeps")
    frame = models.ForeignKey(Frame, on_delete=models.CASCADE, related_name="keeps")
    reason = models.CharField(max_length=8, choices=Reason)
    tags = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("run", "frame"), name="keep_once"),
            models.UniqueConstraint(fields=("made_in", "frame"), name="keep_once_in_import"),
            models.CheckConstraint(
                condition=Q(run__isnull=True) ^ Q(made_in__isnull=True), name="keep_by_run_or_import"
            ),
        ]

    def __str__(self) -> str:
        by = f"run {self.run_id}" if self.run_id else f"import {self.made_in_id}"
        return f"{by} keeps frame {self.frame_id}"
