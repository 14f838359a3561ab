"""A version of a model, by the SHA-256 of its weights."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


class ModelVersion(models.Model):
    """`detector` names the weights as cascades do ("yolox_onnx:/path/model.onnx?iou=0.5"); it is empty for a model that
    is known only by predictions that were made elsewhere. The weights behind the name must be those of the SHA-256."""

    name = models.CharField(
        max_length=80,
        unique=True,
        # It is named on command lines and in files.
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    detector = models.CharField(max_length=600, blank=True, help_text="KIND:WEIGHTS, as in a cascade.")
    weights_sha256 = models.CharField(max_length=64, blank=True)
    labels = models.JSONField(default=list, help_text="Its class names, in the network's order; [] is not known.")
    label_map = models.JSONField(
        default=dict, blank=True, help_text='{"pedestrian": "person", "bus": null}: null drops a class; others stay.'
    )
    trained_on = models.ForeignKey(
        "curation.DatasetVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="models_trained"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    notes = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def has_weights(self) -> bool:
        return bool(self.detector)

    def label_of(self, label: str) -> str | None:
        """Return the dataset's label for one of the model's, None for a class that does not count."""
        mapped = self.label_map.get(label, label)
        return None if mapped is None else str(mapped)
