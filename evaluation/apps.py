"""The app that tests models: registry, predictions, scenarios, verdicts, reports."""

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "Evaluation"
