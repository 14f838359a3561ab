"""Rounds, one after another, until a suite is green."""

from django.conf import settings
from django.db import models


class Loop(models.Model):
    class Ended(models.TextChoices):
        READY = "ready", "every critical scenario passes"
        BUDGET = "budget", "the labels that were allowed are spent"
        ROUNDS = "rounds", "the rounds that were allowed are over"
        NO_PROGRESS = "no_progress", "the last rounds brought nothing"
        NO_CANDIDATES = "no_candidates", "there is no footage left to look in"
        STOPPED = "stopped", "stopped by a person"

    suite = models.ForeignKey("evaluation.SuiteVersion", on_delete=models.PROTECT, related_name="loops")
    first_run = models.ForeignKey("evaluation.TestRun", on_delete=models.PROTECT, related_name="+")
    budget = models.PositiveIntegerField(help_text="Frames to label at most, over all rounds.")
    most_rounds = models.PositiveIntegerField()
    options = models.JSONField(default=dict, help_text="What each of its rounds is asked with, and when it gives up.")
    ended = models.CharField(max_length=16, choices=Ended, blank=True)
    reason = models.TextField(blank=True, help_text="The same in a sentence, with figures.")
    job = models.ForeignKey("curation.Job", null=True, on_delete=models.SET_NULL, related_name="loops")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"loop {self.pk}"
