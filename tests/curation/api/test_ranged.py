"""Downloads that can go on after a break: the parts of a file, and the answers around them."""

import base64
import hashlib
from itertools import pairwise

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from curation.api.ranged import send_file

CONTENT = bytes(range(256)) * 3
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ETAG = f'"{SHA256}"'


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = tmp_path_factory.mktemp("ranged") / "a.zip"
    made.write_bytes(CONTENT)
    return made


def get(path, method="get", **headers):
    request = getattr(RequestFactory(), method)("/", headers={n.replace("_", "-"): v for n, v in headers.items()})
    response = send_file(request, path, name="a.zip", sha256=SHA256, content_type="application/zip")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response, body


def test_the_whole_comes_with_all_that_checks_it(path):
    response, body = get(path)
    assert (response.status_code, body) == (200, CONTENT)
    assert response["Content-Length"] == str(len(CONTENT))
    assert response["ETag"] == ETAG
    assert response["X-Checksum-SHA256"] == SHA256
    assert response["Repr-Digest"] == f"sha-256=:{base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()}:"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == 'attachment; filename="a.zip"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_head_request_has_the_headers_and_no_body(path):
    response, body = get(path, "head")
    assert (response.status_code, body, response["Content-Length"]) == (200, b"", str(len(CONTENT)))
    response, body = get(path, "head", Range="bytes=10-19")
    assert (response.status_code, body, response["Content-Length"]) == (206, b"", "10")


@pytest.mark.parametrize(
    "asked, first, last",
    [
        ("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=700-", 700, 767), ("bytes=-1", 767, 767),
        ("bytes=-100", 668, 767), ("bytes=700-99999", 700, 767), ("bytes=1-", 1, 767), (" bytes = 5-6 ", 5, 6),
    ],
)  # fmt: skip
def test_a_part_comes_with_its_place(path, asked, first, last):
    response, body = get(path, Range=asked)
    assert (response.status_code, body) == (206, CONTENT[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/768"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["X-Checksum-SHA256"] == SHA256  # of the whole


@pytest.mark.parametrize("asked", ["bytes=768-", "bytes=99999-", "bytes=768-900", "bytes=-0"])
def test_a_part_past_the_end_is_416_and_says_where_that_is(path, asked):
    response, body = get(path, Range=asked)
    assert (response.status_code, response["Content-Range"], body) == (416, "bytes */768", b"")


@pytest.mark.parametrize(
    "asked", ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=0x1-5",
              "bytes=-" + "9" * 40, "bytes=0-767", "bytes=0-", "bytes=²-3"]
)  # fmt: skip
def test_what_is_no_single_part_is_answered_by_the_whole(path, asked):
    response, body = get(path, Range=asked)
    assert (response.status_code, body) == (200, CONTENT)


def test_a_part_of_another_file_than_this_is_answered_by_the_whole(path):
    assert get(path, Range="bytes=10-19", If_Range=ETAG)[0].status_code == 206
    for other in ('"other"', f"W/{ETAG}", "Wed, 21 Oct 2026 07:28:00 GMT"):
        response, body = get(path, Range="bytes=10-19", If_Range=other)
        assert (response.status_code, body) == (200, CONTENT)


@pytest.mark.parametrize("header", [ETAG, f'"a", {ETAG}', f"W/{ETAG}", "*"])
def test_who_has_it_already_is_told_so(path, header):
    response, body = get(path, If_None_Match=header)
    assert (response.status_code, body, response["ETag"]) == (304, b"", ETAG)
    assert get(path, If_None_Match='"other"')[0].status_code == 200


@given(cuts=st.lists(st.integers(1, 767), max_size=5, unique=True))
def test_a_file_fetched_in_any_parts_is_the_file(path, cuts):
    edges = [0, *sorted(cuts), len(CONTENT)]
    parts = [get(path, Range=f"bytes={a}-{b - 1}")[1] for a, b in pairwise(edges)]
    assert b"".join(parts) == CONTENT


@given(asked=st.text(max_size=30))
def test_no_header_is_an_error(path, asked):
    try:
        asked.encode("latin-1")
    except UnicodeEncodeError:
        return
    assert get(path, Range=asked)[0].status_code in (200, 206, 416)
