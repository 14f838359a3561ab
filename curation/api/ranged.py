"""Files that are sent whole or from any byte on, so that a download can go on after a break.

Source: RFC 9110, sections 13 and 14; RFC 9530 for the digest."""

import base64
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

BLOCK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


def send_file(request: HttpRequest, path: Path, *, name: str, sha256: str, content_type: str) -> HttpResponseBase:
    """Answer with a file that never changes, named by its SHA-256: 200, 206 for a part, 304, or 416 for a part that is
    not there. `name` is what it is saved as: letters, digits, '.', '-' and '_' alone."""
    size, etag = path.stat().st_size, f'"{sha256}"'
    response: HttpResponseBase
    if _is_known(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        wanted = _wanted(request, etag=etag, size=size)
        if wanted is None:
            response = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            response["Content-Range"] = f"bytes */{size}"
        else:
            response = _content(request, path, *wanted, size=size, content_type=content_type)
            digest = base64.b64encode(bytes.fromhex(sha256)).decode()
            response["Repr-Digest"] = f"sha-256=:{digest}:"  # of the whole file, also where a part is sent
            response["X-Checksum-SHA256"] = sha256
            response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"], response["Accept-Ranges"] = etag, "bytes"
    response["Cache-Control"] = "private, no-transform"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _content(
    request: HttpRequest, path: Path, first: int, last: int, *, size: int, content_type: str
) -> HttpResponseBase:
    length = last - first + 1
    body = iter(()) if request.method == "HEAD" else _blocks(path, first, length)
    is_part = length < size
    status = HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK
    response = StreamingHttpResponse(body, status=status, content_type=content_type)
    response["Content-Length"] = str(length)
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _wanted(request: HttpRequest, *, etag: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte to send; None if the part that is asked for lies past the end.

    What is no single range of bytes is answered by the whole, as the standard allows, and so is a part of a file that
    is another one by now (If-Range)."""
    whole = (0, size - 1)
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip().replace(" ", ""))
    if found is None or request.headers.get("If-Range", etag).strip() != etag:
        return whole
    first, last = found["first"], found["last"]
    if not first:
        return (max(0, size - int(last)), size - 1) if last and int(last) else None if last else whole
    if last and int(last) < int(first):
        return whole
    if int(first) >= size:
        return None
    return int(first), min(int(last), size - 1) if last else size - 1


def _is_known(header: str, etag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in header.split(",") if one.strip())


def _blocks(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (block := file.read(min(BLOCK_BYTES, length))):
            length -= len(block)
            yield block
