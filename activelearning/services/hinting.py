"""Webhooks of Label Studio: hints that a project changed. Whatever they say, what counts is read by a pull."""

import hmac
from collections.abc import Callable
from typing import Any

from activelearning.models import Connection, LabelProject, LabelTask
from activelearning.services.pulling import request_pull
from curation.core.errors import WinnowError
from curation.models import Job

MOST_JOBS = 20
"""Where a hint does not say which project it is about, so many are asked."""


class Forged(WinnowError):
    """A webhook that does not know the connection's secret, or names no connection. Which of the two is not said."""


def take_hint(*, connection: str, secret: str, payload: Callable[[], Any]) -> list[Job]:
    """Ask for a pull of the project that a webhook speaks of, or of all of the connection's that have tasks out.

    The caller rings. `payload` reads what it says, and is called only once the secret is right; it is trusted in
    nothing but that something may have changed, and may be anything. Raises Forged."""
    found = Connection.objects.filter(name=connection).first()
    # A comparison is made in any case, so that the time does not tell which connections there are.
    expected = found.webhook_secret if found is not None else ""
    is_known = hmac.compare_digest(secret.encode(errors="replace"), expected.encode())
    if found is None or not expected or not is_known:
        raise Forged("The secret in X-Winnow-Secret is not this connection's.")
    projects = LabelProject.objects.filter(connection=found).order_by("-id")
    number = _number(payload())
    if number is not None and projects.filter(number=number).exists():
        return [request_pull(project=projects.get(number=number))]
    out = LabelTask.objects.filter(project__in=projects, state=LabelTask.State.SENT).values("project")
    return [request_pull(project=project) for project in projects.filter(pk__in=out)[:MOST_JOBS]]


def _number(payload: Any) -> int | None:
    """Return the project's id there, as the payload says it in one of several places."""
    if not isinstance(payload, dict):
        return None
    project = payload.get("project")
    number = project.get("id") if isinstance(project, dict) else project
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**63 else None
