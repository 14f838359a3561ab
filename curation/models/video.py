"""A video file, addressed by its content."""

from datetime import datetime, timedelta

from django.db import models


class Video(models.Model):
    """One video file. The same content is one row, whatever its name.

    Of kind `pictures` it is a folder of single pictures that were imported: no file, no duration; its frames are the
    pictures, and their `pts_us` only gives them an order.

    Times of a video run from its first packet: a stream that starts at pts 1.4 s has `start_us` 1,400,000 and its first
    frame at 0. Headers lie, so what the header says and what came out of the decoder are stored side by side.
    """

    class Status(models.TextChoices):
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    class Kind(models.TextChoices):
        FOOTAGE = "footage", "footage"
        PICTURES = "pictures", "pictures"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FOOTAGE)
    sha256 = models.CharField(max_length=64, unique=True)
    camera = models.ForeignKey("curation.Camera", on_delete=models.PROTECT, related_name="videos")
    name = models.CharField(max_length=255, help_text="The file's name as it came.")
    file = models.CharField(max_length=512, blank=True, help_text="Key in the storage.")
    size_bytes = models.BigIntegerField()
    status = models.CharField(max_length=16, choices=Status, default=Status.READY)
    error = models.TextField(blank=True)

    container = models.CharField(max_length=64, blank=True)
    codec = models.CharField(max_length=32, blank=True)
    width_px = models.PositiveIntegerField(default=0, help_text="After rotation.")
    height_px = models.PositiveIntegerField(default=0, help_text="After rotation.")
    rotation_deg = models.SmallIntegerField(default=0, help_text="Clockwise turn that makes the picture upright.")
    fps = models.FloatField(default=0.0)
    duration_s = models.FloatField(default=0.0)
    has_audio = models.BooleanField(default=False)
    header_frames = models.PositiveIntegerField(default=0, help_text="What the header says; 0 if it says nothing.")
    packets = models.PositiveIntegerField(default=0)
    decoded_frames = models.PositiveIntegerField(null=True, help_text="Known once a stage has decoded every frame.")
    decode_errors = models.PositiveIntegerField(default=0)
    start_us = models.BigIntegerField(default=0)
    keyframes = models.BinaryField(default=bytes, help_text="int64 microseconds from the start, little endian.")

    recorded_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    def at(self, pts_us: int) -> datetime | None:
        """Tell the wall-clock time of a moment of the video, if its start is known."""
        return self.recorded_at + timedelta(microseconds=pts_us) if self.recorded_at else None
