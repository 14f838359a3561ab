"""Connections and projects as the command's --json says them. A token is never among it."""

from typing import Any

from activelearning.backends.labelstudio.projects import RemoteProject
from activelearning.models import Connection, LabelProject


def connection_json(connection: Connection) -> dict[str, Any]:
    """Write a connection down as plain values."""
    return {
        "id": connection.pk,
        "name": connection.name,
        "url": connection.url,
        "pictures": connection.pictures,
        "pictures_url": connection.pictures_url,
        "webhook_url": connection.webhook_url,
        "health": connection.health or None,
        "checked_at": connection.checked_at.isoformat() if connection.checked_at else None,
    }


def project_json(project: LabelProject) -> dict[str, Any]:
    """Write a project down as plain values."""
    return {
        "id": project.pk,
        "connection": project.connection.name,
        "number": project.number,
        "title": project.title,
        "url": project_url(project),
        "classes": project.classes,
        "factors": project.factors,
        "webhook": project.webhook,
        "polled_at": project.polled_at.isoformat() if project.polled_at else None,
    }


def remote_json(project: RemoteProject) -> dict[str, Any]:
    """Write a project on a server down as plain values."""
    return {"number": project.number, "title": project.title, "tasks": project.task_count}


def project_url(project: LabelProject) -> str:
    """Give the page of a project on its server."""
    return f"{project.connection.url}/projects/{project.number}"
