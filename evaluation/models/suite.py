"""Suites of scenarios, and their versions, which never change."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models


class Suite(models.Model):
    name = models.CharField(
        max_length=80,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9_.-]*$", "Use lower-case letters, digits, '_', '.' and '-'.")],
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SuiteVersion(models.Model):
    """A suite as it was at a time. The same content is one version."""

    suite = models.ForeignKey(Suite, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="The YAML as it was written.")
    spec = models.JSONField(help_text="The same, every default written out.")
    sha256 = models.CharField(max_length=64, help_text="Of the spec.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("suite", "number"), name="suite_version_number")]

    def __str__(self) -> str:
        return f"{self.suite.name}@{self.number}"
