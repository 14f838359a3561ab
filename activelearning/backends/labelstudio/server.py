"""A Label Studio server as one account sees it: the SDK's client, with errors that say what to do."""

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Literal, Self

from label_studio_sdk.core.api_error import ApiError

from activelearning.backends.labelstudio.errors import LabelStudioError, translated
from activelearning.backends.outbound import outbound_client

TIMEOUT_S = 30.0
TokenKind = Literal["personal", "legacy"]


class Server:
    """Use it in a `with` block: it keeps connections open between calls. Nothing is retried: callers know best."""

    def __init__(self, url: str, token: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.url, self._token, self._timeout_s = url.rstrip("/"), token, timeout_s
        self._http = outbound_client(timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def __repr__(self) -> str:
        return f"Server({self.url!r})"

    @contextmanager
    def calls(self) -> Iterator[Any]:
        """Give the SDK's client for the block. Whatever fails in it is raised as LabelStudioError."""
        try:
            yield self._sdk
        except LabelStudioError:
            raise
        except Exception as error:
            # Without the cause: an answer's headers hold a cookie that lets its owner in.
            raise translated(error, url=self.url) from None

    def version(self) -> str:
        """Ask which version it runs; no token is needed. Raises LabelStudioError, also where it is something else."""
        try:
            answer = self._http.get(f"{self.url}/api/version")
            if not answer.is_success:
                raise ApiError(status_code=answer.status_code, body=answer.text)
            release = answer.json()["release"]
        except Exception as error:
            raise translated(error, url=self.url) from None
        return str(release)[:40]

    @cached_property
    def token_kind(self) -> TokenKind:
        """Tell which kind the token is, by its form. Raises LabelStudioError for one that can be neither."""
        claims = claims_of(self._token)
        if claims is None:
            return "legacy"
        if claims.get("token_type") != "refresh":
            raise LabelStudioError(
                "wrong_token_kind",
                "This is an access token, which lives for minutes. Enter the personal access token itself (in Label "
                "Studio: Account & Settings, Personal Access Token).",
            )
        return "personal"

    @cached_property
    def _sdk(self) -> Any:
        # Here, since it takes seconds, and most processes never talk to one.
        from label_studio_sdk import LabelStudio

        _ = self.token_kind
        # With a slash at the end, an address with a path keeps it where the SDK exchanges the token.
        client: Any = LabelStudio
        return client(
            base_url=f"{self.url}/",
            api_key=self._token,
            httpx_client=self._http,
            timeout=self._timeout_s,
            max_retries=0,
        )


def claims_of(token: str) -> dict[str, Any] | None:
    """Read what a JWT says of itself, unchecked; None for what is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(body)
    except (binascii.Error, ValueError):
        return None
    return claims if isinstance(claims, dict) else None
