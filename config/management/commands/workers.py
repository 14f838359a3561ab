"""`manage.py workers`: runs the worker processes of this machine."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.supervisor import supervise


class Command(BaseCommand):
    help = "Run worker processes until stopped; one that dies is started again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, default=settings.WINNOW_WORKERS, help="default: %(default)s")
        parser.add_argument(
            "--training", type=int, default=settings.WINNOW_TRAINING_WORKERS, help="for trainings; default: %(default)s"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        supervise(options["count"], training=options["training"])
