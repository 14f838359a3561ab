"""What an export is asked to do, and asking for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from curation.core.errors import SpecError
from curation.core.formats import FORMATS, Format
from curation.core.params import build, param
from curation.models import DataExport, DatasetVersion
from curation.services.datasets import find_version
from curation.services.filtering import parse_query
from curation.services.holding import HoldoutError
from curation.services.jobs import start_job

KIND = "export"
MOST_CLASSES = 10_000


@dataclass(frozen=True)
class ExportRequest:
    """Which frames, in which format, with what."""

    format: str = param(help="The format's name.")
    query: str = param("", help="Frames by query, as they are now; empty for all, where no dataset is named.")
    dataset: str = param("", help="A dataset version, as it was frozen: name@3, or the name alone for the newest.")
    settings: dict = param({}, help="The format's own parameters.")  # type: ignore[type-arg]
    classes: list[str] = param([], help="Only boxes of these labels, numbered in this order; none given is all.")
    labels: Literal["annotations", "detections"] = param(
        "annotations", help="Whose boxes: what people say, or what the newest run with a detector saw."
    )
    min_score: float = param(0.0, help="Leave out detections below this score.", minimum=0, maximum=1)
    pictures: bool = param(True, help="Include the pictures; without, a list says where they are in the storage.")
    allow_missing: bool = param(False, help="Leave pictures out that are missing, instead of failing.")
    purpose: Literal["training", "evaluation"] = param("training", help="evaluation opens a hold-out.")
    model: str = param("", help="The model that is to be evaluated, for the hold-out's ledger.")
    note: str = param("", help="What else the ledger should say.")

    def __post_init__(self) -> None:
        if self.format not in writable():
            raise ValueError(f"there is no format {self.format!r}. Valid ones: {', '.join(writable())}.")
        if self.query and self.dataset:
            raise ValueError("give a query or a dataset, not both; `dataset:NAME@3` is a query, too.")
        if self.labels == "detections" and self.dataset:
            raise ValueError(
                f"a version has its labels frozen. For detections, export the query `dataset:{self.dataset}`."
            )
        if len(self.classes) > MOST_CLASSES or any(not 0 < len(label) <= 80 for label in self.classes):
            raise ValueError(f"classes must be at most {MOST_CLASSES} labels of 1 to 80 characters.")
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("classes names a label twice.")
        if self.purpose == "evaluation" and not self.model.strip():
            raise ValueError("an evaluation needs the model that is evaluated: its use is written into the ledger.")
        if len(self.model) > 200:
            raise ValueError("model has more than 200 characters.")


def writable() -> list[str]:
    """Name the formats that can be written."""
    return sorted(name for name, kind in FORMATS.items() if kind.writes)


def format_of(request: ExportRequest) -> Format:
    """Make the format of an export. Raises SpecError for a parameter that it has not."""
    return build(FORMATS[request.format], request.settings, where=request.format)


def read_request(plain: Mapping[str, Any]) -> tuple[ExportRequest, DatasetVersion | None]:
    """Check plain values; returns the version that is named, too. Raises SpecError, QueryError, DatasetError,
    HoldoutError."""
    request = build(ExportRequest, plain, where="export")
    format_of(request)
    version = find_version(request.dataset) if request.dataset else None
    if version is None:
        parse_query(request.query)
        if request.purpose == "evaluation":
            raise SpecError("A query leaves held-out frames out. For an evaluation, name the locked dataset version.")
        return request, None
    check_lock(version, purpose=request.purpose)
    return replace(request, dataset=str(version)), version


def check_lock(version: DatasetVersion, *, purpose: str) -> None:
    """Refuse to export a hold-out for anything but an evaluation. Raises HoldoutError."""
    if version.is_locked and purpose != "evaluation":
        raise HoldoutError(
            "held",
            f"{version} is locked as a hold-out, so it is not exported for training. An admin may export it with the "
            "purpose evaluation, naming the model; that is written into its ledger.",
        )
    if purpose == "evaluation" and not version.is_locked:
        raise HoldoutError(
            "not_locked",
            f"{version} is not locked, so nothing about it is final. Export it as it is, or lock it first: manage.py "
            f"dataset lock {version}.",
        )


@transaction.atomic
def request_export(
    request: ExportRequest,
    version: DatasetVersion | None,
    *,
    by_name: str,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> DataExport:
    """Write an export and its job down. by_name is who the ledger will name.

    Whoever calls rings for the job; with `here` it is done in this process."""
    plain = asdict(request)
    job = start_job(kind=KIND, params=plain, user=user, here=here)
    return DataExport.objects.create(
        version=version, query="" if version else request.query, format=request.format, purpose=request.purpose,
        with_pictures=request.pictures, settings={**plain, "by_name": by_name}, job=job,
    )  # fmt: skip


def request_of(row: DataExport) -> ExportRequest:
    """Return what an export was asked to do. Raises SpecError if it was asked in words that are no longer known."""
    return build(ExportRequest, {k: v for k, v in row.settings.items() if k != "by_name"}, where="export")


def file_name_of(row: DataExport) -> str:
    """Name an export's archive: letters, digits, '.', '-' and '_' alone."""
    what = str(row.version).replace("@", "-v") if row.version else f"frames-{row.pk}"
    return f"{what}-{row.format}.zip"
