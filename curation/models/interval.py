"""A stretch that a stage found interesting."""

from django.db import models


class Interval(models.Model):
    """`[start_s, end_s)` of a video after a stage's smoothing, with its highest score and when that was."""

    run = models.ForeignKey("curation.Run", on_delete=models.CASCADE, related_name="intervals")
    stage = models.CharField(max_length=40)
    start_s = models.FloatField()
    end_s = models.FloatField()
    peak_s = models.FloatField()
    peak_score = models.FloatField()

    class Meta:
        ordering = ("run", "stage", "start_s")
        indexes = [models.Index(fields=("run", "stage", "start_s"), name="interval_place")]

    def __str__(self) -> str:
        return f"{self.stage} {self.start_s:.1f}–{self.end_s:.1f} s"
