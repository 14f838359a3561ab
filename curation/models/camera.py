"""A fixed camera: where footage comes from."""

from django.core.validators import RegexValidator
from django.db import models


class Camera(models.Model):
    """A camera's `attributes` become tags of every frame it takes: {"location": "gate", "indoor": false}."""

    name = models.CharField(
        max_length=80,
        unique=True,
        # It is a folder in every frame's path, so it must be harmless on every file system.
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
