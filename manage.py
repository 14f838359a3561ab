#!/usr/bin/env python
"""Django's command line. Commands that need the database find the embedded servers running."""

import os
import signal
import sys
from contextlib import nullcontext
from types import FrameType
from typing import NoReturn

# These read no rows, or (up, demo) start the servers themselves.
NEED_NO_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "demo",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "metrics",
    "spectacular",
    "startapp",
    "testserver",
    "up",
    "version",
}


def main(argv: list[str]) -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line

        from config import embedded
        from config.folders import FolderError
    except ImportError as error:
        sys.exit(f"{error}. Winnow's environment is not active: run `make install` and use .venv/bin/python.")
    signal.signal(signal.SIGTERM, leave)
    command = argv[1] if len(argv) > 1 else "help"
    idle = command in NEED_NO_SERVERS or command.startswith("-") or {"--help", "-h"} & set(argv)
    try:
        with nullcontext() if idle else embedded.running():
            execute_from_command_line(argv)
    except (ImproperlyConfigured, embedded.EmbeddedError, FolderError) as error:
        sys.exit(f"Winnow cannot start. {error}")


def leave(signum: int, frame: FrameType | None) -> NoReturn:
    """End as an exception does, so that what was started is stopped in order."""
    sys.exit(128 + signum)


if __name__ == "__main__":
    main(sys.argv)
