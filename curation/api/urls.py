"""/api/v1/: one line a resource."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from curation.api.cameras import CameraViewSet
from curation.api.cascades import CascadeViewSet
from curation.api.costs import CostsView
from curation.api.dataset_versions import DatasetVersionViewSet
from curation.api.datasets import DatasetViewSet
from curation.api.detections import DetectionViewSet
from curation.api.frames import FrameViewSet
from curation.api.intervals import IntervalViewSet
from curation.api.jobs import JobViewSet
from curation.api.me import MeView
from curation.api.media import picture
from curation.api.nothing import NothingView
from curation.api.profile import FootageView, ProfileView
from curation.api.ratings import DuplicatesView, RatingsView
from curation.api.runs import RunViewSet
from curation.api.search import SearchView
from curation.api.stages import StagesView
from curation.api.tokens import TokensView
from curation.api.uploads import UploadViewSet
from curation.api.videos import VideoViewSet

router = SimpleRouter(use_regex_path=False)
router.register("cameras", CameraViewSet)
router.register("videos", VideoViewSet)
router.register("uploads", UploadViewSet)
router.register("cascades", CascadeViewSet)
router.register("runs", RunViewSet)
router.register("intervals", IntervalViewSet)
router.register("frames", FrameViewSet)
router.register("detections", DetectionViewSet)
router.register("jobs", JobViewSet)
router.register("datasets", DatasetViewSet)
router.register("dataset-versions", DatasetVersionViewSet)

urlpatterns = [
    path("", include(router.urls)),
    path("stages/", StagesView.as_view(), name="stages"),
    path("ratings/", RatingsView.as_view(), name="ratings"),
    path("frames/<int:pk>/duplicates/", DuplicatesView.as_view(), name="frame-duplicates"),
    path("search/", SearchView.as_view(), name="search"),
    path("profile/", ProfileView.as_view(), name="profile"),
    path("profile/footage/", FootageView.as_view(), name="profile-footage"),
    path("costs/", CostsView.as_view(), name="costs"),
    path("tokens/", TokensView.as_view(), name="tokens"),
    path("me/", MeView.as_view(), name="me"),
    path("media/frames/<str:token>", picture, name="picture"),
    re_path(r"^(?:.*/)?$", NothingView.as_view()),
]
