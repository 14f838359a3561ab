"""A frame that a round wants labelled, and why."""

from django.db import models


class Candidate(models.Model):
    """`reasons` say why it was chosen, the weightiest first:
    [{"sampler", "text", "score", "scenario", "seed", "similarity", "box"}]; what does not apply is left out."""

    class Arm(models.TextChoices):
        STRATEGY = "strategy", "chosen by the strategy"
        CONTROL = "control", "drawn at random, as a control"
        PERSON = "person", "added by a person"

    round = models.ForeignKey("activelearning.Round", on_delete=models.CASCADE, related_name="candidates")
    frame = models.ForeignKey("curation.Frame", on_delete=models.CASCADE, related_name="candidate_in")
    arm = models.CharField(max_length=8, choices=Arm)
    rank = models.PositiveIntegerField(help_text="The order in which it was picked, from 0.")
    score = models.FloatField(default=0.0, help_text="What its sampler gave it, 0 to 1.")
    reasons = models.JSONField(default=list)
    is_dropped = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True, help_text="Why a person dropped or added it.")

    class Meta:
        ordering = ("round", "rank")
        constraints = [models.UniqueConstraint(fields=("round", "frame"), name="candidate_once")]

    def __str__(self) -> str:
        return f"frame {self.frame_id} for round {self.round_id}"
