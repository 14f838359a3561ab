"""Batches and tasks over HTTP."""

import hashlib
import io
import zipfile

import numpy as np
import pytest

from activelearning.api import label_batch_actions
from activelearning.models import LabelBatch, LabelTask
from activelearning.services.batch_archives import request_archive
from curation.backends import storage
from curation.models import Annotation, Frame, Job
from curation.services.import_pictures import jpeg
from curation.services.job_kinds import run_here
from tests.activelearning.core.answers import answer, box
from tests.activelearning.factories import LabelBatchFactory, LabelProjectFactory, LabelTaskFactory
from tests.activelearning.services.labelled_there import There, region
from tests.activelearning.services.test_answers import take
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/label-batches/"


def post(client, path="", body=None):
    return client.post(URL + path, body or {}, format="json")


@pytest.fixture(autouse=True)
def no_queue(queue):
    return queue


def test_a_batch_is_made_of_frames_or_of_a_query(curator):
    frames = [FrameFactory(tags={"lighting": "dark"}) for _ in range(3)]
    FrameFactory(tags={"lighting": "dark"}, held_out=True)
    said = {"name": "night", "via": "files", "classes": ["person"], "merge": {"policy": "majority"}}
    made = post(curator, body={**said, "query": "lighting:dark", "most": 2}).json()
    assert (made["tasks"]["waiting"], made["state"], made["merge"]) == (2, "open", {"policy": "majority"})
    assert made["progress"]["share_done"] == 0
    asked = post(curator, body={**said, "frames": [frame.pk for frame in frames]})
    assert (asked.status_code, asked.json()["code"]) == (409, "asked_already")
    assert post(curator, body={**said, "frames": [frames[2].pk]}).status_code == 201
    assert [one["tasks"]["waiting"] for one in curator.get(URL).json()["results"]] == [1, 2]


@pytest.mark.parametrize(
    "change, status",
    [
        ({"query": "lighting:dark"}, 400),
        ({"frames": [1], "query": "x:1"}, 400),
        ({"frames": [999]}, 409),
        ({"frames": [1], "project": 7}, 404),
        ({"frames": [1], "model": "nobody"}, 404),
        ({"frames": [1], "merge": {"policy": "best"}}, 400),
        ({"frames": [1], "via": "post"}, 400),
        ({"frames": [1], "nothing": 1}, 400),
    ],
)
def test_what_cannot_be_made_is_refused(curator, change, status):
    assert post(curator, body={"name": "n", "via": "files", "classes": ["person"], **change}).status_code == status
    assert LabelBatch.objects.count() == 0


def test_the_list_takes_as_many_queries_for_many_as_for_few(viewer, django_assert_max_num_queries):
    for _ in range(5):
        LabelTaskFactory(batch=LabelBatchFactory())
    with django_assert_max_num_queries(7):
        assert len(viewer.get(URL).json()["results"]) == 5
    assert viewer.get(f"{URL}?state=closed").json()["results"] == []


def test_viewers_look_and_curators_do(viewer):
    batch = LabelTaskFactory().batch
    assert viewer.get(f"{URL}{batch.pk}/").status_code == 200
    for path in ("send", "pull", "close", "mend", "merge", "export", "import"):
        assert post(viewer, f"{batch.pk}/{path}/").status_code == 403
    assert post(viewer).status_code == 403


def test_a_batch_is_sent_and_pulled_by_jobs(curator):
    batch = LabelBatchFactory(via="label_studio", project=LabelProjectFactory())
    LabelTaskFactory(batch=batch, project=batch.project)
    sent = post(curator, f"{batch.pk}/send/")
    assert (sent.status_code, sent.json()["job"]["kind"], sent.json()["state"]) == (202, "push", "sending")
    assert post(curator, f"{batch.pk}/pull/").json()["kind"] == "pull"
    assert set(Job.objects.values_list("kind", flat=True)) == {"push", "pull"}
    elsewhere = LabelBatchFactory()
    for path in ("send", "pull", "drift"):
        call = curator.get if path == "drift" else curator.post
        assert call(f"{URL}{elsewhere.pk}/{path}/").status_code == 409


def test_a_known_truth_answers_at_once(curator, settings):
    settings.WINNOW_TRUTHS = {"one": "tests.activelearning.services.test_known_truth.one_person"}
    batch = LabelBatchFactory(via="truth")
    LabelTaskFactory(batch=batch)
    assert post(curator, f"{batch.pk}/send/").json()["tasks"]["labelled"] == 1


def test_labels_go_out_as_an_archive_and_come_back_as_an_upload(curator, media):
    task = LabelTaskFactory()
    storage.put_bytes(task.frame.image, jpeg(np.full((360, 640, 3), 90, np.uint8), quality=80))
    out = post(curator, f"{task.batch_id}/export/", {"format": "coco"})
    content = b"".join(out.streaming_content)
    assert (out.status_code, out["Content-Type"]) == (200, "application/zip")
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert post(curator, f"{task.batch_id}/export/", {"format": "pdf"}).status_code == 400
    sha256 = hashlib.sha256(content).hexdigest()
    begun = curator.post(
        "/api/v1/uploads/", {"name": "labelled.zip", "size_bytes": len(content), "purpose": "import"}, format="json"
    ).json()
    curator.put(f"/api/v1/uploads/{begun['id']}/parts/?offset=0", content, content_type="application/octet-stream")
    assert post(curator, f"{task.batch_id}/import/", {"upload": begun["id"]}).status_code == 409
    done = curator.post(f"/api/v1/uploads/{begun['id']}/finish/", {"sha256": sha256}, format="json")
    assert done.status_code in (200, 201, 202), done.content
    read = post(curator, f"{task.batch_id}/import/", {"upload": begun["id"]}).json()
    assert (read["format"], read["matched"], read["missing"]) == ("coco", 1, 0)
    assert LabelTask.objects.get().answers.get().annotator == "labelled.zip"
    lost = post(curator, f"{task.batch_id}/import/", {"upload": "8a7f1c52-0b8e-4f55-9a53-6f0f3d1f6b0e"})
    assert lost.status_code == 404


