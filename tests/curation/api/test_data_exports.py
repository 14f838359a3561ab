"""Exports over HTTP: asked for, made by a job, downloaded whole or from any byte on, and closed where they must be."""

import hashlib
import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.backends import storage
from curation.models import DataExport, Frame, HoldoutUse, Job
from curation.services.datasets import create_version
from curation.services.holdout import lock_version
from curation.services.job_kinds import run_here
from tests.datasets import import_here, write_coco

URL = "/api/v1/exports/"
pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path, db):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def frames(tmp_path):
    import_here(write_coco(tmp_path / "set", {f"{i}.jpg": [("person", 1, 1, 9, 9)] for i in range(3)}), camera="gate")
    return list(Frame.objects.order_by("pts_us"))


@pytest.fixture
def made(curator, frames):
    """An export that is done, as the API shows it."""
    asked = curator.post(URL, {"format": "coco", "query": "camera:gate"}, format="json")
    run_here(Job.objects.get(pk=asked.data["job"]["id"]))
    return curator.get(f"{URL}{asked.data['id']}/").data


def body_of(response):
    return b"".join(response.streaming_content)


def test_it_is_accepted_and_shows_its_job(curator, frames, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as rung:
        asked = curator.post(URL, {"format": "yolo", "classes": ["person"]}, format="json")
    assert asked.status_code == 202
    assert len(rung) == 1
    assert (asked.data["job"]["state"], asked.data["download"], asked.data["sha256"]) == ("queued", None, "")
    assert asked.data["settings"]["classes"] == ["person"]
    early = curator.get(f"{URL}{asked.data['id']}/download/")
    assert (early.status_code, early.data["code"]) == (409, "archive")
    assert "its job is queued" in early.data["detail"]


def test_the_archive_comes_whole_and_in_parts(viewer, made):
    whole = viewer.get(made["download"])
    content = body_of(whole)
    assert (whole.status_code, whole["Content-Type"]) == (200, "application/zip")
    assert hashlib.sha256(content).hexdigest() == made["sha256"] == whole["X-Checksum-SHA256"]
    assert whole["Content-Disposition"] == f'attachment; filename="frames-{made["id"]}-coco.zip"'
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    half = len(content) // 2
    rest = viewer.get(made["download"], headers={"Range": f"bytes={half}-", "If-Range": whole["ETag"]})
    assert rest.status_code == 206
    assert content[:half] + body_of(rest) == content
    head = viewer.head(made["download"])
    assert (head.status_code, head["Content-Length"]) == (200, str(len(content)))
    assert viewer.get(made["download"], headers={"Range": "bytes=999999999-"}).status_code == 416
    assert viewer.get(made["download"], headers={"Accept": "application/zip"}).status_code == 200


def test_the_report_says_what_is_in_it(viewer, made):
    assert made["version"] is None
    assert (made["report"]["pictures"], made["report"]["boxes"], made["report"]["classes"]) == (3, 3, ["person"])
    assert made["size_bytes"] == int(viewer.head(made["download"])["Content-Length"])


def test_an_archive_that_is_gone_is_a_409_that_says_what_to_do(viewer, made):
    storage.remove([DataExport.objects.get().archive])
    gone = viewer.get(made["download"])
    assert (gone.status_code, "Export it again" in gone.data["detail"]) == (409, True)


@pytest.mark.parametrize(
    "body, status",
    [
        ({}, 400), ({"format": "docx"}, 400), ({"format": "coco", "query": "nonsense:1"}, 400),
        ({"format": "coco", "dataset": "none@1"}, 404), ({"format": "coco", "query": "a", "dataset": "b"}, 400),
        ({"format": "coco", "settings": {"nonsense": 1}}, 400), ({"format": "coco", "classes": "person"}, 400),
        ({"format": "coco", "min_score": "nan"}, 400), ({"format": "coco", "classes": ["a", "a"]}, 400),
    ],
)  # fmt: skip
def test_a_wrong_wish_is_refused_and_writes_nothing(curator, body, status):
    refused = curator.post(URL, body, format="json")
    assert refused.status_code == status, refused.data
    assert not DataExport.objects.exists()
    assert not Job.objects.exists()


def test_a_viewer_may_look_and_load_but_not_ask(viewer, made):
    assert viewer.get(URL).status_code == 200
    assert viewer.post(URL, {"format": "coco"}, format="json").status_code == 403


@pytest.fixture
def hold_out(frames):
    version = create_version(dataset="final", frame_ids=[frames[0].pk])
    lock_version(version, user=None)
    return version


def test_a_hold_out_opens_for_an_evaluation_by_an_admin_alone(admin, curator, viewer, hold_out):
    training = {"format": "coco", "dataset": "final@1"}
    evaluation = {**training, "purpose": "evaluation", "model": "detector 7"}
    for client in (admin, curator):
        refused = client.post(URL, training, format="json")
        assert (refused.status_code, refused.data["code"]) == (409, "held")
    assert curator.post(URL, evaluation, format="json").status_code == 403
    assert admin.post(URL, {**evaluation, "model": " "}, format="json").status_code == 400
    assert not HoldoutUse.objects.exists()
    asked = admin.post(URL, evaluation, format="json")
    assert asked.status_code == 202
    run_here(Job.objects.get(pk=asked.data["job"]["id"]))
    use = HoldoutUse.objects.get()
    assert (use.by, use.by_name, use.model) == (admin.user, admin.user.username, "detector 7")
    link = f"{URL}{asked.data['id']}/download/"
    assert admin.get(link).status_code == 200
    for client in (curator, viewer):
        assert client.get(link).status_code == 403


def test_held_out_frames_are_in_no_archive_of_a_query(curator, hold_out):
    for query in ("", "held_out:true", "dataset:final@1", "held_out:true OR camera:gate"):
        asked = curator.post(URL, {"format": "coco", "query": query}, format="json")
        run_here(Job.objects.get(pk=asked.data["job"]["id"]))
        row = DataExport.objects.get(pk=asked.data["id"])
        assert row.report["pictures"] == (0 if query == "held_out:true" or "dataset" in query else
                                          Frame.objects.filter(held_out=False).count())  # fmt: skip


def test_the_list_runs_a_fixed_number_of_queries(viewer, made, curator):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert viewer.get(URL).status_code == 200
        return len(queries)

    one = count()
    for _ in range(3):
        curator.post(URL, {"format": "coco"}, format="json")
    assert count() == one
    assert len(viewer.get(f"{URL}?dataset=none").data["results"]) == 0
    assert len(viewer.get(f"{URL}?state=done").data["results"]) == 1
    assert viewer.get(f"{URL}?nonsense=1").status_code == 400
