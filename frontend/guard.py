"""Stands before the dashboard. Its mount skips Django's middleware, so who may pass is decided here."""

import json
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any, TypeAlias

from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from werkzeug.wsgi import ClosingIterator

from curation.api.roles import Role, role_of

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
WsgiApp: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

USER_KEY = "winnow.user"
CSRF_KEY = "winnow.csrf_token"
MAX_CALL_BYTES = 1 << 20
MACHINE_PATHS = ("/_", "/assets/")
"""Paths that scripts ask for, not people: an anonymous one is told 401 and not shown the log-in page."""

HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
logger = logging.getLogger(__name__)


def guard(app: WsgiApp, *, fault_of: Callable[[object], str | None], policy: str) -> WsgiApp:
    """Let only people who are logged in reach a Dash app, and only calls that it understands.

    `fault_of` says what is wrong with the body of a call, None if nothing; `policy` is the Content-Security-Policy."""
    headers = (*HEADERS, ("Content-Security-Policy", policy))

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        close_old_connections()
        try:
            return ClosingIterator(_pass(app, environ, start_response, fault_of, headers), close_old_connections)
        except BaseException:
            close_old_connections()
            raise

    return guarded


def _pass(
    app: WsgiApp,
    environ: Environ,
    start_response: StartResponse,
    fault_of: Callable[[object], str | None],
    headers: tuple[tuple[str, str], ...],
) -> Iterable[bytes]:
    request = WSGIRequest(environ)
    csrf = CsrfViewMiddleware(_nothing)
    refusal = _refuse(request, csrf, fault_of)
    if refusal is not None:
        return _send(refusal, start_response, headers)
    environ[USER_KEY] = request.user
    environ[CSRF_KEY] = get_token(request)
    # The token's cookie must be there before the first call that needs it.
    cookies = csrf.process_response(request, HttpResponse()).cookies.values()
    extra = [*headers, ("Vary", "Cookie"), *(("Set-Cookie", morsel.OutputString()) for morsel in cookies)]

    def start(status: str, found: list[tuple[str, str]], exc_info: Any = None) -> Any:
        return start_response(status, [*found, *extra], exc_info)

    return app(environ, start)


def _refuse(
    request: WSGIRequest, csrf: CsrfViewMiddleware, fault_of: Callable[[object], str | None]
) -> HttpResponseBase | None:
    try:
        request.get_host()
    except DisallowedHost as error:
        return _say(HTTPStatus.BAD_REQUEST, str(error))
    SessionMiddleware(_nothing).process_request(request)
    request.user = get_user(request)
    if not request.user.is_authenticated:
        if request.method in ("GET", "HEAD") and not request.path_info.startswith(MACHINE_PATHS):
            return redirect_to_login(request.get_full_path())
        return _say(HTTPStatus.UNAUTHORIZED, "Log in first.")
    if role_of(request.user) < Role.VIEWER:
        words = "You have no role yet. An admin gives you one by adding you to a group: viewer, curator or admin."
        return HttpResponse(words, status=HTTPStatus.FORBIDDEN, content_type="text/plain")
    csrf.process_request(request)
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    return _refuse_call(request, csrf, fault_of)


def _refuse_call(
    request: WSGIRequest, csrf: CsrfViewMiddleware, fault_of: Callable[[object], str | None]
) -> HttpResponseBase | None:
    if request.content_type != "application/json":
        return _say(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A call's body is application/json.")
    if csrf.process_view(request, _nothing, (), {}) is not None:
        return _say(HTTPStatus.FORBIDDEN, "This call does not come from the dashboard. Load the page again.")
    length = request.META.get("CONTENT_LENGTH") or ""
    length_bytes = int(length) if length.isdecimal() else 0
    if length_bytes > MAX_CALL_BYTES:
        return _say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A call has at most {MAX_CALL_BYTES} bytes.")
    body = request.environ["wsgi.input"].read(length_bytes)
    try:
        call = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _say(HTTPStatus.BAD_REQUEST, "The body is no JSON.")
    fault = fault_of(call)
    if fault is not None:
        return _say(HTTPStatus.BAD_REQUEST, fault)
    request.environ["wsgi.input"] = BytesIO(body)
    return None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _say(status: HTTPStatus, detail: str) -> JsonResponse:
    if status is not HTTPStatus.UNAUTHORIZED:
        logger.warning("dashboard call refused: %s %s", status.value, detail)
    return JsonResponse({"detail": detail}, status=status)


def _send(
    response: HttpResponseBase, start_response: StartResponse, headers: tuple[tuple[str, str], ...]
) -> Iterable[bytes]:
    status = f"{response.status_code} {response.reason_phrase}"
    start_response(status, [*response.items(), *headers, ("Cache-Control", "no-store")])
    return list(response)


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
