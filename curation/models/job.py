"""Long work that is not a run of a cascade: imports, exports, retagging, rating."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A row is the truth; the queue only rings. As with chunks, a claim raises `attempt` and fences off earlier ones.

    A job goes on from `checkpoint` after a pause, a crash or a restart, and does about a minute of work at a time."""

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0, help_text="0 where it is not known yet.")
    doing = models.CharField(max_length=200, blank=True, help_text="What it is at, in words.")
    error = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Attempts in a row that ended in an error.")
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=128, blank=True)
    cpu_s = models.FloatField(default=0.0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("lease_until",), condition=Q(state__in=("queued", "running")), name="job_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)
