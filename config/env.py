"""Typed reads of environment variables. A malformed value stops the start, saying what would be right."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")


class BadSetting(ImproperlyConfigured):
    """An environment variable has a value that cannot be used."""

    def __init__(self, name: str, value: str, right: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: {right}.")


def text(name: str, default: str = "") -> str:
    """Read a string; an unset or empty variable gives the default."""
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """Read a whole number in [minimum, maximum]. Raises BadSetting."""
    raw = text(name)
    if not raw:
        return default
    right = f"it must be a whole number from {minimum} to {maximum}, as {name}={default}"
    try:
        value = int(raw)
    except ValueError as error:
        raise BadSetting(name, raw, right) from error
    if not minimum <= value <= maximum:
        raise BadSetting(name, raw, right)
    return value


def boolean(name: str, *, default: bool) -> bool:
    """Read a yes or no. Raises BadSetting."""
    raw = text(name).lower()
    if not raw:
        return default
    if raw in TRUE:
        return True
    if raw in FALSE:
        return False
    raise BadSetting(name, raw, f"it must be one of {', '.join(TRUE + FALSE)}")


def choice(name: str, default: str, *, options: Sequence[str]) -> str:
    """Read one of a closed list of words. Raises BadSetting."""
    raw = text(name, default)
    if raw not in options:
        raise BadSetting(name, raw, f"it must be one of {', '.join(options)}")
    return raw


def path(name: str, default: Path) -> Path:
    """Read a folder as an absolute path; a relative one is taken from the working directory.

    Raises BadSetting where a file is in the way."""
    raw = text(name)
    found = Path(raw).expanduser().absolute() if raw else default
    if found.exists() and not found.is_dir():
        raise BadSetting(name, str(found), "it must name a folder, and a file of that name exists")
    return found


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """Read a list separated by commas; blanks around items are dropped."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def programs(name: str) -> dict[str, list[str]]:
    """Read command lines by name, as {"own": ["/opt/train", "--gpu"]}. Raises BadSetting."""
    found = _object(name, right='it must be JSON, as {"own": ["/opt/train", "{spec}"]}')
    for key, argv in found.items():
        if not (isinstance(argv, list) and argv and all(isinstance(part, str) and part for part in argv)):
            raise BadSetting(name, key, 'each must be a list of words, as ["/opt/train", "{spec}"]')
    return found


def services(name: str) -> dict[str, dict[str, str]]:
    """Read addresses by name, as {"farm": {"url": "https://…", "token": "…"}}. Raises BadSetting."""
    found = _object(name, right='it must be JSON, as {"farm": {"url": "https://farm.example.org/train"}}')
    for key, said in found.items():
        is_right = isinstance(said, dict) and urlsplit(str(said.get("url", ""))).scheme in ("http", "https")
        if not is_right or not all(isinstance(value, str) for value in said.values()):
            raise BadSetting(name, key, 'each must have a url and may have a token, as {"url": "https://…"}')
    return found


def _object(name: str, *, right: str) -> dict[str, Any]:
    raw = text(name)
    try:
        found = json.loads(raw or "{}")
    except (ValueError, RecursionError) as error:
        raise BadSetting(name, "…", right) from error  # it may hold a secret
    if not isinstance(found, dict):
        raise BadSetting(name, "…", right)
    return found


def url(name: str, *, schemes: Sequence[str], default: str = "") -> str:
    """Read a URL of one of the schemes; unset and no default gives "". Raises BadSetting."""
    raw = text(name, default)
    if raw and urlsplit(raw).scheme not in schemes:
        raise BadSetting(name, hide_password(raw), f"it must begin with {' or '.join(s + '://' for s in schemes)}")
    return raw


def urls(name: str, *, schemes: Sequence[str]) -> list[str]:
    """Read a list of URLs separated by commas. Raises BadSetting."""
    found = words(name)
    for one in found:
        if urlsplit(one).scheme not in schemes:
            raise BadSetting(name, one, f"each must begin with {' or '.join(s + '://' for s in schemes)}")
    return found


def database(name: str, database_url: str) -> dict[str, object]:
    """Split a PostgreSQL URL into what Django's DATABASES wants.

    >>> database("DATABASE_URL", "postgresql://me@/winnow?host=/run/pg")["HOST"]
    '/run/pg'

    A query's `host` names a folder of sockets, the rest of the query goes to psycopg. Raises BadSetting."""
    right = "it must look like postgresql://user:password@host:5432/name"
    try:
        parts = urlsplit(database_url)
        port = parts.port or ""
    except ValueError as error:
        raise BadSetting(name, hide_password(database_url), right) from error
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = options.pop("host", "") or unquote(parts.hostname or "")
    if not parts.path.strip("/"):
        raise BadSetting(name, hide_password(database_url), f"it names no database; {right}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", port)),
        "OPTIONS": options,
    }


def hide_password(raw: str) -> str:
    """Replace the password of a URL, so that it may be shown."""
    before, at, after = raw.rpartition("@")
    scheme, slashes, user = before.partition("://")
    return f"{scheme}{slashes}{user.partition(':')[0]}:***@{after}" if at and ":" in user else raw


def require_secret(name: str, value: str) -> None:
    """Refuse a secret that is missing, short or one of those that examples use. Raises BadSetting."""
    advice = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
    if len(value) < 50 or len(set(value)) < 5 or value.startswith("django-insecure-") or "change" in value.lower():
        raise BadSetting(
            name, "***" if value else "", f"production needs a random value of 50 characters; try {advice}"
        )


def storage(media_dir: Path, *, url_ttl_s: int) -> dict[str, object]:
    """Give Django's default storage: a local folder, or a bucket where WINNOW_S3_BUCKET names one.

    Without keys, boto3 looks for them where it always does. Both kinds replace a file that is saved again: names
    are content hashes or carry their attempt, so a second save is the same file."""
    bucket = text("WINNOW_S3_BUCKET")
    if not bucket:
        options: dict[str, object] = {"location": str(media_dir), "allow_overwrite": True}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    found = {
        "endpoint_url": url("WINNOW_S3_ENDPOINT", schemes=("http", "https")),
        "region_name": text("WINNOW_S3_REGION"),
        "access_key": text("WINNOW_S3_ACCESS_KEY"),
        "secret_key": text("WINNOW_S3_SECRET_KEY"),
        "location": text("WINNOW_S3_PREFIX"),
        "addressing_style": choice("WINNOW_S3_ADDRESSING", "auto", options=("auto", "path", "virtual")),
    }
    options = {key: value for key, value in found.items() if value}
    options |= {"bucket_name": bucket, "querystring_expire": url_ttl_s, "signature_version": "s3v4"}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
