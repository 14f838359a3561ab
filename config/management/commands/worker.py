"""`manage.py worker`: runs one worker in this process. `manage.py workers` keeps several of these."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.worker import QUEUE, QUEUES, work


class Command(BaseCommand):
    help = "Run one worker in this process; `workers` runs several and starts again those that die."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", choices=QUEUES, default=QUEUE, help="whose jobs it does; default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        work(options["queue"])
