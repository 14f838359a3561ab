"""Connections to Label Studio servers: entered, changed, looked up, removed."""

import secrets

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activelearning.backends.labelstudio import Server
from activelearning.backends.outbound import checked_url
from activelearning.models import Connection
from activelearning.services.picture_links import bucket
from activelearning.services.secrets import seal, unseal
from curation.core.errors import SpecError, WinnowError

NAMED = 10


class ConnectionRefused(WinnowError):
    """A connection cannot be made or removed. code: exists, in_use, no_token, not_found."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchConnection(ConnectionRefused):
    """There is no such connection."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


def add_connection(
    *,
    name: str,
    url: str,
    token: str,
    pictures: str = Connection.Pictures.SIGNED,
    pictures_url: str = "",
    webhook_url: str = "",
    user: AbstractBaseUser | AnonymousUser | None = None,
) -> Connection:
    """Enter a server. It is not asked anything yet: `check_connection` does. Raises SpecError, ConnectionRefused."""
    connection = Connection(
        name=name,
        url=checked_url(url),
        sealed_token=seal(_token(token)),
        webhook_secret=secrets.token_urlsafe(32),
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    _set_addresses(connection, pictures=pictures, pictures_url=pictures_url, webhook_url=webhook_url)
    _check_name(connection)
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:
        raise ConnectionRefused(
            "exists", f"There is a connection {name!r} already. Change it, or use another name."
        ) from error
    return connection


def edit_connection(
    connection: Connection,
    *,
    url: str | None = None,
    token: str | None = None,
    pictures: str | None = None,
    pictures_url: str | None = None,
    webhook_url: str | None = None,
) -> Connection:
    """Change a connection; what is left out stays. What the last check said is forgotten.

    A new address needs the token again: it must not be sent to another server by mistake. Raises SpecError,
    ConnectionRefused."""
    if url is not None and checked_url(url) != connection.url:
        if not token:
            raise ConnectionRefused(
                "no_token",
                "With another address, enter the token again: it is not sent to a server it was not meant for.",
            )
        connection.url = checked_url(url)
    if token:
        connection.sealed_token = seal(_token(token))
    _set_addresses(connection, pictures=pictures, pictures_url=pictures_url, webhook_url=webhook_url)
    connection.health, connection.checked_at = {}, None
    connection.save()
    return connection


def find_connection(name: str) -> Connection:
    """Find a connection by its name. Raises NoSuchConnection, which lists what there is."""
    found = Connection.objects.filter(name=name.strip()).first()
    if found is not None:
        return found
    there = ", ".join(Connection.objects.order_by("name").values_list("name", flat=True)[:NAMED])
    known = f"There are: {there}." if there else "There is none yet: manage.py labelstudio connect NAME URL"
    raise NoSuchConnection(f"There is no connection {name[:80]!r}. {known}")


@transaction.atomic
def remove_connection(connection: Connection) -> None:
    """Forget a server and its token. Its projects are forgotten too, unless batches went to them.

    Nothing is deleted on the server. Raises ConnectionRefused."""
    used = connection.projects.filter(batches__isnull=False).distinct().count()
    if used:
        raise ConnectionRefused(
            "in_use",
            f"Batches went to {used} project{'s' if used > 1 else ''} of {connection}, and their labels say so. It "
            "stays; if its token must go, revoke it in Label Studio.",
        )
    connection.projects.all().delete()
    connection.delete()


def server_of(connection: Connection, *, timeout_s: float = 30.0) -> Server:
    """Give a connection's server, for a `with` block. Raises Sealed where its token cannot be read any more."""
    return Server(connection.url, unseal(connection.sealed_token, whose=connection.name), timeout_s=timeout_s)


def _set_addresses(
    connection: Connection, *, pictures: str | None, pictures_url: str | None, webhook_url: str | None
) -> None:
    if pictures is not None:
        if pictures not in Connection.Pictures.values:
            raise SpecError(f"pictures is {pictures!r}; it must be one of {', '.join(Connection.Pictures.values)}.")
        if pictures == Connection.Pictures.BUCKET:
            bucket()
        connection.pictures = pictures
    if pictures_url is not None:
        connection.pictures_url = checked_url(pictures_url, what="pictures_url") if pictures_url.strip() else ""
    if webhook_url is not None:
        connection.webhook_url = checked_url(webhook_url, what="webhook_url") if webhook_url.strip() else ""


def _token(token: str) -> str:
    said = token.strip()
    if not said or not said.isascii() or not said.isprintable() or " " in said or len(said) > 4000:
        raise SpecError("The token is empty, or is none: it is one word of letters, digits, '.', '-' and '_'.")
    return said


def _check_name(connection: Connection) -> None:
    try:
        Connection._meta.get_field("name").clean(connection.name, connection)
    except ValidationError as error:
        raise SpecError(
            f"{connection.name[:100]!r} cannot name a connection: use 1 to 80 lower-case letters, digits, '_', '.' and "
            "'-', and begin with a letter or digit."
        ) from error