def test_an_archive_of_any_size_is_made_by_a_job_and_downloaded_from_any_byte_on(curator, media, monkeypatch):
    monkeypatch.setattr(label_batch_actions, "MOST_AT_ONCE", 0)
    task = LabelTaskFactory()
    storage.put_bytes(task.frame.image, jpeg(np.full((360, 640, 3), 90, np.uint8), quality=80))
    assert "POST to archive/" in post(curator, f"{task.batch_id}/export/").json()["detail"]
    asked = [post(curator, f"{task.batch_id}/archive/", {"format": "coco"}) for _ in range(2)]
    assert [one.status_code for one in asked] == [202, 202]
    (job,) = Job.objects.filter(kind="export_batch")
    url = f"{URL}{task.batch_id}/archive/?job={job.pk}"
    assert "is queued" in curator.get(url).json()["detail"]
    done = run_here(job)
    assert (done.result["pictures"], LabelTask.objects.get().state) == (1, "sent")
    whole = curator.get(url)
    content = b"".join(whole.streaming_content)
    assert hashlib.sha256(content).hexdigest() == whole["X-Checksum-SHA256"] == done.result["sha256"]
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    part = curator.get(url, headers={"Range": "bytes=100-"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[100:])
    assert curator.get(f"{URL}{LabelBatchFactory().pk}/archive/?job={job.pk}").status_code == 409
    assert curator.get(f"{URL}{task.batch_id}/archive/").status_code == 400
    again = run_here(request_archive(batch=task.batch, format="coco"))
    assert again.result["sha256"] == done.result["sha256"]
    Frame.objects.update(held_out=True)
    assert "held out" in curator.get(url).json()["detail"]


@pytest.mark.parametrize("via, format, status", [("truth", "coco", 409), ("files", "pdf", 400)])
def test_an_archive_that_cannot_be_made_is_refused_at_once(curator, via, format, status):
    task = LabelTaskFactory(batch=LabelBatchFactory(via=via))
    assert post(curator, f"{task.batch_id}/archive/", {"format": format}).status_code == status
    assert not Job.objects.exists()


def test_answers_are_merged_anew_and_the_batch_is_closed(curator):
    task = LabelTaskFactory(state="sent")
    left = LabelTaskFactory(batch=task.batch, state="sent")
    take(task, answer("ada", box(), number=1), answer("bob", number=2))
    assert Annotation.objects.count() == 0
    told = post(curator, f"{task.batch_id}/merge/", {"policy": "union", "iou": 0.5}).json()
    assert (told["counts"]["labels_new"], Annotation.objects.count()) == (1, 1)
    assert post(curator, f"{task.batch_id}/merge/", {"policy": "first", "iou": 0.5}).status_code == 400
    closed = post(curator, f"{task.batch_id}/close/").json()
    assert (closed["state"], closed["tasks"]["dropped"]) == ("closed", 1)
    assert LabelTask.objects.get(pk=left.pk).state == "dropped"


def test_a_task_says_who_said_what(viewer):
    task = LabelTaskFactory(state="sent", predicted=[{"label": "person", "score": 0.5, "box": [0, 0, 5, 5]}])
    take(task, answer("ada", box(), number=1, lead_time_s=4.0), answer("bob", number=2))
    take(task, answer("ada", box(), number=1, lead_time_s=4.0))
    shown = viewer.get(f"/api/v1/label-tasks/{task.pk}/").json()
    assert [(one["annotator"], one["deleted_at"] is None) for one in shown["answers"]] == [
        ("ada", True),
        ("bob", False),
    ]
    assert shown["answers"][0]["boxes"] == [{"id": "", "label": "person", "box": [0, 0, 10, 10]}]
    assert shown["predicted"][0]["score"] == 0.5
    listed = viewer.get(f"/api/v1/label-tasks/?batch={task.batch_id}&state=labelled").json()["results"]
    assert [one["id"] for one in listed] == [task.pk]
    assert viewer.get("/api/v1/label-tasks/?state=sent").json()["results"] == []


@pytest.mark.slow
def test_what_drifted_is_reported_and_mended(curator, label_studio):
    there = There(label_studio)
    there.answer(there.tasks[0], region(), was_cancelled=True)
    there.pull()
    found = curator.get(f"{URL}{there.batch.pk}/drift/?days=30").json()
    assert (found["is_clean"], found["skipped"]) == (False, [there.tasks[0].pk])
    done = post(curator, f"{there.batch.pk}/mend/", {"what": "skipped-back"}).json()
    assert (done["count"], done["job"]) == (1, None)
    assert post(curator, f"{there.batch.pk}/mend/", {"what": "all"}).status_code == 400
    there.connection.url = "http://localhost:9"
    there.connection.save()
    down = curator.get(f"{URL}{there.batch.pk}/drift/")
    assert (down.status_code, down.json()["code"]) == (502, "unreachable")
