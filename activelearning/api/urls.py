"""/api/v1/: one line a resource of active learning."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from activelearning.api.connections import ConnectionViewSet
from activelearning.api.label_batches import LabelBatchViewSet
from activelearning.api.label_pictures import label_picture
from activelearning.api.label_projects import LabelProjectViewSet
from activelearning.api.label_tasks import LabelTaskViewSet
from activelearning.api.loops import LoopViewSet
from activelearning.api.rounds import RoundViewSet
from activelearning.api.strategies import StrategiesView
from activelearning.api.trainings import TrainingViewSet
from activelearning.api.webhooks import label_webhook

router = SimpleRouter(use_regex_path=False)
router.register("rounds", RoundViewSet)
router.register("loops", LoopViewSet)
router.register("label-batches", LabelBatchViewSet)
router.register("label-tasks", LabelTaskViewSet)
router.register("trainings", TrainingViewSet)
router.register("connections", ConnectionViewSet)
router.register("label-projects", LabelProjectViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("label-pictures/<str:token>", label_picture, name="label-picture"),
    path("webhooks/label-studio/<str:connection>", label_webhook, name="label-webhook"),
    path("", include(router.urls)),
    path("strategies/", StrategiesView.as_view(), name="strategies"),
]
