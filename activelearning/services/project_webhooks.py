"""The one webhook of a project that tells this service of answers."""

from django.urls import reverse

from activelearning.backends.labelstudio import LabelStudioError, Server
from activelearning.backends.labelstudio.webhooks import change_webhook, create_webhook, delete_webhook, list_webhooks
from activelearning.models import LabelProject


def keep_webhook(server: Server, project: LabelProject) -> str:
    """See to it that a project has exactly one webhook of ours, with the right address and secret; none where the
    connection names no webhook_url.

    Answers come by pulling as well, so a server that refuses is no failure: returns why it refuses, or ""."""
    connection = project.connection
    path = reverse("label-webhook", kwargs={"connection": connection.name})
    url = f"{connection.webhook_url.rstrip('/')}{path}" if connection.webhook_url else ""
    try:
        number = _kept(server, project, url, path)
    except LabelStudioError as error:
        if error.may_pass:
            raise
        return f"No webhook was made: {error} Answers still come, by pulling."
    if number != project.webhook:
        project.webhook = number
        project.save(update_fields=["webhook"])
    return ""


def _kept(server: Server, project: LabelProject, url: str, path: str) -> int | None:
    secret = project.connection.webhook_secret
    there = list_webhooks(server, project.number, secret=secret)
    ours = [one for one in there if one.number == project.webhook or one.has_secret or one.url.endswith(path)]
    for one in ours if not url else ours[1:]:
        delete_webhook(server, one.number)
    if not url:
        return None
    if not ours:
        return create_webhook(server, project.number, url=url, secret=secret)
    first = ours[0]
    if (first.url, first.is_active, first.has_secret) != (url, True, True):
        change_webhook(server, first.number, url=url, secret=secret)
    return first.number
