"""The nouns of evaluation, one file each."""

from evaluation.models.event import Event, EventSet, EventStretch
from evaluation.models.label_review import LabelReview
from evaluation.models.look import Look
from evaluation.models.model_version import ModelVersion
from evaluation.models.prediction import PredictedFrame, Prediction, PredictionRun
from evaluation.models.suite import Suite, SuiteVersion
from evaluation.models.test_run import ScenarioResult, TestRun

__all__ = [
    "Event",
    "EventSet",
    "EventStretch",
    "LabelReview",
    "Look",
    "ModelVersion",
    "PredictedFrame",
    "Prediction",
    "PredictionRun",
    "ScenarioResult",
    "Suite",
    "SuiteVersion",
    "TestRun",
]
