"""An object that a stage saw in a kept frame."""

from django.db import models


class Detection(models.Model):
    """A box, `xyxy` in pixels of the upright frame."""

    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="detections")
    run = models.ForeignKey("curation.Run", on_delete=models.CASCADE, related_name="detections")
    stage = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    score = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()

    class Meta:
        ordering = ("frame", "-score", "id")
        indexes = [models.Index(fields=("label", "score"), name="detection_label_score")]

    def __str__(self) -> str:
        return f"{self.label} {self.score:.2f}"
