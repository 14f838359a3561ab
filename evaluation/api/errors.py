"""Errors of evaluation's services as answers: the status that a program can act on."""

from collections.abc import Mapping
from http import HTTPStatus

from curation.api.errors import Refused
from curation.core.errors import WinnowError
from evaluation.core.coco_index import CocoIndexError
from evaluation.core.detection_files import DetectionFileError
from evaluation.core.event_files import EventFileError
from evaluation.services.events import EventError, EventsTaken, NoSuchEvents
from evaluation.services.label_reviews import NoSuchReview, ReviewError
from evaluation.services.model_registry import NoSuchModel
from evaluation.services.prediction_frames import NoFrames
from evaluation.services.suites import NoSuchSuite, SuiteError
from evaluation.services.test_records import TestRunError

STATUS: Mapping[type[WinnowError], HTTPStatus] = {
    NoSuchSuite: HTTPStatus.NOT_FOUND,
    NoSuchModel: HTTPStatus.NOT_FOUND,
    NoSuchEvents: HTTPStatus.NOT_FOUND,
    NoSuchReview: HTTPStatus.NOT_FOUND,
    EventsTaken: HTTPStatus.CONFLICT,
    EventError: HTTPStatus.BAD_REQUEST,
    EventFileError: HTTPStatus.BAD_REQUEST,
    ReviewError: HTTPStatus.BAD_REQUEST,
    DetectionFileError: HTTPStatus.BAD_REQUEST,
    CocoIndexError: HTTPStatus.BAD_REQUEST,
    NoFrames: HTTPStatus.BAD_REQUEST,
    SuiteError: HTTPStatus.BAD_REQUEST,
    TestRunError: HTTPStatus.BAD_REQUEST,
}
"""What is not here is answered as curation answers: by its own table, or as a conflict with how things stand."""


def translated(error: Exception) -> Exception:
    """Give the answer that stands for an error of evaluation; any other comes back as it is, for curation's table."""
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), None)
    if status is None:
        return error
    return Refused(status, {"detail": str(error), "code": getattr(error, "code", type(error).__name__)})
