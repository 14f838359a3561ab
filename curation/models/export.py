"""Datasets on their way out."""

from django.db import models


class DataExport(models.Model):
    """One export of a query or a dataset version. The archive is there once it is whole and verified; never before."""

    class Purpose(models.TextChoices):
        TRAINING = "training", "training"
        EVALUATION = "evaluation", "evaluation"

    version = models.ForeignKey("curation.DatasetVersion", null=True, on_delete=models.PROTECT, related_name="exports")
    query = models.TextField(blank=True, help_text="What was exported, where it is not a version.")
    format = models.CharField(max_length=40)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.TRAINING)
    with_pictures = models.BooleanField(default=True)
    settings = models.JSONField(default=dict)
    job = models.OneToOneField("curation.Job", null=True, on_delete=models.SET_NULL, related_name="export")
    archive = models.CharField(max_length=512, blank=True, help_text="Key in the storage; empty until it is whole.")
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.format} export {self.pk}"
