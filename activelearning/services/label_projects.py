"""Projects on Label Studio servers: made with a configuration of our own, or adopted if theirs fits."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.backends.labelstudio.projects import (
    LONGEST_TITLE,
    SHORTEST_TITLE,
    RemoteProject,
    create_project,
    delete_project,
    find_project,
    list_projects,
)
from activelearning.core.label_config import LabelConfig, make_config, misfits
from activelearning.core.label_config_reading import read_config
from activelearning.models import Connection, LabelProject
from activelearning.services.asked_for import checked_classes, offered_factors
from activelearning.services.connections import server_of
from curation.core.errors import SpecError, WinnowError


class ProjectMisfit(WinnowError):
    """A project is not what is needed, or not there. code: misfit (its configuration does not offer it); changed (since
    it was last read); there (it was not deleted); anew (the server was set up anew)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchProject(WinnowError):
    """There is no such project."""

    code = "not_found"


def new_project(
    *, connection: Connection, title: str, classes: Sequence[str], factors: Sequence[str] = ()
) -> LabelProject:
    """Make a project there that asks for boxes of classes, and for values of factors of the operating conditions.

    Raises SpecError, LabelStudioError, Sealed."""
    said = " ".join(title.split())
    if not SHORTEST_TITLE <= len(said) <= LONGEST_TITLE:
        raise SpecError(
            f"The title {said[:100]!r} has {len(said)} characters; Label Studio takes {SHORTEST_TITLE} to "
            f"{LONGEST_TITLE}."
        )
    config = make_config(checked_classes(classes), offered_factors(factors))
    with server_of(connection) as server:
        made = create_project(server, title=said, config=config)
    return _keep(connection, made, read_config(made.config or config))


def adopt_project(
    *, connection: Connection, number: int, classes: Sequence[str] = (), factors: Sequence[str] = ()
) -> LabelProject:
    """Take over a project that is there, if its configuration offers the classes and factors; called again, it reads
    the configuration anew.

    Raises ProjectMisfit, which says all that does not fit, LabelStudioError, SpecError, Sealed."""
    with server_of(connection) as server:
        found = find_project(server, number)
    config = read_config(found.config)
    wanted = offered_factors(factors)
    if wrong := misfits(config, classes=classes, factors=wanted):
        raise ProjectMisfit(
            "misfit",
            f"Project {number} ({found.title}) does not fit: {'; '.join(wrong)}. Change its labelling configuration "
            "there (Settings, Labeling Interface), or let one be made: manage.py labelstudio project "
            f"{connection} --title … --classes …",
        )
    return _keep(connection, found, config)


def remake_project(project: LabelProject) -> LabelProject:
    """Make a project like one that was deleted there, under the same title; it takes its place here.

    Raises ProjectMisfit where it is there, LabelStudioError, Sealed."""
    connection = project.connection
    with server_of(connection) as server:
        if _is_there(server, project.number):
            raise ProjectMisfit("there", f"{project} is there, as project {project.number}; no other was made.")
        made = create_project(server, title=project.title[:LONGEST_TITLE], config=project.config)
        if connection.projects.exclude(pk=project.pk).filter(number=made.number).exists():
            # Its numbers began anew: they no longer say which project is meant.
            delete_project(server, made.number)
            raise ProjectMisfit(
                "anew",
                f"{connection} was set up anew, so that no project there is the one that is known here. Connect it "
                "under another name, and make another batch.",
            )
    project.number, project.webhook, project.config = made.number, None, made.config or project.config
    project.save(update_fields=["number", "webhook", "config"])
    return project


def look_at(project: LabelProject, *, classes: Sequence[str], factors: Sequence[str]) -> LabelConfig:
    """Read a project's configuration as it is there now, and see whether it offers classes and factors still.

    One that was changed and still does is taken over. Raises ProjectMisfit, LabelStudioError, Sealed."""
    with server_of(project.connection) as server:
        found = find_project(server, project.number)
    config = read_config(found.config)
    wanted = {name: project.factors.get(name, ()) for name in factors}
    if wrong := misfits(config, classes=classes, factors=wanted):
        raise ProjectMisfit(
            "changed",
            f"The configuration of {project} was changed there and no longer fits: {'; '.join(wrong)}. Change it back "
            "there (Settings, Labeling Interface).",
        )
    if found.config != project.config:
        _keep(project.connection, found, config)
        project.refresh_from_db()
    return config


def projects_there(connection: Connection) -> list[RemoteProject]:
    """List the projects that the connection's account sees. Raises LabelStudioError, Sealed."""
    with server_of(connection) as server:
        return list_projects(server)


def find_label_project(number: int | str, *, connection: Connection | None = None) -> LabelProject:
    """Find a project that is known here: by its id here, or by its connection and its number there.

    Raises NoSuchProject."""
    said = str(number)
    projects = LabelProject.objects.select_related("connection")
    known = said.isdecimal() and len(said) < 18
    if connection is not None:
        found = projects.filter(connection=connection, number=int(said)).first() if known else None
        where = f" of {connection}"
    else:
        found, where = (projects.filter(pk=int(said)).first() if known else None), ""
    if found is None:
        raise NoSuchProject(
            f"There is no project {said[:40]!r}{where} that is known here. `manage.py labelstudio projects` lists them."
        )
    return found


def _is_there(server: Server, number: int) -> bool:
    try:
        find_project(server, number)
    except LabelStudioError as error:
        if error.code == "not_found":
            return False
        raise
    return True


def _keep(connection: Connection, found: RemoteProject, config: LabelConfig) -> LabelProject:
    values = {
        "title": found.title[:200],
        "config": found.config,
        "classes": list(config.classes),
        "factors": {name: list(choices) for name, choices in config.factors.items()},
        "names": config.names.to_dict(),
    }
    try:
        with transaction.atomic():
            kept, _ = LabelProject.objects.update_or_create(connection=connection, number=found.number, defaults=values)
    except IntegrityError as error:
        raise LabelStudioError("server", "Somebody took the same project over at this moment. Try again.") from error
    return kept
