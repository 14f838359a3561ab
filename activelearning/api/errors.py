"""Errors of active learning's services as answers: the status that a program can act on."""

from collections.abc import Mapping
from http import HTTPStatus

from curation.api.errors import Refused
from curation.core.errors import WinnowError
from evaluation.api import errors

STATUS: Mapping[type[WinnowError], HTTPStatus] = {}
"""What is not here is answered as evaluation answers."""


def translated(error: Exception) -> Exception:
    """Give the answer that stands for an error of active learning; any other is evaluation's to translate."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), None)
    if status is None:
        return errors.translated(error)
    return Refused(status, {"detail": str(error), "code": getattr(error, "code", type(error).__name__)})
