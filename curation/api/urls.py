"""/api/v1/: one line a resource."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from curation.api.cameras import CameraViewSet
from curation.api.cascades import CascadeViewSet
from curation.api.conditions import ConditionsViewSet
from curation.api.costs import CostsView
from curation.api.data_exports import DataExportViewSet
from curation.api.data_imports import DataImportViewSet
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
from curation.api.samples import SamplePreviewView, SamplersView
from curation.api.search import SearchView
from curation.api.stages import StagesView
from curation.api.tag_edits import TagEditViewSet
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
router.register("imports", DataImportViewSet)
router.register("exports", DataExportViewSet)
router.register("datasets", DatasetViewSet)
router.register("dataset-versions", DatasetVersionViewSet)
router.register("conditions", ConditionsViewSet)
router.register("tag-edits", TagEditViewSet)

urlpatterns = [
    path("", include(router.urls)),
    path("stages/", StagesView.as_view(), name="stages"),
    path("samplers/", SamplersView.as_view(), name="samplers"),
    path("samples/preview/", SamplePreviewView.as_view(), name="sample-preview"),
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
