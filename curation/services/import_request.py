"""What an import is asked to do, and asking for it."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db import transaction

from curation.backends.embed import check_embedder_name
from curation.core.errors import SpecError, WinnowError
from curation.core.formats import FORMATS, Format
from curation.core.params import build, param
from curation.models import DataImport
from curation.services.ingest import camera_name
from curation.services.jobs import start_job
from curation.services.stored_files import NoSuchFile, confined

KIND = "import"
AUTO = "auto"
OnKnown: TypeAlias = Literal["replace", "skip", "add"]
OWN_FOLDERS = frozenset({"frames", "videos", "exports", "datasets", "cache"})
"""What Winnow keeps in the storage itself. An export is imported from outside, not from under its own key."""
_LONGEST_NAME = 120


class ImportFailed(WinnowError):
    """An import cannot be done at all: what was to be read is not there, or is not what it should be."""


@dataclass(frozen=True)
class ImportRequest:
    """Where to read, in which format, and what becomes of it."""

    root: str = param(help="A folder, a zip archive, or one file of annotations.")
    place: Literal["disk", "storage"] = param("storage", help="Whether the files named are paths or keys.")
    format: str = param(AUTO, help="The format's name, or auto.")
    settings: dict = param({}, help="The format's own parameters.")  # type: ignore[type-arg]
    name: str = param("", help="What the import is called; by default after its root.")
    annotations: str = param("", help="The file or folder of annotations, where it is not in the root.")
    video: str = param("", help="The video that annotations by frame number or time are about.")
    camera: str = param("", help="Camera of what says nothing of a camera itself; by default the import's name.")
    camera_from_path: str = param("", help="Regular expression that finds the camera in a picture's path.")
    on_known: OnKnown = param("replace", help="What happens to the annotations of pictures that are known.")
    embedder: str = param("descriptor", help="Whose vectors the new frames get; empty for none.")

    def __post_init__(self) -> None:
        if not self.root:
            raise ValueError("root is empty; name a folder, an archive or a file.")
        if self.format != AUTO and self.format not in readable():
            raise ValueError(f"there is no format {self.format!r}. Valid ones: {', '.join([AUTO, *readable()])}.")
        if self.settings and self.format == AUTO:
            raise ValueError("parameters of a format need its name; `auto` has none.")
        try:
            found = re.compile(self.camera_from_path)
        except re.error as error:
            raise ValueError(f"camera_from_path is no regular expression: {error}.") from error
        if self.camera_from_path and found.match(""):
            raise ValueError("camera_from_path fits the empty text, so it would find no camera.")
        if len(self.title) > _LONGEST_NAME:
            raise ValueError(f"name has {len(self.title)} characters; {_LONGEST_NAME} are allowed.")

    @property
    def title(self) -> str:
        """The import's name: as given, else that of its root without the suffix."""
        path = PurePosixPath(self.root)
        return self.name or (path.stem if path.suffix.lower() in (".zip", ".json", ".xml") else path.name) or "import"


def readable() -> list[str]:
    """Name the formats that can be read."""
    return [name for name, kind in FORMATS.items() if kind.reads]


def format_of(name: str, settings: Mapping[str, Any]) -> Format:
    """Make a format by its name. Raises SpecError for a parameter that it has not."""
    return build(FORMATS[name], settings, where=name)


def read_request(plain: Mapping[str, Any]) -> ImportRequest:
    """Check plain values, all that can be told before anything is read. Raises SpecError, ImportFailed, NoSuchFile."""
    request = build(ImportRequest, plain, where="import")
    if request.format != AUTO:
        format_of(request.format, request.settings)
    if request.camera:
        camera_name(request.camera)
    if request.embedder:
        check_embedder_name(request.embedder)  # loading it is the job's business
    for named in filter(None, (request.root, request.annotations, request.video)):
        if request.place == "storage":
            _check_key(named)
        elif not Path(named).exists():
            raise ImportFailed(f"There is no file or folder {named}.")
    return request


@transaction.atomic
def request_import(
    request: ImportRequest, *, user: AbstractBaseUser | AnonymousUser | None = None, here: bool = False
) -> DataImport:
    """Write an import and its job down. Whoever calls rings for the job; with `here` it is done in this process."""
    plain = asdict(request)
    job = start_job(kind=KIND, params=plain, user=user, here=here)
    return DataImport.objects.create(
        name=request.title, format=request.format, source=request.root[-1024:], settings=plain, job=job
    )  # fmt: skip


def request_of(row: DataImport) -> ImportRequest:
    """Return what an import was asked to do. Raises SpecError if it was asked in words that are no longer known."""
    return build(ImportRequest, row.settings, where="import")


def _check_key(key: str) -> None:
    confined(key.rstrip("/"))
    first = PurePosixPath(key).parts[0]
    if first in OWN_FOLDERS:
        raise SpecError(
            f"{key!r} is in a folder of Winnow's own ({first}/). Put what is to be imported elsewhere in the storage, "
            "for instance below incoming/, or upload it with the purpose `import`."
        )
    if not _is_there(key.rstrip("/")):
        raise NoSuchFile(f"The storage has no file or folder {key!r}.")


def _is_there(key: str) -> bool:
    if default_storage.exists(key):
        return True
    try:
        return any(default_storage.listdir(key))
    except (FileNotFoundError, NotADirectoryError):
        return False
