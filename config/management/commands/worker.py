"""`manage.py worker`: runs one worker in this process. `manage.py workers` keeps several of these."""

from typing import Any

from django.core.management.base import BaseCommand

from config.worker import work


class Command(BaseCommand):
    help = "Run one worker in this process; `workers` runs several and starts again those that die."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        work()
