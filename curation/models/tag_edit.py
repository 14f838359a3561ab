"""What people said about frames: the audit trail of tag edits."""

from django.conf import settings
from django.db import models


class TagEdit(models.Model):
    """One person's word on one factor of one frame. Rows never change: of a frame and a factor the newest stands.

    `value` null takes the person's word back, so that rules, models and the camera speak again."""

    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="edits")
    factor = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    before = models.JSONField(null=True, help_text="The effective value until then; null where there was none.")
    batch = models.UUIDField(db_index=True, help_text="The edits that one request made.")
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("frame", "factor", "-id"), name="tag_edit_newest")]

    def __str__(self) -> str:
        return f"{self.factor}: {self.before} → {self.value}"
