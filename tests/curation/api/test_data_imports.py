"""Imports over HTTP: from an upload or a key of the storage, by a job, with a report."""

import hashlib
import io
import zipfile

import pytest

from curation.backends import storage
from curation.models import DataImport, Frame, Job, Upload
from curation.services.job_kinds import run_here
from tests.datasets import jpeg, write_coco

URL, UPLOADS = "/api/v1/imports/", "/api/v1/uploads/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path, db, media):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"
    settings.WINNOW_UPLOAD_SPARE_BYTES = 0


@pytest.fixture
def archive(tmp_path):
    folder = write_coco(tmp_path / "set", {"a.jpg": [("person", 1, 1, 9, 9)], "b.jpg": []})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                made.write(path, path.relative_to(folder))
    return file.getvalue()


def upload(client, content, *, purpose="import", finish=True, name="my set.zip"):
    digest = hashlib.sha256(content).hexdigest()
    begun = client.post(
        UPLOADS, {"name": name, "size_bytes": len(content), "sha256": digest, "purpose": purpose}, format="json"
    ).data  # fmt: skip
    client.patch(f"{UPLOADS}{begun['id']}/parts/?offset=0", content, content_type="application/octet-stream")
    if finish:
        client.post(f"{UPLOADS}{begun['id']}/finish/")
    return begun["id"]


def test_an_upload_comes_in(curator, archive, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as rung:
        asked = curator.post(URL, {"upload": upload(curator, archive), "camera": "gate"}, format="json")
    assert asked.status_code == 202, asked.data
    assert len(rung) == 1
    assert (asked.data["name"], asked.data["job"]["state"], asked.data["report"]["total"]) == ("my set", "queued", 0)
    run_here(Job.objects.get(pk=asked.data["job"]["id"]))
    done = curator.get(f"{URL}{asked.data['id']}/").data
    assert (done["format"], done["report"]["pictures_new"], done["report"]["skipped"]) == ("coco", 2, [])
    assert done["job"]["result"]["pictures_new"] == 2
    assert "place" not in done["report"]
    assert set(Frame.objects.values_list("camera__name", flat=True)) == {"gate"}


def test_a_folder_of_the_storage_comes_in_with_labels_beside_it(curator):
    for number in (1, 2):
        storage.put_bytes(f"incoming/yard/images/{number}.jpg", jpeg(number))
    asked = curator.post(URL, {"key": "incoming/yard/", "format": "folder", "name": "yard"}, format="json")
    assert asked.status_code == 202, asked.data
    run_here(Job.objects.get(pk=asked.data["job"]["id"]))
    assert Frame.objects.count() == 2


@pytest.mark.parametrize(
    "body, status",
    [
        ({}, 400),
        ({"key": "a", "upload": "8a7f1c52-0b8e-4f55-9a53-6f0f3d1f6b0e"}, 400),
        ({"upload": "8a7f1c52-0b8e-4f55-9a53-6f0f3d1f6b0e"}, 404),
        ({"key": "incoming/none.zip"}, 404),
        ({"key": "../outside"}, 404),
        ({"key": "/etc"}, 404),
        ({"key": "frames/gate"}, 400),
        ({"key": "exports"}, 400),
        ({"key": "datasets/x.jsonl.gz"}, 400),
        ({"key": "there.txt", "format": "docx"}, 400),
        ({"key": "there.txt", "annotations": "../x"}, 404),
        ({"key": "there.txt", "video": "videos/a.mp4"}, 400),
        ({"key": "there.txt", "camera_from_path": "("}, 400),
        ({"key": "there.txt", "camera_from_path": ".*"}, 400),
        ({"key": "there.txt", "embedder": "nonsense"}, 400),
        ({"key": "there.txt", "embedder": "onnx:/etc/model.onnx"}, 403),
        ({"key": "there.txt", "settings": {"x": 1}}, 400),
        ({"key": "there.txt", "format": "coco", "settings": {"nonsense": 1}}, 400),
        ({"key": "there.txt", "on_known": "delete"}, 400),
    ],
)
def test_a_wrong_wish_is_refused_and_writes_nothing(curator, body, status):
    storage.put_bytes("there.txt", b"x")
    refused = curator.post(URL, body, format="json")
    assert refused.status_code == status, refused.data
    assert not DataImport.objects.exists()
    assert not Job.objects.exists()


def test_only_a_finished_upload_for_imports_of_ones_own_will_do(curator, client_of, archive):
    mine = upload(curator, archive)
    other = client_of("curator", "other")
    assert other.post(URL, {"upload": mine}, format="json").status_code == 404
    assert client_of("admin").post(URL, {"upload": mine}, format="json").status_code == 202
    unfinished = curator.post(URL, {"upload": upload(curator, archive, finish=False)}, format="json")
    assert (unfinished.status_code, unfinished.data["code"]) == (409, "not_done")
    Upload.objects.filter(pk=mine).update(file="")
    assert curator.post(URL, {"upload": mine}, format="json").status_code == 409
    Upload.objects.filter(pk=mine).update(purpose="footage")
    assert curator.post(URL, {"upload": mine}, format="json").data["code"] == "not_for_import"


def test_what_is_of_no_format_fails_and_says_which_there_are(curator):
    storage.put_bytes("incoming/note.txt", b"hello")
    asked = curator.post(URL, {"key": "incoming/note.txt"}, format="json")
    with pytest.raises(Exception, match="Name its format"):
        run_here(Job.objects.get(pk=asked.data["job"]["id"]))
    assert "coco" in curator.get(f"{URL}{asked.data['id']}/").data["job"]["error"]


def test_a_viewer_may_look_but_not_import(viewer):
    assert viewer.get(URL).status_code == 200
    assert viewer.post(URL, {"key": "a"}, format="json").status_code == 403
