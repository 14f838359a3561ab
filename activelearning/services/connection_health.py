"""What a look at a connection found: whether it works, and what stands in the way, in plain words."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils import timezone

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.backends.labelstudio.account import Account, read_account
from activelearning.backends.outbound import AddressRefused, outbound_client
from activelearning.models import Connection
from activelearning.services.connections import server_of
from activelearning.services.picture_links import address_here
from activelearning.services.secrets import Sealed

OLDEST = (1, 20)
"""Personal access tokens and the filters that are used here are in every server from then on."""
TIMEOUT_S = 10.0
Health = dict[str, Any]


def check_connection(connection: Connection) -> Health:
    """Look whether a connection works, and keep what was found on its row.

    {"ok", "code" (of LabelStudioError; empty where it works), "summary", "version", "token" (personal or legacy),
    "user", "can_create_projects", "problems": [sentence], "notes": [sentence]}. Nothing is raised."""
    health: Health = {
        "ok": False, "code": "", "summary": "", "version": "", "token": "", "user": "", "can_create_projects": None,
        "problems": [], "notes": [],
    }  # fmt: skip
    try:
        with server_of(connection, timeout_s=TIMEOUT_S) as server:
            _ask(server, health)
    except (LabelStudioError, Sealed) as error:
        health["code"] = getattr(error, "code", "sealed")
        health["problems"].append(str(error))
    else:
        health["ok"] = True
    health["problems"] += _picture_problems(connection)
    health["notes"] += [*_picture_notes(connection), *_webhook_notes(connection)]
    health["summary"] = _summary(health)
    connection.health, connection.checked_at = health, timezone.now()
    connection.save(update_fields=["health", "checked_at"])
    return health


def _ask(server: Server, health: Health) -> None:
    health["version"] = server.version()
    if (number := _number(health["version"])) and number < OLDEST:
        raise LabelStudioError(
            "too_old",
            f"{server.url} runs Label Studio {health['version']}; {'.'.join(map(str, OLDEST))} or newer is needed.",
        )
    health["token"] = server.token_kind
    account: Account = read_account(server)
    health["user"], health["can_create_projects"] = account.email, account.can_create_projects
    if account.can_create_projects is False:
        health["notes"].append("The account may not make projects; it can use those that are shown to it.")


def _picture_problems(connection: Connection) -> list[str]:
    if connection.pictures == Connection.Pictures.BUCKET:
        return []
    base = connection.pictures_url or address_here()
    found, host = [], urlsplit(base).hostname or ""
    if urlsplit(connection.url).scheme == "https" and urlsplit(base).scheme == "http" and not _is_here(host):
        found.append(
            f"Label Studio is shown by https, but pictures come from {base}: browsers refuse that. Give an https "
            "address of this service as pictures_url."
        )
    if not any(host == one or one == "*" or (one.startswith(".") and host.endswith(one)) for one in _hosts()):
        found.append(
            f"This service does not serve the host name {host} of pictures_url: add it to WINNOW_ALLOWED_HOSTS."
        )
    return found


def _picture_notes(connection: Connection) -> list[str]:
    if connection.pictures == Connection.Pictures.BUCKET:
        return [
            "Pictures are given as s3:// addresses: the project there needs a source storage of the same bucket, with "
            "pre-signed URLs, and the bucket needs a CORS rule for Label Studio's address."
        ]
    base = connection.pictures_url or address_here()
    notes = []
    if _is_here(urlsplit(base).hostname or "") and not _is_here(urlsplit(connection.url).hostname or ""):
        notes.append(
            f"Annotators' browsers fetch pictures from {base}, which each takes for its own machine. For people on "
            "other machines, give the address under which they reach this service as pictures_url."
        )
    try:
        with outbound_client(timeout_s=3.0) as http:
            answer = http.get(f"{base.rstrip('/')}/health")
        if answer.status_code != 200:
            notes.append(f"{base} answers with status {answer.status_code}, so annotators may see no pictures.")
    except (httpx.HTTPError, AddressRefused):
        notes.append(f"{base} cannot be reached from here; whether annotators reach it cannot be told.")
    return notes


def _webhook_notes(connection: Connection) -> list[str]:
    url = connection.webhook_url
    if not url:
        return ["No webhook_url is set: answers are fetched when a pull runs, not as soon as they are given."]
    host, notes = urlsplit(url).hostname or "", []
    if "." not in host and ":" not in host and host != "localhost":
        notes.append(f"Label Studio refuses webhooks to a host name without a dot ({host}).")
    if _is_here(host) or _is_private(host):
        notes.append(
            f"Label Studio refuses webhooks to private addresses ({host}) unless it runs with "
            "SSRF_PROTECTION_ENABLED=false. Without webhooks answers still come, by pulling."
        )
    return notes


def _summary(health: Health) -> str:
    if not health["ok"]:
        return str(health["problems"][0])
    count = len(health["problems"])
    but = f", but {count} thing{'s' if count > 1 else ''} must be mended" if count else ""
    return f"Label Studio {health['version']} answers {health['user']} ({health['token']} token){but}."


def _number(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


def _hosts() -> list[str]:
    return [host.strip("[]") for host in settings.ALLOWED_HOSTS]


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
