"""One cascade over one video."""

from django.db import models
from django.db.models import Q


class Run(models.Model):
    """What is done, and all that made it: the effective spec, models by SHA-256, seed and code version."""

    class Status(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    video = models.ForeignKey("curation.Video", on_delete=models.CASCADE, related_name="runs")
    cascade = models.ForeignKey("curation.Cascade", on_delete=models.PROTECT, related_name="runs")
    spec = models.JSONField(help_text="The cascade's spec with this run's own settings applied.")
    spec_sha256 = models.CharField(max_length=64)
    weights = models.JSONField(default=dict, help_text="Model name -> SHA-256 of its file.")
    code_version = models.CharField(max_length=64)
    chunk_s = models.FloatField()
    stage_index = models.PositiveSmallIntegerField(default=0, help_text="The stage at work.")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    error = models.TextField(blank=True)
    stages = models.JSONField(default=list, help_text="[{name, frames_in, frames_out, cpu_s, duration_s, class_s}]")
    frames_kept = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            # The same spec over the same video is one run: asking again finds it, `rerun` replaces its rows.
            models.UniqueConstraint(fields=("video", "spec_sha256"), name="run_video_spec"),
        ]
        indexes = [
            models.Index(fields=("id",), condition=Q(status__in=("queued", "running")), name="run_open"),
        ]

    def __str__(self) -> str:
        return f"{self.cascade} on {self.video}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)
