"""A file on its way in, part by part."""

import uuid

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """A resumable upload: parts are appended at `received_bytes`, which only moves forward."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        EXPIRED = "expired", "expired"

    class Purpose(models.TextChoices):
        FOOTAGE = "footage", "footage"
        IMPORT = "import", "pictures or annotations to import"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.FOOTAGE)
    camera = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, help_text="Declared by the sender; checked at the end.")
    received_bytes = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN, db_index=True)
    error = models.TextField(blank=True)
    file = models.CharField(max_length=512, blank=True, help_text="Key in the storage, once an import's file is whole.")
    video = models.ForeignKey("curation.Video", null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.received_bytes}/{self.size_bytes} bytes)"
