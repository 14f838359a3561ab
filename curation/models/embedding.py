"""Vectors of frames and boxes."""

from django.db import models
from django.db.models import Q
from pgvector.django import HalfVectorField


class Embedder(models.Model):
    """What made a vector. Vectors of different embedders are never compared."""

    name = models.CharField(max_length=255, help_text="As the cascade names it: descriptor, onnx:PATH, clip:NAME.")
    version = models.CharField(max_length=64, help_text="SHA-256 of the weights, or the code's own version.")
    dimension = models.PositiveIntegerField()
    mean = HalfVectorField(null=True, help_text="Subtracted before comparing, where the embedder asks for it.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("name", "version"), name="embedder_name_version")]

    def __str__(self) -> str:
        return self.name


class Embedding(models.Model):
    """A vector of a frame, or of one detection's box in it. One table holds vectors of several embedders."""

    embedder = models.ForeignKey(Embedder, on_delete=models.CASCADE, related_name="embeddings")
    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="embeddings")
    detection = models.ForeignKey("curation.Detection", null=True, on_delete=models.CASCADE, related_name="embeddings")
    vector = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("embedder", "frame"), condition=Q(detection=None), name="embedding_frame_once"
            ),
            models.UniqueConstraint(
                fields=("embedder", "detection"), condition=Q(detection__isnull=False), name="embedding_box_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.embedder_id} of frame {self.frame_id}"
