"""A named, versioned list of stages."""

from django.db import models


class Cascade(models.Model):
    """One version of a cascade. A version never changes: another spec under the same name is the next version."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    spec = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "-version")
        constraints = [models.UniqueConstraint(fields=("name", "version"), name="cascade_name_version")]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
