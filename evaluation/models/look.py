"""What a model sees in a whole video, looked at so many times a second."""

from django.db import models


class Look(models.Model):
    """One model over one video, for metrics over time. The looks are arrays in a file: see `core/looks.py`."""

    model = models.ForeignKey("evaluation.ModelVersion", on_delete=models.PROTECT, related_name="looks")
    video = models.ForeignKey("curation.Video", on_delete=models.CASCADE, related_name="looks")
    fps = models.FloatField(help_text="Looks each second of video.")
    min_score = models.FloatField()
    file = models.CharField(max_length=512, help_text="Key in the storage.")
    look_count = models.PositiveIntegerField()
    end_us = models.BigIntegerField(help_text="How much of the video was looked at.")
    code_version = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("model", "video", "fps", "min_score"), name="look_once")]

    def __str__(self) -> str:
        return f"{self.model} over {self.video}"
