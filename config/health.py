"""Says whether the service can work: asked by `up`, containers and load balancers, without a log-in."""

import logging

import django_rq
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

log = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database and the queue answer, else 503 with the part that does not."""
    state = {"database": _database_answers(), "queue": _queue_answers()}
    return JsonResponse(state, status=200 if all(state.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("the database does not answer")
        return False
    return True


def _queue_answers() -> bool:
    try:
        return bool(django_rq.get_connection("cascade").ping())
    except RedisError:
        log.exception("the queue does not answer")
        return False
