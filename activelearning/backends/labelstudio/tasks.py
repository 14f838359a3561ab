"""Tasks of a Label Studio project, found by the key in their data: the server itself does not tell two alike apart."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activelearning.backends.labelstudio.errors import LabelStudioError
from activelearning.backends.labelstudio.server import Server

KEY = "winnow"
"""The field of a task's data that says which of our tasks it is."""
LOOKED_UP = 100
"""So many keys in one address: servers and proxies cut one off at 8 kB."""
IMPORT_TIMEOUT_S = 180
COLUMNS = "id,data,total_annotations,cancelled_annotations"


@dataclass(frozen=True)
class RemoteTask:
    """A task as the server tells of it. `answers` counts its annotations, skips included."""

    number: int
    key: str
    answers: int


def import_tasks(server: Server, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
    """Put tasks into a project; returns their ids in the same order, or [] where the server does not tell them at once.

    Nothing is deduplicated there, and a call that fails may have worked: look before and after. Raises
    LabelStudioError."""
    with server.calls() as sdk:
        told = sdk.projects.import_tasks(
            project,
            request=list(tasks),
            return_task_ids=True,
            request_options={"max_retries": 0, "timeout_in_seconds": IMPORT_TIMEOUT_S},
        )
        ids = list(getattr(told, "task_ids", None) or [])
    return ids if len(ids) == len(tasks) and all(isinstance(one, int) for one in ids) else []


def find_by_key(server: Server, project: int, keys: Sequence[str]) -> dict[str, list[RemoteTask]]:
    """Find the tasks of a project that have one of the keys; the oldest of each key first. Raises LabelStudioError."""
    found: dict[str, list[RemoteTask]] = defaultdict(list)
    for start in range(0, len(keys), LOOKED_UP):
        wanted = set(keys[start : start + LOOKED_UP])
        for task in _listed(server, project, keys[start : start + LOOKED_UP]):
            # A server that knows no such filter would give all there are.
            if task.key in wanted:
                found[task.key].append(task)
    return {key: sorted(tasks, key=lambda task: task.number) for key, tasks in found.items()}


def find_task(server: Server, number: int) -> RemoteTask:
    """Read a task. Raises LabelStudioError: not_found where it was deleted."""
    with server.calls() as sdk:
        return _read(sdk.tasks.get(str(number)))


def change_data(server: Server, number: int, fields: Mapping[str, Any]) -> None:
    """Change fields of a task's data; the others stay. Raises LabelStudioError."""
    with server.calls() as sdk:
        before = sdk.tasks.get(str(number)).data
        sdk.tasks.update(str(number), data={**before, **fields})


def delete_task(server: Server, number: int) -> None:
    """Delete a task with its annotations; one that is gone already is fine. Raises LabelStudioError."""
    try:
        with server.calls() as sdk:
            sdk.tasks.delete(str(number))
    except LabelStudioError as error:
        if error.code != "not_found":
            raise


def _listed(server: Server, project: int, keys: Sequence[str]) -> Iterator[RemoteTask]:
    item = {"filter": f"filter:tasks:data.{KEY}", "operator": "in_list", "type": "List", "value": list(keys)}
    query = json.dumps({"filters": {"conjunction": "and", "items": [item]}}, separators=(",", ":"))
    with server.calls() as sdk:
        pages = sdk.tasks.list(
            project=project, query=query, fields="task_only", include=COLUMNS, page_size=LOOKED_UP, resolve_uri=False
        )
        yield from [_read(found) for found in pages]


def _read(found: Any) -> RemoteTask:
    fields = found.data if isinstance(found.data, dict) else {}
    answers = (found.total_annotations or 0) + (found.cancelled_annotations or 0)
    return RemoteTask(number=int(found.id), key=str(fields.get(KEY, "")), answers=int(answers))
