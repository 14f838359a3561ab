"""Datasets, and their versions, which never change."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


class Dataset(models.Model):
    name = models.CharField(
        max_length=80,
        unique=True,
        # It is named on command lines and in queries as NAME@VERSION.
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """Frames, their annotations and splits, frozen. The manifest in the storage holds them, and its SHA-256 is the
    version's; the database refuses to change a row but for its lock."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    plan = models.JSONField(default=dict, help_text="The sampling plan, every default written out.")
    plan_text = models.TextField(blank=True, help_text="The plan's YAML as it was written.")
    seed = models.BigIntegerField(default=0)
    split_by = models.CharField(max_length=16, blank=True, help_text="What never stands on both sides of a split.")
    conditions = models.ForeignKey(
        "curation.OperatingConditions", null=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    manifest = models.CharField(max_length=512, help_text="Key in the storage.")
    manifest_sha256 = models.CharField(max_length=64)
    frame_count = models.PositiveIntegerField()
    annotation_count = models.PositiveIntegerField()
    splits = models.JSONField(default=dict, help_text='{"train": 1600, "val": 200, "test": 200}')
    report = models.JSONField(default=dict, help_text="What the plan gave, and why a quota fell short.")
    code_version = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lock = models.JSONField(default=dict, help_text="What the lock keeps away besides the frames themselves.")

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("dataset", "number"), name="dataset_version_number")]

    def __str__(self) -> str:
        return f"{self.dataset.name}@{self.number}"

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None


class DatasetFrame(models.Model):
    """A frame in a dataset version."""

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="members")
    frame = models.ForeignKey("curation.Frame", on_delete=models.PROTECT, related_name="memberships")
    split = models.CharField(max_length=16, blank=True)
    group = models.CharField(max_length=120, blank=True, help_text="Frames of a group share their split.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("version", "frame"), name="dataset_frame_once")]
        indexes = [models.Index(fields=("frame", "version"), name="dataset_frame_versions")]

    def __str__(self) -> str:
        return f"frame {self.frame_id} in {self.version_id}"
