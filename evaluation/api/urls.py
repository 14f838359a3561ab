"""/api/v1/: one line a resource of evaluation."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from evaluation.api.label_reviews import LabelReviewViewSet
from evaluation.api.metrics import MetricsView
from evaluation.api.suites import SuiteVersionViewSet, SuiteViewSet

router = SimpleRouter(use_regex_path=False)
router.register("label-reviews", LabelReviewViewSet)
router.register("suites", SuiteViewSet)
router.register("suite-versions", SuiteVersionViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
    path("metrics/", MetricsView.as_view(), name="metrics"),
]
