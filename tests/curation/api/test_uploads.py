"""Uploads over HTTP: what the services refuse comes out as the right status, and nothing is held in memory."""

import base64
import hashlib
from types import SimpleNamespace

import pytest

from curation.core.errors import MediaError
from curation.models import Upload
from tests.factories import VideoFactory

URL = "/api/v1/uploads/"
REGISTER = "curation.services.ingest.register"
CONTENT = b"frame" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path
    settings.WINNOW_UPLOAD_SPARE_BYTES = 0


@pytest.fixture
def begin(curator):
    def make(client=None, **changes):
        body = {"name": "gate.mp4", "camera": "gate", "size_bytes": len(CONTENT), **changes}
        return (client or curator).post(URL, body, format="json")

    return make


@pytest.fixture
def send(curator):
    def put(upload_id, offset, part, *, method="patch", content_type="application/octet-stream", **headers):
        url = f"{URL}{upload_id}/parts/?offset={offset}"
        return getattr(curator, method)(url, part, content_type=content_type, headers=headers)

    return put


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_file_goes_in_by_parts(curator, begin, send, method, monkeypatch):
    got = []

    def register(*, path, **known):
        got.append((path.read_bytes(), known["name"], known["recorded_at"].isoformat()))
        return SimpleNamespace(video=VideoFactory(), is_new=True)

    monkeypatch.setattr(REGISTER, register)
    upload = begin(name="../../gate.mp4", recorded_at="2026-03-01T10:00:00+02:00")
    assert upload.status_code == 201
    assert upload.data["name"] == "gate.mp4"
    id_, step = upload.data["id"], 1999
    for offset in range(0, len(CONTENT), step):
        part = CONTENT[offset : offset + step]
        response = send(id_, offset, part, method=method, **{"X-Part-SHA256": hashlib.sha256(part).hexdigest()})
        assert response.status_code == 200, response.data
        assert response.data["received_bytes"] == offset + len(part)
    for _ in range(2):
        done = curator.post(f"{URL}{id_}/finish/", {"sha256": SHA256}, format="json")
        assert done.status_code == 200
        assert (done.data["state"], bool(done.data["video"])) == ("done", True)
    assert got == [(CONTENT, "gate.mp4", "2026-03-01T08:00:00+00:00")]
    assert curator.delete(f"{URL}{id_}/").status_code == 409


def test_a_wrong_offset_is_409_with_the_right_one(begin, send):
    id_ = begin().data["id"]
    assert send(id_, 0, CONTENT[:100]).status_code == 200
    replay = send(id_, 0, CONTENT[:100])
    assert replay.status_code == 409
    assert replay.data == {
        "detail": "The next part begins at 100, not at 0.",
        "code": "wrong_offset",
        "received_bytes": 100,
    }
    overlapping = send(id_, 50, CONTENT[50:150])
    assert (overlapping.status_code, overlapping.data["received_bytes"]) == (409, 100)


def test_more_bytes_than_declared_are_413(begin, send):
    response = send(begin().data["id"], 0, CONTENT + b"x")
    assert (response.status_code, response.data["code"]) == (413, "too_many_bytes")


def test_a_file_larger_than_the_limit_is_413(begin, settings):
    settings.WINNOW_UPLOAD_MAX_BYTES = 1000
    response = begin()
    assert (response.status_code, response.data["code"]) == (413, "too_big")


