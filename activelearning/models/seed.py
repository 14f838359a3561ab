"""What went wrong in a scenario, and what a round looks for more of."""

from django.db import models


class Seed(models.Model):
    """A frame of the test, or a box in it. It is looked at, never labelled or trained on.

    The box is `xyxy` in pixels of the upright frame; null corners mean the whole frame."""

    class Kind(models.TextChoices):
        MISSED = "missed", "an object that the model missed"
        FALSE_ALARM = "false_alarm", "a box where nothing is"
        LOW_CONFIDENCE = "low_confidence", "a box that the model is unsure of"

    round = models.ForeignKey("activelearning.Round", on_delete=models.CASCADE, related_name="seeds")
    scenario = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind)
    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="seed_of")
    label = models.CharField(max_length=80)
    score = models.FloatField(null=True, help_text="The model's; null of what it missed.")
    x1 = models.FloatField(null=True)
    y1 = models.FloatField(null=True)
    x2 = models.FloatField(null=True)
    y2 = models.FloatField(null=True)

    class Meta:
        ordering = ("round", "id")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label} in frame {self.frame_id}"
