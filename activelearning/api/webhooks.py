"""What Label Studio calls when something changed: no log-in, but the connection's secret in a header."""

import json
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from activelearning.services.hinting import Forged, take_hint
from curation import doorbell

SECRET_HEADER = "X-Winnow-Secret"
MOST_BYTES = 1 << 20
"""A longer one is not read: that it came is hint enough."""


@csrf_exempt
@login_not_required
@require_POST
def label_webhook(request: HttpRequest, connection: str) -> HttpResponse:
    """Take a hint, and answer at once: an annotator waits for it. The work is a job's."""
    try:
        with transaction.atomic():
            secret = request.headers.get(SECRET_HEADER, "")
            jobs = take_hint(connection=connection, secret=secret, payload=lambda: _payload(request))
    except Forged as error:
        return JsonResponse({"detail": str(error), "code": "forged"}, status=HTTPStatus.FORBIDDEN)
    for job in jobs:
        doorbell.ring_job(job.pk)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _payload(request: HttpRequest) -> Any:
    try:
        length = int(request.headers.get("Content-Length") or 0)
        return json.loads(request.read(MOST_BYTES)) if 0 < length <= MOST_BYTES else None
    except (ValueError, RecursionError, OSError):
        return None
