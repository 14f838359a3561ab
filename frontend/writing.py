"""Callbacks that write: who may, and how they say what could not be done.

The guard in front of the dashboard has checked session and CSRF token of every call; the role is checked here."""

from collections.abc import Callable
from typing import TypeVar

from dash import set_props
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from flask import has_request_context, request

from curation.api.roles import Role, role_of
from curation.core.errors import WinnowError
from frontend.guard import USER_KEY

T = TypeVar("T")


def writer() -> AbstractUser | None:
    """Return who asks, if they may write; None if not. One query."""
    user = request.environ.get(USER_KEY) if has_request_context() else None
    return user if isinstance(user, AbstractUser) and role_of(user) >= Role.CURATOR else None


def write(verb: Callable[[AbstractUser], T]) -> T | None:
    """Do something for who asks, all of it or nothing; None where they may not, or it cannot be done, which is said."""
    user = writer()
    if user is None:
        tell("This needs the role curator. An admin gives roles by adding you to that group.")
        return None
    try:
        with transaction.atomic():
            return verb(user)
    except WinnowError as error:
        tell(str(error))
        return None


def tell(message: str, *, title: str = "That was not done", color: str = "red") -> None:
    """Show a notice."""
    notice = {"action": "show", "title": title, "message": message, "color": color, "autoClose": 12_000}
    set_props("notices", {"sendNotifications": [notice]})
