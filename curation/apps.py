"""The app that turns raw footage into tagged, searchable frames."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = "Curation"
