"""The app that turns failed scenarios into the next labels, the next dataset and the next model."""

from django.apps import AppConfig


class ActiveLearningConfig(AppConfig):
    name = "activelearning"
    verbose_name = "Active learning"
