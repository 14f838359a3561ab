"""/api/v1/: one line a resource of evaluation."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from evaluation.api.event_sets import EventSetViewSet
from evaluation.api.label_reviews import LabelReviewViewSet
from evaluation.api.looks import LookViewSet
from evaluation.api.metrics import MetricsView
from evaluation.api.model_versions import ModelVersionViewSet
from evaluation.api.prediction_runs import PredictionRunViewSet, PredictionViewSet
from evaluation.api.suites import SuiteVersionViewSet, SuiteViewSet
from evaluation.api.test_runs import TestRunViewSet

router = SimpleRouter(use_regex_path=False)
router.register("models", ModelVersionViewSet)
router.register("prediction-runs", PredictionRunViewSet)
router.register("predictions", PredictionViewSet)
router.register("event-sets", EventSetViewSet)
router.register("looks", LookViewSet)
router.register("label-reviews", LabelReviewViewSet)
router.register("suites", SuiteViewSet)
router.register("suite-versions", SuiteVersionViewSet)
router.register("test-runs", TestRunViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    path("metrics/", MetricsView.as_view(), name="metrics"),
]
