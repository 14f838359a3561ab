"""Pictures and annotations that came from elsewhere."""

from django.db import models


class DataImport(models.Model):
    """One import: what was asked, and what was read and skipped, with reasons."""

    name = models.CharField(max_length=120)
    format = models.CharField(max_length=40)
    source = models.CharField(max_length=1024, help_text="The folder, file or storage key it was read from.")
    settings = models.JSONField(default=dict)
    report = models.JSONField(default=dict, help_text="Counts of what was read and of what was skipped, by reason.")
    job = models.OneToOneField("curation.Job", null=True, on_delete=models.SET_NULL, related_name="data_import")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.format})"
