"""`manage.py labelstudio`: Label Studio servers, and the projects there that tasks are sent to."""

import getpass
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import RenderableType
from rich.text import Text

from activelearning.management.labelstudio_arguments import add_verbs
from activelearning.management.labelstudio_json import connection_json, project_json, remote_json
from activelearning.management.labelstudio_tables import (
    connection_sections,
    connections_table,
    project_sections,
    projects_table,
    remote_table,
)
from activelearning.models import Connection, LabelProject
from activelearning.services.connection_health import check_connection
from activelearning.services.connections import (
    NoSuchConnection,
    add_connection,
    edit_connection,
    find_connection,
    remove_connection,
)
from activelearning.services.label_projects import adopt_project, new_project, projects_there
from curation.core.errors import SpecError, WinnowError
from evaluation.management.printing import say

UNWELL, WRONG = 1, 2
LISTED = 200
TOKEN = "LABEL_STUDIO_API_KEY"
NONE_YET = "There are no connections yet: manage.py labelstudio connect NAME URL"
NO_PROJECTS = "No projects are known yet: manage.py labelstudio project NAME --title … --classes person"
Said = tuple[dict[str, Any], Iterable[RenderableType], int]


class Command(BaseCommand):
    help = (
        "Label Studio servers and projects: manage.py labelstudio connect ours https://label.example.org; labelstudio "
        "project ours --title night --classes person,jacket --factors weather. The token is read from "
        f"{TOKEN}, from stdin or at a prompt, never from an argument. Exit status: 0 done; 1 a connection does not "
        "work (what is wrong is said); 2 the command was wrong, or was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_verbs(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verbs: dict[str, Callable[[dict[str, Any]], Said]] = {
            "connect": _connect, "check": _check, "list": _list, "projects": _projects, "project": _project,
            "remove": _remove,
        }  # fmt: skip
        try:
            plain, sections, status = verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        say(self.stdout, plain, sections, as_json=options["json"])
        if status:
            sys.exit(status)


def _connect(options: dict[str, Any]) -> Said:
    addresses = {
        name: options[name] for name in ("pictures", "pictures_url", "webhook_url") if options[name] is not None
    }
    try:
        connection = find_connection(options["name"])
    except NoSuchConnection:
        if not options["url"]:
            raise SpecError("Say where it is: manage.py labelstudio connect NAME URL") from None
        connection = add_connection(name=options["name"], url=options["url"], token=_token(), **addresses)
    else:
        token = None if options["keep_token"] else _token()
        connection = edit_connection(connection, url=options["url"], token=token, **addresses)
    return _looked_at([connection])


def _check(options: dict[str, Any]) -> Said:
    if options["name"]:
        return _looked_at([find_connection(options["name"])])
    return _looked_at(list(Connection.objects.order_by("name")))


def _looked_at(connections: list[Connection]) -> Said:
    looks = [check_connection(connection) for connection in connections]  # each is kept on its row
    is_well = all(health["ok"] for health in looks)
    sections = [section for connection in connections for section in connection_sections(connection)]
    plain = {"connections": list(map(connection_json, connections))}
    return plain, sections or [Text(NONE_YET)], 0 if is_well else UNWELL


def _list(options: dict[str, Any]) -> Said:
    found = list(Connection.objects.order_by("name")[:LISTED])
    plain = {"connections": list(map(connection_json, found))}
    return plain, [connections_table(found) if found else Text(NONE_YET)], 0


def _projects(options: dict[str, Any]) -> Said:
    connection = find_connection(options["name"]) if options["name"] else None
    if options["there"]:
        if connection is None:
            raise SpecError("Say whose projects: manage.py labelstudio projects NAME --there")
        there = projects_there(connection)
        return {"projects": list(map(remote_json, there))}, [remote_table(there)], 0
    rows = LabelProject.objects.select_related("connection").order_by("-id")
    found = list((rows.filter(connection=connection) if connection else rows)[:LISTED])
    plain = {"projects": list(map(project_json, found))}
    return plain, [projects_table(found) if found else Text(NO_PROJECTS)], 0


def _project(options: dict[str, Any]) -> Said:
    connection = find_connection(options["name"])
    classes, factors = _words(options["classes"]), _words(options["factors"])
    if (options["adopt"] is None) == (options["title"] is None):
        raise SpecError("Give either --title, to make a project, or --adopt N, to use one that is there.")
    if options["adopt"] is not None:
        project = adopt_project(connection=connection, number=options["adopt"], classes=classes, factors=factors)
    else:
        project = new_project(connection=connection, title=options["title"], classes=classes, factors=factors)
    return project_json(project), project_sections(project), 0


def _remove(options: dict[str, Any]) -> Said:
    connection = find_connection(options["name"])
    remove_connection(connection)
    said = f"{connection} is forgotten, and so is its token. Nothing was deleted on the server."
    return {"removed": connection.name}, [Text(said)], 0


def _token() -> str:
    """Read the token from where it stays out of process lists and shell histories."""
    if found := os.environ.get(TOKEN, "").strip():
        return found
    if sys.stdin.isatty():
        return getpass.getpass("Label Studio token (Account & Settings, Personal Access Token): ")
    if line := sys.stdin.readline().strip():
        return line
    raise SpecError(f"There is no token: set {TOKEN}, or write it to stdin.")


def _words(said: str) -> list[str]:
    return [word.strip() for word in said.split(",") if word.strip()]
