"""Webhooks of a Label Studio project: hints that something changed. They carry our secret, not signatures."""

from dataclasses import dataclass
from typing import Any

from activelearning.backends.labelstudio.server import Server

SECRET_HEADER = "X-Winnow-Secret"
ACTIONS = ("ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED", "TASKS_DELETED")


@dataclass(frozen=True)
class RemoteWebhook:
    """A webhook as the server tells of it."""

    number: int
    url: str
    is_active: bool
    has_secret: bool


def list_webhooks(server: Server, project: int, *, secret: str) -> list[RemoteWebhook]:
    """List a project's webhooks, and whether each carries the secret. Raises LabelStudioError."""
    with server.calls() as sdk:
        return [_read(one, secret) for one in sdk.webhooks.list(project=str(project)) if one.project == project]


def create_webhook(server: Server, project: int, *, url: str, secret: str) -> int:
    """Let a project tell an address of its annotations; returns the webhook's id. Raises LabelStudioError."""
    with server.calls() as sdk:
        made = sdk.webhooks.create(
            project=project,
            url=url,
            headers={SECRET_HEADER: secret},
            actions=list(ACTIONS),
            send_for_all_actions=False,
            send_payload=True,
            is_active=True,
        )
        return int(made.id)


def change_webhook(server: Server, number: int, *, url: str, secret: str) -> None:
    """Give a webhook another address or secret, and switch it on. Raises LabelStudioError."""
    with server.calls() as sdk:
        sdk.webhooks.update(
            number,
            url=url,
            headers={SECRET_HEADER: secret},
            actions=list(ACTIONS),
            send_for_all_actions=False,
            send_payload=True,
            is_active=True,
        )


def delete_webhook(server: Server, number: int) -> None:
    """Delete a webhook. Raises LabelStudioError."""
    with server.calls() as sdk:
        sdk.webhooks.delete(number)


def _read(found: Any, secret: str) -> RemoteWebhook:
    headers = found.headers if isinstance(found.headers, dict) else {}
    return RemoteWebhook(
        number=int(found.id),
        url=str(found.url),
        is_active=bool(found.is_active),
        has_secret=headers.get(SECRET_HEADER) == secret,
    )
