"""A model being taught on a dataset version."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


class Training(models.Model):
    """All that made the weights is stored: data, base, trainer, settings, seed. The same ones give the same order.

    `epochs` holds a row an epoch: {"epoch" (from 1), "seconds", "losses": {"box": 1.2}, "figures": {"map50": 0.8},
    "learning_rate"}. `data` says what was read of the version: pictures, boxes, classes, what was left out and why.
    Its job's state is its own."""

    name = models.CharField(
        max_length=80,
        unique=True,
        help_text="Of the model that comes of it.",
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    version = models.ForeignKey("curation.DatasetVersion", on_delete=models.PROTECT, related_name="trainings")
    base = models.ForeignKey("evaluation.ModelVersion", null=True, on_delete=models.PROTECT, related_name="trainings")
    trainer = models.CharField(max_length=40, help_text="Its kind: see backends/training.")
    options = models.JSONField(default=dict, help_text="Every setting of the trainer written out.")
    seed = models.BigIntegerField(default=0)
    classes = models.JSONField(default=list, help_text="In the network's order.")
    shares = models.JSONField(
        default=dict, help_text="Where some frames count more: {query: share} asked for, and what came of it."
    )
    data = models.JSONField(default=dict)
    epochs = models.JSONField(default=list)
    figures = models.JSONField(default=dict, help_text="Of the weights that were taken, on the split `val`.")
    device = models.CharField(max_length=80, blank=True)
    folder = models.CharField(max_length=500, blank=True, help_text="Its files, below the data folder.")
    onnx = models.CharField(max_length=600, blank=True, help_text="The detector's name of its ONNX form.")
    model = models.OneToOneField(
        "evaluation.ModelVersion", null=True, on_delete=models.PROTECT, related_name="made_by"
    )  # fmt: skip
    error = models.TextField(blank=True, help_text="What went wrong and what to do, in words.")
    log = models.TextField(blank=True, help_text="The end of what the trainer printed.")
    job = models.ForeignKey("curation.Job", null=True, on_delete=models.SET_NULL, related_name="trainings")
    code_version = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name
