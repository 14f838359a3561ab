"""Errors of the services as answers: what happened, and the status that a program can act on."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import APIException

from curation.core.errors import IngestError, MediaError, RunError, SpecError, WeightsMissing, WinnowError
from curation.core.query import QueryError
from curation.services.costs import CostError
from curation.services.datasets import DatasetError, NoSuchVersion
from curation.services.profile_axes import ProfileError
from curation.services.search import SearchError
from curation.services.stored_files import NoSuchFile
from curation.services.tag_words import NoSuchThing, TagEditError
from curation.services.upload_parts import UploadError

STATUS: Mapping[type[Exception], HTTPStatus] = {
    SpecError: HTTPStatus.BAD_REQUEST,
    ProfileError: HTTPStatus.BAD_REQUEST,
    CostError: HTTPStatus.BAD_REQUEST,
    NoSuchFile: HTTPStatus.NOT_FOUND,
    NoSuchVersion: HTTPStatus.NOT_FOUND,
    DatasetError: HTTPStatus.BAD_REQUEST,
    NoSuchThing: HTTPStatus.NOT_FOUND,
    TagEditError: HTTPStatus.BAD_REQUEST,
    IngestError: HTTPStatus.CONFLICT,
    RunError: HTTPStatus.CONFLICT,
    WeightsMissing: HTTPStatus.CONFLICT,
    MediaError: HTTPStatus.UNPROCESSABLE_ENTITY,
}
UPLOAD_STATUS: Mapping[str, HTTPStatus] = {
    "too_big": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many_bytes": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "part_too_big": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "empty": HTTPStatus.BAD_REQUEST,
    "short_part": HTTPStatus.BAD_REQUEST,
    "checksum": HTTPStatus.BAD_REQUEST,
    "sha256_missing": HTTPStatus.BAD_REQUEST,
    "sha256_changed": HTTPStatus.BAD_REQUEST,
}
"""Every other code is a conflict with the state of the upload, and the next step depends on that state."""

SEARCH_STATUS: Mapping[str, HTTPStatus] = {"not_found": HTTPStatus.NOT_FOUND, "no_embedding": HTTPStatus.CONFLICT}


class Problem(serializers.Serializer[Any]):
    """What is wrong. Errors of fields come as `{"field": ["what is wrong with it"]}` instead."""

    detail = serializers.CharField(required=False)
    code = serializers.CharField(required=False, help_text="Stable, for programs.")
    received_bytes = serializers.IntegerField(required=False, help_text="Uploads: where the next part begins.")


class QueryProblem(serializers.Serializer[Any]):
    """Where a query cannot be understood. Errors of other parameters come by name, as everywhere."""

    error = serializers.CharField(required=False)
    column = serializers.IntegerField(required=False)
    near = serializers.CharField(required=False)
    message = serializers.CharField(required=False)


class Refused(APIException):
    """A service's error on its way out. The body is kept as it is: DRF would turn its numbers into text."""

    def __init__(self, status: HTTPStatus, body: Mapping[str, object]) -> None:
        super().__init__()
        self.status_code = int(status)
        self.detail = dict(body)  # type: ignore[arg-type]


def translated(error: Exception) -> Exception:
    """Give the answer that stands for a service's error; any other exception comes back as it is."""
    if isinstance(error, UploadError):
        more = {} if error.received_bytes is None else {"received_bytes": error.received_bytes}
        status = UPLOAD_STATUS.get(error.code, HTTPStatus.CONFLICT)
        return Refused(status, {"detail": str(error), "code": error.code, **more})
    if isinstance(error, QueryError):
        body = {"error": "query", "column": error.column, "near": error.near, "message": error.message}
        return Refused(HTTPStatus.BAD_REQUEST, body)
    if isinstance(error, SearchError):
        status = SEARCH_STATUS.get(error.code, HTTPStatus.BAD_REQUEST)
        return Refused(status, {"detail": str(error), "code": error.code})
    if isinstance(error, WinnowError):
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), HTTPStatus.CONFLICT)
        return Refused(status, {"detail": str(error), "code": getattr(error, "code", type(error).__name__)})
    return error
