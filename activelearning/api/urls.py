"""/api/v1/: one line a resource of active learning."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

router = SimpleRouter(use_regex_path=False)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(router.urls)),
]
