"""Rings for due work every half minute, so that a lost queue or worker loses nothing."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from curation import doorbell
from curation.services.tenders import tend
from curation.services.uploads import expire_uploads

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Ask for what is due, ring for due work and expire stale uploads, every --every seconds until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=30.0, help="Seconds between rounds (30).")
        parser.add_argument("--once", action="store_true", help="Do one round and end.")

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        while True:
            try:
                close_old_connections()
                tend()
                doorbell.ring_due()
                expire_uploads()
            except OperationalError as error:
                log.warning("The database cannot be reached (%s); trying again.", error)
            if options["once"] or stopped.wait(options["every"]):
                return
