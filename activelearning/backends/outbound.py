"""Requests to addresses that users set: resolved once, private ones refused unless allowed, never redirected."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

from curation.core.errors import SpecError, WinnowError

ALLOW = "WINNOW_ALLOW_PRIVATE_URLS"


class AddressRefused(WinnowError):
    """An address lies in a private network, and settings do not allow that."""


def outbound_client(*, timeout_s: float) -> httpx.Client:
    """Make an HTTP client for addresses that users set. Proxies of the environment are not used.

    Its calls raise AddressRefused beside what httpx raises."""
    return httpx.Client(transport=_Transport(), timeout=timeout_s, follow_redirects=False)


def checked_url(url: str, *, what: str = "url") -> str:
    """Return an http or https address without a slash at its end. Raises SpecError, which names it `what`."""
    said = url.strip().rstrip("/")
    try:
        parts = urlsplit(said)
        _ = parts.port
    except ValueError as error:
        raise SpecError(f"{what} {said[:100]!r} is no address: write https://label.example.org") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not said.isprintable() or " " in said:
        raise SpecError(f"{what} {said[:100]!r} is no address: write https://label.example.org")
    if parts.username or parts.password:
        raise SpecError(f"{what} holds a user name or password. Leave them out: they would be stored readable.")
    if parts.query or parts.fragment:
        raise SpecError(f"{what} {said[:100]!r} has a query or fragment. Leave out all from '?' or '#' on.")
    if len(said) > 500:
        raise SpecError(f"{what} has {len(said)} characters; 500 are allowed.")
    return said


class _Transport(httpx.HTTPTransport):
    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(), keepalive_expiry=5.0, network_backend=_Checked()
        )


class _Checked(httpcore.NetworkBackend):
    """Connects to the very address that was checked: a second look-up could give another."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in _addresses(host, port):
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not settings.WINNOW_ALLOW_PRIVATE_URLS:
        for address in addresses:
            if not _is_public(address):
                raise AddressRefused(
                    f"{host} is at {address}, which is no public address, and this service may not go there. If that "
                    f"is your own network, an administrator can allow it: {ALLOW}=true."
                )
    return addresses


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None) or parsed
    return inner.is_global and not inner.is_multicast and not inner.is_reserved
