"""Annotations of a Label Studio project, with the tasks that they belong to."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from activelearning.backends.labelstudio.errors import LabelStudioError
from activelearning.backends.labelstudio.server import Server
from activelearning.backends.labelstudio.tasks import KEY

EXPORT_TIMEOUT_S = 180
MOST_BYTES = 2 << 30
IN_MEMORY_BYTES = 8 << 20
PAGE = 100
COUNTS = ("total_annotations", "cancelled_annotations")
COUNTED = ",".join(("id", "data", *COUNTS))
MOST_PEOPLE = 5_000
NO_EXPORT = frozenset({"not_found", "no_rights", "invalid", "timeout", "server"})
"""Only the community edition hands a project over at once, and a large one may take longer than a proxy waits."""


@dataclass(frozen=True)
class RemoteState:
    """A task there with its data and all its annotations as it tells them. `key` is empty where it is none of ours."""

    number: int
    key: str
    annotations: tuple[Mapping[str, Any], ...]
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Whole:
    """All tasks of a project; `bad` counts items that were no tasks."""

    tasks: tuple[RemoteState, ...]
    bad: int


def mark_of(server: Server, project: int) -> str:
    """Return a text that is another one once tasks or annotations changed: when one last did, and how many there are.

    Raises LabelStudioError."""
    query = json.dumps({"ordering": ["-tasks:updated_at"]})
    with server.calls() as sdk:
        found = sdk.projects.get(project)
        pages = sdk.tasks.list(
            project=project, query=query, fields="task_only", include="id,updated_at", page_size=1, resolve_uri=False
        )
        newest = next((str(task.updated_at) for task in islice(pages, 1)), "")
    counts = (getattr(found, name, None) for name in ("task_number", "total_annotations_number"))
    return "/".join([newest, *map(str, counts)])


def read_whole(server: Server, project: int) -> Whole:
    """Read all tasks of a project with their annotations: at once where the server can, else page by page.

    Raises LabelStudioError."""
    try:
        return _read_at_once(server, project)
    except LabelStudioError as error:
        if error.code not in NO_EXPORT:
            raise
    return _read_by_pages(server, project)


def people_of(server: Server) -> dict[int, str]:
    """Return the e-mail addresses of a server's users by id; none where the account may not see them."""
    try:
        with server.calls() as sdk:
            found = islice(sdk.users.list() or [], MOST_PEOPLE)
            return {one.id: str(one.email) for one in found if isinstance(one.id, int) and one.email}
    except LabelStudioError as error:
        if error.may_pass:
            raise
        return {}


def delete_annotation(server: Server, number: int) -> None:
    """Delete an annotation; one that is gone already is fine. Raises LabelStudioError."""
    try:
        with server.calls() as sdk:
            sdk.annotations.delete(number)
    except LabelStudioError as error:
        if error.code != "not_found":
            raise


def _read_at_once(server: Server, project: int) -> Whole:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        size = 0
        with server.calls() as sdk:
            for piece in sdk.projects.exports.download_sync(
                project,
                export_type="JSON",
                download_all_tasks=True,
                request_options={"timeout_in_seconds": EXPORT_TIMEOUT_S, "max_retries": 0},
            ):
                size += len(piece)
                if size > MOST_BYTES:
                    raise LabelStudioError("invalid", f"Project {project} is larger than {MOST_BYTES >> 30} GiB.")
                file.write(piece)
        file.seek(0)
        return _whole(_items(file, server))


def _items(file: IO[bytes], server: Server) -> list[Any]:
    try:
        found = json.load(file)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise LabelStudioError("server", f"{server.url} sent an export that is cut off, or no JSON.")
    return found


def _read_by_pages(server: Server, project: int) -> Whole:
    """Read annotated tasks whole, then what there is of all: to read all of them whole takes many times as long.

    Pages shift while somebody works, so a task whose annotations are not as many as it says is read by itself."""
    some = {"conjunction": "or", "items": [_more_than_none("total"), _more_than_none("cancelled")]}
    whole = _whole(list(_listed(server, project, fields="all", query=json.dumps({"filters": some}))))
    annotated = {state.number: state for state in whole.tasks}
    items = {item.get("id"): item for item in _listed(server, project, fields="task_only", include=COUNTED)}
    every = _whole(list(items.values()))
    tasks = []
    for state in every.tasks:
        known = annotated.get(state.number, state)
        is_whole = len(known.annotations) == sum(items[state.number].get(name) or 0 for name in COUNTS)
        tasks.append(known if is_whole else _read_one(server, state.number) or state)
    return Whole(tuple(tasks), every.bad)


def _read_one(server: Server, number: int) -> RemoteState | None:
    with server.calls() as sdk:
        found = sdk.tasks.get(str(number))
        return _state(found if isinstance(found, dict) else found.dict())


def _more_than_none(which: str) -> dict[str, Any]:
    return {"filter": f"filter:tasks:{which}_annotations", "operator": "greater", "type": "Number", "value": 0}


def _listed(server: Server, project: int, **how: Any) -> Iterator[Any]:
    with server.calls() as sdk:
        for task in sdk.tasks.list(project=project, page_size=PAGE, resolve_uri=False, **how):
            yield task if isinstance(task, dict) else task.dict()


def _whole(items: list[Any]) -> Whole:
    tasks = tuple(state for item in items if (state := _state(item)) is not None)
    return Whole(tasks, len(items) - len(tasks))


def _state(item: Any) -> RemoteState | None:
    number = item.get("id") if isinstance(item, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        return None
    told, said = item.get("data"), item.get("annotations")
    fields = told if isinstance(told, dict) else {}
    key = fields.get(KEY)
    annotations = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    return RemoteState(number, key if isinstance(key, str) else "", tuple(annotations), fields)
