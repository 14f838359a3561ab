"""/api/v1/: one line a resource of active learning."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from activelearning.api.rounds import RoundViewSet

router = SimpleRouter(use_regex_path=False)
router.register("rounds", RoundViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
]
