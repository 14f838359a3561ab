"""Where the model is meant to work: the factors that matter, and the shares in which their values are expected."""

from django.conf import settings
from django.db import models
from pgvector.django import HalfVectorField


class OperatingConditions(models.Model):
    """One version of the operating conditions. It never changes: another text is the next version, and the newest
    version is the one in force."""

    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=80)
    text = models.TextField(help_text="The YAML as it was written, comments too.")
    spec = models.JSONField(help_text="What the text means, every default written out.")
    calibration = models.JSONField(
        default=dict, blank=True, help_text="Of prompted factors, learnt from people's labels: {factor: {…}}."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-version",)
        verbose_name_plural = "operating conditions"

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class PromptVector(models.Model):
    """What a value of a prompted factor looks like to an image-text model: the mean of its prompts' unit vectors.

    Stored, so that frames can be scored where the model itself is not loaded."""

    conditions = models.ForeignKey(OperatingConditions, on_delete=models.CASCADE, related_name="prompt_vectors")
    factor = models.CharField(max_length=40)
    value = models.CharField(max_length=80)
    embedder = models.ForeignKey("curation.Embedder", on_delete=models.CASCADE, related_name="+")
    vector = HalfVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("conditions", "factor", "value"), name="prompt_vector_once")]

    def __str__(self) -> str:
        return f"{self.factor}:{self.value}"
