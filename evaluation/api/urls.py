"""/api/v1/: one line a resource of evaluation."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from evaluation.api.comparisons import ComparisonViewSet
from evaluation.api.discoveries import DiscoveryViewSet
from evaluation.api.event_sets import EventSetViewSet
from evaluation.api.label_reviews import LabelReviewViewSet
from evaluation.api.looks import LookViewSet
from evaluation.api.metrics import MetricsView
from evaluation.api.model_versions import ModelVersionViewSet
from evaluation.api.prediction_runs import PredictionRunViewSet, PredictionViewSet
from evaluation.api.suites import SuiteVersionViewSet, SuiteViewSet
from evaluation.api.test_runs import TestRunViewSet
from evaluation.api.trends import TrendsView

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
router.register("comparisons", ComparisonViewSet, basename="comparison")
router.register("discoveries", DiscoveryViewSet, basename="discovery")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    path("metrics/", MetricsView.as_view(), name="metrics"),
    path("trends/", TrendsView.as_view(), name="trends"),
]
