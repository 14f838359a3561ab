"""Projects of a Label Studio server."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from activelearning.backends.labelstudio.errors import LabelStudioError
from activelearning.backends.labelstudio.server import Server

MOST_LISTED = 500
SHORTEST_TITLE, LONGEST_TITLE = 3, 50


@dataclass(frozen=True)
class RemoteProject:
    """A project as the server tells of it. `config` is its labelling configuration, XML."""

    number: int
    title: str
    config: str = ""
    task_count: int = 0


def find_project(server: Server, number: int) -> RemoteProject:
    """Read a project. Raises LabelStudioError: not_found where there is none, or it is not shown to the account."""
    with server.calls() as sdk:
        return _read(sdk.projects.get(number))


def list_projects(server: Server) -> list[RemoteProject]:
    """List the projects that the account sees, at most MOST_LISTED. Raises LabelStudioError."""
    with server.calls() as sdk:
        return [_read(found) for found in islice(sdk.projects.list(page_size=100), MOST_LISTED)]


def create_project(server: Server, *, title: str, config: str) -> RemoteProject:
    """Make a project. The title has SHORTEST_TITLE to LONGEST_TITLE characters. Raises LabelStudioError."""
    with server.calls() as sdk:
        return _read(sdk.projects.create(title=title, label_config=config, show_instruction=False))


def change_config(server: Server, number: int, *, config: str) -> RemoteProject:
    """Give a project another configuration. The server refuses one that its annotations do not fit.

    Raises LabelStudioError."""
    with server.calls() as sdk:
        sdk.projects.update(number, label_config=config)
        return _read(sdk.projects.get(number))


def delete_project(server: Server, number: int) -> None:
    """Delete a project with all that is in it. Raises LabelStudioError."""
    with server.calls() as sdk:
        sdk.projects.delete(number)


def _read(found: Any) -> RemoteProject:
    if not isinstance(found.id, int):
        raise LabelStudioError(
            "not_label_studio", "It tells of a project without an id. Look whether the address is right."
        )
    return RemoteProject(
        number=found.id,
        title=str(found.title or ""),
        config=str(getattr(found, "label_config", "") or ""),
        task_count=int(getattr(found, "task_number", 0) or 0),
    )
