"""What can go wrong at a Label Studio server, in words that say what to do."""

import json
import ssl
from typing import Any

import httpx
from label_studio_sdk.core.api_error import ApiError

from activelearning.backends.outbound import AddressRefused
from curation.core.errors import WinnowError

NEW_TOKEN = (
    "Make a new one there (Account & Settings, Personal Access Token) and enter it: manage.py labelstudio connect NAME"
)
PASSING = frozenset({"unreachable", "timeout", "server"})


class LabelStudioError(WinnowError):
    """A call to a Label Studio server failed.

    code: unreachable, private (its address may not be used), timeout, not_label_studio, too_old, wrong_token_kind,
    expired, refused (the token is not known, or was revoked), no_rights, not_found, invalid (it does not accept what
    was sent), server (it failed itself, or is busy)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def may_pass(self) -> bool:
        """Whether the same call may work later, and may have worked although it failed."""
        return self.code in PASSING


def translated(error: Exception, *, url: str) -> LabelStudioError:
    """Give the error that stands for one of the SDK, of HTTP or of the network. It never tells the token."""
    if isinstance(error, LabelStudioError):
        return error
    if isinstance(error, ApiError):
        return _answered(error.status_code or 0, error.body, url=url)
    if isinstance(error, AddressRefused):
        return LabelStudioError("private", str(error))
    if isinstance(error, httpx.TimeoutException):
        return LabelStudioError(
            "timeout", f"{url} did not answer in time. It may be busy; what was asked of it may have been done anyway."
        )
    if isinstance(error, httpx.HTTPError):
        return LabelStudioError("unreachable", f"{url} cannot be reached: {_why(error)}")
    return LabelStudioError(
        "not_label_studio",
        f"{url} answers in a way that no Label Studio does ({type(error).__name__}). Look whether the address "
        "is right.",
    )


def _answered(status: int, body: Any, *, url: str) -> LabelStudioError:
    detail = _detail(body)
    if isinstance(body, str) and body.lstrip()[:1] == "<":
        if status >= 500:
            return LabelStudioError("server", f"{url}, or a proxy before it, failed with status {status}.")
        if status not in (408, 429):
            return _no_label_studio(url, status)
    if 300 <= status < 400:
        return LabelStudioError(
            "not_label_studio",
            f"{url} sends elsewhere (status {status}). Give the address that it sends to; often it is https:// "
            "instead of http://.",
        )
    match status:
        case 401:
            return _unauthorized(detail, url=url)
        case 403:
            return LabelStudioError(
                "no_rights", f"The token's account has no right to do this at {url}: {detail or 'status 403'}"
            )
        case 404 | 410:
            return LabelStudioError("not_found", f"{url} does not have it (any more): {detail or 'not found'}")
        case 408 | 429:
            return LabelStudioError("server", f"{url} is busy (status {status}).")
    if status >= 500:
        return LabelStudioError("server", f"{url}, or a proxy before it, failed with status {status}. {detail}".strip())
    if 400 <= status < 500:
        return LabelStudioError("invalid", f"{url} does not accept it: {detail or f'status {status}'}")
    return _no_label_studio(url, status)


def _unauthorized(detail: str, *, url: str) -> LabelStudioError:
    said = detail.lower()
    if "legacy" in said:
        return LabelStudioError(
            "wrong_token_kind",
            f"{url} does not accept legacy tokens. Enter a personal access token (there: Account & Settings, Personal "
            "Access Token), or let an owner allow legacy ones (Organization, API Tokens Settings).",
        )
    if "expired" in said and "invalid or" not in said:
        return LabelStudioError("expired", f"The token for {url} has expired. {NEW_TOKEN}")
    if "blacklisted" in said:
        return LabelStudioError("refused", f"The token for {url} was revoked. {NEW_TOKEN}")
    return LabelStudioError("refused", f"{url} does not know the token ({detail or 'status 401'}). {NEW_TOKEN}")


def _no_label_studio(url: str, status: int) -> LabelStudioError:
    return LabelStudioError(
        "not_label_studio",
        f"{url} answers, but not as Label Studio does (status {status}). Look whether the address is right, with its "
        "path if it has one, and whether a log-in page or proxy stands before it.",
    )


def _detail(body: Any) -> str:
    """Take what an answer says in words, short enough for a message."""
    if isinstance(body, dict):
        more = body.get("validation_errors")
        body = body.get("detail") or body.get("error") or body
        body = f"{body} {json.dumps(more)}" if more else body
    said = body if isinstance(body, str) else json.dumps(body, default=str) if body else ""
    return "".join(c if c.isprintable() else " " for c in said)[:300]


def _why(error: httpx.HTTPError) -> str:
    said = str(error)
    cause = _root(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message})."
    if isinstance(cause, ssl.SSLError) or "SSL" in said:
        return "it does not speak TLS as it should. Is it http:// instead of https://?"
    if "resolved" in said:
        return f"{said}. Look whether the name is right."
    if "refused" in said:
        return "nothing listens there (connection refused). Is it running, and is the port right?"
    return f"{said or type(error).__name__}."


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