def test_a_full_disk_is_507(begin, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    assert begin().status_code == 507


def test_a_part_that_does_not_match_its_checksum_is_400_and_can_come_again(begin, send):
    id_ = begin().data["id"]
    digest = hashlib.sha256(CONTENT).digest()
    wrong = base64.b64encode(b"\0" * 32).decode()
    for headers in (
        {"X-Part-SHA256": "0" * 64},
        {"X-Part-SHA256": "short"},
        {"Upload-Checksum": f"sha256 {wrong}"},
        {"Upload-Checksum": "md5 abcd"},
        {"Upload-Checksum": "sha256 ???"},
    ):
        assert send(id_, 0, CONTENT, **headers).status_code == 400, headers
    assert Upload.objects.get().received_bytes == 0
    assert (
        send(id_, 0, CONTENT, **{"Upload-Checksum": f"sha256 {base64.b64encode(digest).decode()}"}).status_code == 200
    )


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3", "NaN", "9" * 30, "0&offset=5"])
def test_an_odd_offset_is_refused(begin, send, offset):
    assert send(begin().data["id"], offset, CONTENT).status_code in (400, 409)


def test_a_part_needs_its_length(begin, curator):
    url = f"{URL}{begin().data['id']}/parts/?offset=0"
    assert curator.patch(url, b"", content_type="application/octet-stream").status_code == 400
    broken = curator.generic("PATCH", url, CONTENT[:10], content_type="application/octet-stream", CONTENT_LENGTH="x")
    assert broken.status_code == 400


def test_a_form_is_not_footage(begin, send):
    body = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n'
    assert send(begin().data["id"], 0, body, content_type="multipart/form-data; boundary=x").status_code == 415


def test_what_curl_sends_by_itself_is_taken(begin, send):
    assert send(begin().data["id"], 0, CONTENT, content_type="application/x-www-form-urlencoded").status_code == 200


def test_finishing_too_early_is_409(begin, send, curator):
    id_ = begin().data["id"]
    send(id_, 0, CONTENT[:10])
    response = curator.post(f"{URL}{id_}/finish/", {"sha256": SHA256}, format="json")
    assert (response.status_code, response.data["code"], response.data["received_bytes"]) == (409, "incomplete", 10)


def test_what_is_not_footage_is_422_and_says_why(begin, send, curator, monkeypatch):
    def register(**_):
        raise MediaError("no_video", "There is no video in this file.")

    monkeypatch.setattr(REGISTER, register)
    id_ = begin(sha256=SHA256).data["id"]
    send(id_, 0, CONTENT)
    response = curator.post(f"{URL}{id_}/finish/")
    assert response.status_code == 422
    assert (response.data["state"], response.data["error"]) == ("failed", "There is no video in this file.")
    assert curator.get(f"{URL}{id_}/").data["state"] == "failed"


def test_others_cannot_see_continue_or_cancel_an_upload_but_admins_can(begin, client_of, admin):
    id_ = begin().data["id"]
    other = client_of("curator", "bob")
    assert other.get(f"{URL}{id_}/").status_code == 404
    assert other.get(URL).data["results"] == []
    assert other.put(f"{URL}{id_}/parts/?offset=0", b"x", content_type="application/octet-stream").status_code == 404
    assert other.post(f"{URL}{id_}/finish/", {"sha256": SHA256}, format="json").status_code == 404
    assert other.delete(f"{URL}{id_}/").status_code == 404
    assert admin.get(f"{URL}{id_}/").status_code == 200
    assert admin.delete(f"{URL}{id_}/").status_code == 204


@pytest.mark.parametrize(
    "changes",
    [
        {"camera": "../gate"},
        {"camera": "Gate"},
        {"camera": ""},
        {"camera": "c" * 81},
        {"name": ""},
        {"name": "a\0b"},
        {"size_bytes": 0},
        {"size_bytes": -1},
        {"size_bytes": "NaN"},
        {"size_bytes": 2**80},
        {"sha256": "x"},
        {"recorded_at": "yesterday"},
    ],
)
def test_odd_uploads_are_refused(begin, changes):
    assert begin(**changes).status_code == 400
    assert not Upload.objects.exists()


def test_what_is_to_be_imported_needs_no_camera_and_becomes_no_video(begin, send, curator, media):
    upload = begin(name="labels.zip", camera=None, purpose="import", sha256=SHA256)
    assert upload.status_code == 400  # null is no camera
    upload = curator.post(
        URL, {"name": "labels.zip", "size_bytes": len(CONTENT), "purpose": "import", "sha256": SHA256}, format="json"
    )  # fmt: skip
    assert (upload.status_code, upload.data["purpose"]) == (201, "import")
    send(upload.data["id"], 0, CONTENT)
    done = curator.post(f"{URL}{upload.data['id']}/finish/")
    assert done.data["state"] == "done"
    assert done.data["file"] == f"incoming/{upload.data['id']}/labels.zip"
    assert done.data["video"] is None


def test_footage_without_a_camera_is_refused(curator):
    refused = curator.post(URL, {"name": "gate.mp4", "size_bytes": 5}, format="json")
    assert refused.status_code == 400
    assert "camera" in refused.data
