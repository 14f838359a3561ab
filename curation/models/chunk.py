"""A piece of a run that one worker does, and what it saw."""

from django.db import models
from django.db.models import Q


class Chunk(models.Model):
    """A stretch `[start_us, end_us)` of a video for one stage.

    A claim raises `attempt`; every write of that attempt carries `WHERE attempt = …`, so a worker that was given up and
    comes back writes nothing. `end_us` is null for the last chunk: what comes after the header's duration is seen too.
    """

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        CLAIMED = "claimed", "claimed"
        DONE = "done", "done"
        QUARANTINED = "quarantined", "quarantined"
        CANCELLED = "cancelled", "cancelled"

    run = models.ForeignKey("curation.Run", on_delete=models.CASCADE, related_name="chunks")
    stage_index = models.PositiveSmallIntegerField()
    index = models.PositiveIntegerField()
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField(null=True)
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Attempts that ended in an error.")
    plan = models.JSONField(default=dict, help_text="Of the keep pass: pts_us -> why the frame is kept.")
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=128, blank=True)
    error = models.TextField(blank=True)
    frames_in = models.PositiveIntegerField(default=0)
    frames_out = models.PositiveIntegerField(default=0)
    decoded_frames = models.PositiveIntegerField(default=0)
    decode_errors = models.PositiveIntegerField(default=0)
    cpu_s = models.FloatField(default=0.0)
    done_us = models.BigIntegerField(default=0, help_text="How far the attempt under way has come, from start_us.")

    class Meta:
        ordering = ("run", "stage_index", "index")
        constraints = [models.UniqueConstraint(fields=("run", "stage_index", "index"), name="chunk_place")]
        indexes = [
            models.Index(fields=("lease_until",), condition=Q(state__in=("pending", "claimed")), name="chunk_due"),
        ]

    def __str__(self) -> str:
        return f"run {self.run_id} stage {self.stage_index} chunk {self.index}"


class Track(models.Model):
    """The arrays a stage wrote for one chunk: dense signals, or sparse observations with their boxes (npz)."""

    chunk = models.OneToOneField(Chunk, on_delete=models.CASCADE, related_name="track")
    arrays = models.BinaryField()

    def __str__(self) -> str:
        return f"track of {self.chunk}"
