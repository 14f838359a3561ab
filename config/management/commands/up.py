"""`manage.py up`: runs the whole service until Ctrl-C."""

import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.service import ServiceError, service


class Command(BaseCommand):
    help = "Run web server, workers and the embedded servers until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.WINNOW_PORT, help="default: %(default)s")
        parser.add_argument("--workers", type=int, default=settings.WINNOW_WORKERS, help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGINT, _interrupt)  # a background job starts with it ignored
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGHUP, _interrupt)
        try:
            with service(options["port"], options["workers"]) as up:
                self.stdout.write(f"Winnow is ready at {up.url}  (Ctrl-C stops it)")
                self.stdout.flush()
                status = up.wait()
                self.stderr.write(f"A part of the service ended with status {status}; everything was stopped.")
        except ServiceError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
            return
        sys.exit(status or 1)


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
