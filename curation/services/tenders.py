"""What the apps above want looked after now and then: named in the settings, for it may not be imported from here."""

import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import OperationalError
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


def tend() -> list[int]:
    """Let each of settings.WINNOW_TENDERS look around; returns the jobs that they started.

    One that fails is logged and stops no other. Raises OperationalError where the database cannot be reached."""
    names: Sequence[str] = settings.WINNOW_TENDERS
    started: list[int] = []
    for name in names:
        try:
            look: Callable[[], Sequence[int]] = import_string(name)
            started += look()
        except OperationalError:
            raise
        except Exception:
            log.exception("%s failed; it is called again.", name)
    return started
