"""Errors of active learning's services as answers: the status that a program can act on."""

from collections.abc import Mapping
from http import HTTPStatus

from activelearning.backends.labelstudio import LabelStudioError
from activelearning.services.batch_errors import NoSuchBatch
from activelearning.services.connections import NoSuchConnection
from activelearning.services.label_projects import NoSuchProject
from activelearning.services.round_errors import NoSuchRound, RoundError
from activelearning.services.training_errors import NoSuchTraining
from curation.api.errors import Refused
from curation.core.errors import WinnowError
from evaluation.api import errors

STATUS: Mapping[type[WinnowError], HTTPStatus] = {
    NoSuchRound: HTTPStatus.NOT_FOUND,
    NoSuchBatch: HTTPStatus.NOT_FOUND,
    NoSuchConnection: HTTPStatus.NOT_FOUND,
    NoSuchProject: HTTPStatus.NOT_FOUND,
    LabelStudioError: HTTPStatus.BAD_GATEWAY,
    NoSuchTraining: HTTPStatus.NOT_FOUND,
}
"""What is not here is answered as evaluation answers."""
ASKED_WRONGLY = frozenset({"budget", "via", "rounds", "no_scenario", "no_step", "no_frame", "no_candidate", "note"})
"""Codes of a round's errors that no other state of the round would mend."""


def translated(error: Exception) -> Exception:
    """Give the answer that stands for an error of active learning; any other is evaluation's to translate."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), None)
    if status is None and isinstance(error, RoundError) and error.code in ASKED_WRONGLY:
        status = HTTPStatus.BAD_REQUEST
    if status is None:
        return errors.translated(error)
    return Refused(status, {"detail": str(error), "code": getattr(error, "code", type(error).__name__)})
