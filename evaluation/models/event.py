"""What really happens in videos, as stretches of time, by somebody's word."""

from django.core.validators import RegexValidator
from django.db import models


class EventSet(models.Model):
    """A named truth over time that never changes: which stretches of which videos were looked through, and what is
    there. `sha256` is that of its content."""

    name = models.CharField(
        max_length=80,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    note = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class EventStretch(models.Model):
    """`[start_us, end_us)` of a video that somebody looked through for a label; nothing else of it happens there."""

    event_set = models.ForeignKey(EventSet, on_delete=models.CASCADE, related_name="stretches")
    video = models.ForeignKey("curation.Video", on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=80)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()

    class Meta:
        ordering = ("video", "label", "start_us")

    def __str__(self) -> str:
        return f"{self.label} in video {self.video_id}"


class Event(models.Model):
    """A stretch `[start_us, end_us)` in which a label is in the picture."""

    event_set = models.ForeignKey(EventSet, on_delete=models.CASCADE, related_name="events")
    video = models.ForeignKey("curation.Video", on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=80)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()

    class Meta:
        ordering = ("video", "start_us")

    def __str__(self) -> str:
        return f"{self.label} {self.start_us / 1e6:.1f}–{self.end_us / 1e6:.1f} s"
