"""Real files coming in over HTTP: in parts, and from the storage."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from curation.models import Camera, Upload, Video
from tests.curation.backends.media_zoo import film
from tests.factories import VideoFactory

URL = "/api/v1/videos/register/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    settings.WINNOW_DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}},
    }
    return folder


def _register(client, key, **more):
    return client.post(URL, {"key": key, "camera": "gate", **more}, format="json")


def test_a_file_in_the_storage_becomes_a_video_once(curator, media):
    (media / "incoming").mkdir()
    film(frames=12)(media / "incoming" / "gate 1.mp4")
    first = _register(curator, "incoming/gate 1.mp4", recorded_at="2026-03-01T10:00:00Z")
    assert first.status_code == 201, first.data
    assert (first.data["name"], first.data["camera"], first.data["status"]) == ("gate 1.mp4", "gate", "ready")
    assert (first.data["width_px"], first.data["height_px"], first.data["header_frames"]) == (64, 48, 12)
    second = _register(curator, "incoming/gate 1.mp4")
    assert (second.status_code, second.data["id"]) == (200, first.data["id"])
    assert curator.get("/api/v1/videos/", {"sha256": first.data["sha256"]}).data["results"][0]["id"] == first.data["id"]


@pytest.mark.parametrize(
    "key",
    [
        "../secret.mp4",
        "/etc/passwd",
        "a/../../secret.mp4",
        "link/secret.mp4",
        "link.mp4",
        "nothing.mp4",
        "folder",
        ".",
        "a\\b.mp4",
        "x" * 300,
    ],
)
def test_a_key_that_leads_out_of_the_storage_or_to_nothing_is_404(curator, media, tmp_path, key):
    film(frames=3)(tmp_path / "secret.mp4")
    (media / "folder").mkdir()
    (media / "link").symlink_to(tmp_path)
    (media / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    assert _register(curator, key).status_code == 404
    assert not Video.objects.exists()


@pytest.mark.parametrize("key", ["", "a\0b", "k" * 513, None, 5.5, {}])
def test_odd_keys_are_refused(curator, key):
    assert _register(curator, key).status_code in (400, 404)


def test_a_file_that_is_not_footage_is_422_with_a_code(curator, media):
    default_storage.save("page.mp4", ContentFile(b"<html>not a film</html>"))
    response = _register(curator, "page.mp4")
    assert response.status_code == 422
    assert response.data["code"]
    assert not Video.objects.exists()
    assert not Camera.objects.exists()


def test_a_real_file_goes_in_by_parts(curator, tmp_path):
    path = tmp_path / "film.mp4"
    film(frames=20)(path)
    content = path.read_bytes()
    body = {"name": "film.mp4", "camera": "gate", "size_bytes": len(content)}
    id_ = curator.post("/api/v1/uploads/", body, format="json").data["id"]
    half = len(content) // 2
    for offset, part in ((0, content[:half]), (half, content[half:])):
        url = f"/api/v1/uploads/{id_}/parts/?offset={offset}"
        assert curator.put(url, part, content_type="application/octet-stream").status_code == 200
    digest = hashlib.sha256(content).hexdigest()
    done = curator.post(f"/api/v1/uploads/{id_}/finish/", {"sha256": digest}, format="json")
    assert done.status_code == 200, done.data
    video = Video.objects.get(pk=done.data["video"])
    assert (video.sha256, video.camera.name) == (digest, "gate")
    assert default_storage.open(video.file).read() == content
    assert list((tmp_path / "uploads").iterdir()) == []


def test_what_is_no_film_fails_the_upload(curator):
    body = {"name": "film.mp4", "camera": "gate", "size_bytes": 4, "sha256": hashlib.sha256(b"text").hexdigest()}
    id_ = curator.post("/api/v1/uploads/", body, format="json").data["id"]
    curator.put(f"/api/v1/uploads/{id_}/parts/?offset=0", b"text", content_type="application/octet-stream")
    failed = curator.post(f"/api/v1/uploads/{id_}/finish/")
    assert failed.status_code == 422
    assert failed.data["error"]
    assert Upload.objects.get().state == "failed"


def test_a_video_shows_no_bytes_of_its_index(viewer):
    video = VideoFactory(keyframes=b"\0" * 80)
    assert "keyframes" not in viewer.get(f"/api/v1/videos/{video.pk}/").data
