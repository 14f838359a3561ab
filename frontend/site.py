"""Who asks for a page, and where the rest of the site lies."""

from dataclasses import dataclass

from django.urls import reverse
from flask import has_request_context, request

from frontend.guard import CSRF_KEY, USER_KEY

PREFIX = "/dashboard/"
"""Where the dashboard is mounted."""


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page."""

    name: str = ""
    is_staff: bool = False
    csrf_token: str = ""


@dataclass(frozen=True)
class Site:
    """Addresses outside the dashboard; `root` has no slash at its end."""

    root: str
    admin: str
    docs: str
    log_out: str


def here() -> Site:
    """Tell the addresses as the one who asks sees them."""
    root = f"{request.scheme}://{request.host}" if has_request_context() else ""
    return Site(root=root, admin=reverse("admin:index"), docs=reverse("docs"), log_out=reverse("logout"))


def visitor() -> Visitor:
    """Tell who asks; the guard has let them pass."""
    user = request.environ.get(USER_KEY) if has_request_context() else None
    if user is None:
        return Visitor()
    return Visitor(name=user.get_username(), is_staff=user.is_staff, csrf_token=request.environ[CSRF_KEY])
