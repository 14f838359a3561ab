"""Connections and projects in a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from activelearning.backends.labelstudio.projects import RemoteProject
from activelearning.management.labelstudio_json import project_url
from activelearning.models import Connection, LabelProject
from curation.management.tables import plain_table

INDENT = (0, 0, 0, 2)


def connections_table(connections: Sequence[Connection]) -> Table:
    """List connections, one line each."""
    table = plain_table("connection", "address", "pictures", "checked", "state")
    for one in connections:
        state = "not looked at yet" if not one.health else "works" if one.health["ok"] else one.health["code"]
        checked = f"{one.checked_at:%Y-%m-%d %H:%M}" if one.checked_at else ""
        table.add_row(one.name, Text(one.url), one.get_pictures_display().split(",")[0], checked, state)
    return table


def connection_sections(connection: Connection) -> Iterator[RenderableType]:
    """Show a connection with what the last look at it said."""
    health = connection.health
    yield Text.assemble((connection.name, "bold"), f"  {connection.url}")
    yield Padding(Text(health["summary"], "green" if health["ok"] else "red"), INDENT)
    for problem in health["problems"]:
        if problem != health["summary"]:
            yield Padding(Text(f"! {problem}", "yellow"), INDENT)
    for note in health["notes"]:
        yield Padding(Text(f"- {note}"), INDENT)


def projects_table(projects: Sequence[LabelProject]) -> Table:
    """List projects that are known here, one line each."""
    table = plain_table(">id", "connection", ">number there", "title", "classes", "factors")
    for one in projects:
        table.add_row(
            str(one.pk), one.connection.name, str(one.number), Text(one.title), Text(", ".join(one.classes)),
            Text(", ".join(one.factors)),
        )  # fmt: skip
    return table


def remote_table(projects: Sequence[RemoteProject]) -> RenderableType:
    """List projects on a server, one line each."""
    if not projects:
        return Text("The account sees no projects there.")
    table = plain_table(">number", "title", ">tasks")
    for one in projects:
        table.add_row(str(one.number), Text(one.title), f"{one.task_count:,}")
    return table


def project_sections(project: LabelProject) -> Iterator[RenderableType]:
    """Show a project: what it asks annotators for, and how to send a batch to it."""
    yield Text.assemble((project.title, "bold"), f"  {project_url(project)}")
    facts = {
        "id": str(project.pk),
        "classes": ", ".join(project.classes),
        "factors": "; ".join(f"{name}: {', '.join(values)}" for name, values in project.factors.items()),
    }
    for name, value in facts.items():
        if value:
            yield Padding(Text(f"{name:8} {value}"), INDENT)
    yield Text(f"\nSend frames to it: manage.py labelling make --project {project.pk} --name NAME --query QUERY")
