"""A model run against a suite, and what came of each scenario."""

from django.conf import settings
from django.db import models


class TestRun(models.Model):
    """All that made the verdicts is stored, and all that a report shows: reports are made again byte for byte."""

    __test__ = False  # pytest would take it for a test

    class Verdict(models.TextChoices):
        READY = "ready", "ready"
        FAILED = "failed", "not ready: a critical scenario failed"
        UNDECIDED = "undecided", "not enough evidence"

    suite = models.ForeignKey("evaluation.SuiteVersion", on_delete=models.PROTECT, related_name="test_runs")
    model = models.ForeignKey("evaluation.ModelVersion", on_delete=models.PROTECT, related_name="test_runs")
    baseline = models.ForeignKey("evaluation.ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(
        "curation.DatasetVersion", null=True, on_delete=models.PROTECT, related_name="test_runs"
    )  # fmt: skip
    is_final = models.BooleanField(default=False, help_text="The final evaluation on a locked hold-out.")
    options = models.JSONField(default=dict, help_text="Every option written out: seed, replicates, confidence, mode.")
    job = models.ForeignKey("curation.Job", null=True, on_delete=models.SET_NULL, related_name="test_runs")
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    record = models.JSONField(default=dict, help_text="All but the scenarios: see core/results.py.")
    code_version = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.model} against {self.suite}"

    @property
    def is_done(self) -> bool:
        return self.finished_at is not None


class ScenarioResult(models.Model):
    class Verdict(models.TextChoices):
        PASS = "pass", "pass"
        FAIL = "fail", "fail"
        INCONCLUSIVE = "inconclusive", "not enough evidence"

    run = models.ForeignKey(TestRun, on_delete=models.CASCADE, related_name="results")
    position = models.PositiveSmallIntegerField(help_text="Its place in the suite, from 0.")
    name = models.CharField(max_length=120)
    critical = models.BooleanField()
    verdict = models.CharField(max_length=12, choices=Verdict)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    record = models.JSONField(help_text="The whole result: see core/results.py.")

    class Meta:
        ordering = ("run", "position")
        constraints = [models.UniqueConstraint(fields=("run", "position"), name="scenario_result_place")]

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict}"
