"""The site's pages. The dashboard is mounted beside Django, in config/wsgi.py."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config import health

urlpatterns = [
    path("", RedirectView.as_view(url="/dashboard/"), name="home"),
    path("favicon.ico", login_not_required(RedirectView.as_view(url=static("config/mark.svg"))), name="favicon"),
    path("health", health.health, name="health"),
    path("login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("django-rq/", include("django_rq.urls")),
    path("api/v1/", include("activelearning.api.urls")),
    path("api/v1/", include("evaluation.api.urls")),
    path("api/v1/", include("curation.api.urls")),  # last, for it says of all else that there is nothing
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
