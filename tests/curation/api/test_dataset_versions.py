"""Dataset versions over HTTP: made, listed, compared, checked, locked, and their ledger."""

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import DatasetVersion, Frame, HoldoutUse
from curation.services.datasets import create_version
from curation.services.holdout import lock_version
from tests.factories import DatasetFrameFactory, DatasetVersionFactory, EmbeddingFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.usefixtures("media")
URL = "/api/v1/dataset-versions/"


@pytest.fixture
def frames(db):
    videos, chance = VideoFactory.create_batch(4), Random(1)
    places = [(video, n * 120_000_000) for n in range(3) for video in videos]
    return [FrameFactory(video=video, pts_us=pts_us, phash=chance.getrandbits(62)) for video, pts_us in places]


def ids(frames):
    return [frame.pk for frame in frames]


def post(client, body, path=""):
    return client.post(URL + path, body, format="json")


def test_a_version_is_made_of_a_query_and_shown(curator, viewer, frames):
    Frame.objects.filter(pk__in=ids(frames[:8])).update(tags={"weather": "rain"})
    splits = {"by": "video", "train": 0.5, "val": 0.25, "test": 0.25}
    made = post(curator, {"dataset": "gate", "query": "weather:rain", "splits": splits, "seed": 5})
    assert made.status_code == 201, made.data
    assert made.data["reference"] == "gate@1"
    assert made.data["splits"] == {"train": 4, "val": 2, "test": 2}
    assert made.data["created_by"] == curator.user.username
    assert made.data["report"]["leakage"]["summary"].startswith("Nothing leaks")
    assert made.data["plan"]["splits"]["train"] == 0.5
    one = viewer.get(f"{URL}{made.data['id']}/")
    assert one.data == made.data
    [dataset] = viewer.get("/api/v1/datasets/").data["results"]
    assert (dataset["name"], dataset["newest"], dataset["newest_id"]) == ("gate", 1, made.data["id"])


def test_a_version_is_made_of_frames_and_its_members_are_paged(curator, frames):
    made = post(curator, {"dataset": "gate", "frames": ids(frames), "splits": {}})
    page = curator.get(f"{URL}{made.data['id']}/frames/?limit=5")
    assert [one["frame"] for one in page.data["results"]] == ids(frames)[:5]
    assert set(page.data["results"][0]) == {"id", "frame", "split", "group"}
    assert len(curator.get(page.data["next"]).data["results"]) == 5
    tested = curator.get(f"{URL}{made.data['id']}/frames/?split=test").data["results"]
    assert {one["split"] for one in tested} == {"test"}
    assert curator.get(f"{URL}{made.data['id']}/frames/?side=test").status_code == 400


@pytest.mark.parametrize(
    "body, says",
    [
        ({"dataset": "gate"}, "Give one of"),
        ({"dataset": "gate", "query": "", "frames": [1]}, "Give one of"),
        ({"dataset": "Gate!", "query": ""}, "dataset"),
        ({"dataset": "gate", "frames": [999_999]}, "There is no frame 999999"),
        ({"dataset": "gate", "query": "weather>rain"}, "weather"),
        ({"dataset": "gate", "query": "", "splits": {"train": 0.9}}, "add up to 1"),
        ({"dataset": "gate", "query": "", "splits": {"by": "week"}}, "by"),
        ({"dataset": "gate", "query": "", "split": {}}, "There is no such parameter"),
        ({"dataset": "gate", "query": "", "splits": {"shuffle": True}}, "There is no such parameter"),
        ({"dataset": "gate", "query": "", "splits": {"stratify": "moon"}}, "there is no factor 'moon'"),
        ({"dataset": "gate", "query": "", "after": 999_999}, "There is no dataset version"),
        ({"dataset": "gate", "plan": "size: [1"}, "not valid YAML"),
        ({"dataset": "gate", "plan": "sizes: 3\n"}, "there is no 'sizes'"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_made(curator, frames, body, says):
    response = post(curator, body)
    assert response.status_code == 400
    assert says in str(response.data)
    assert not DatasetVersion.objects.exists()


def test_a_list_takes_the_same_few_queries_however_many(viewer, frames):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert viewer.get(URL).status_code == 200
            assert viewer.get("/api/v1/datasets/").status_code == 200
        return len(seen)

    create_version(dataset="a", frame_ids=ids(frames))
    one = queries()
    for name in ("a", "b", "c"):
        create_version(dataset=name, frame_ids=ids(frames))
    assert queries() == one
    assert [row["reference"] for row in viewer.get(URL).data["results"]] == ["c@1", "b@1", "a@2", "a@1"]
    assert [row["reference"] for row in viewer.get(f"{URL}?dataset=a").data["results"]] == ["a@2", "a@1"]
    lock_version(DatasetVersion.objects.get(dataset__name="b"), user=None, allow_overlap=True)
    assert [row["reference"] for row in viewer.get(f"{URL}?locked=true").data["results"]] == ["b@1"]
    assert len(viewer.get(f"{URL}?locked=false").data["results"]) == 3


def test_versions_are_compared_with_their_parent_or_with_another(viewer, frames):
    first = create_version(dataset="a", frame_ids=ids(frames[:3]))
    second = create_version(dataset="a", frame_ids=ids(frames[1:4]))
    said = viewer.get(f"{URL}{second.pk}/compare/").data
    assert (said["before"], said["came"], said["went"]["count"]) == ("a@1", {"count": 1, "frames": [frames[3].pk]}, 1)
    assert viewer.get(f"{URL}{second.pk}/compare/?to={second.pk}").data["frames"]["in_both"] == 3
    alone = viewer.get(f"{URL}{first.pk}/compare/")
    assert (alone.status_code, alone.data["code"]) == (400, "no_parent")
    assert viewer.get(f"{URL}{second.pk}/compare/?to=999999").status_code == 400
    assert viewer.get(f"{URL}{second.pk}/compare/?with=1").status_code == 400


def test_leaks_are_reported(viewer, frames):
    version = DatasetVersionFactory(frame_count=2)
    for frame, split in zip(frames[:2], ("train", "test"), strict=True):
        DatasetFrameFactory(version=version, frame=frame, split=split)
        EmbeddingFactory(frame=frame, vector=[1, 0, 0, 0])
    said = viewer.get(f"{URL}{version.pk}/leakage/").data
    assert (said["is_clean"], said["found"], said["between"][0]["share"]) == (False, 1, 1.0)
    assert said["leaks"][0]["right"] == frames[1].pk
    assert viewer.get(f"{URL}{version.pk}/leakage/?limit=0").data["leaks"] == []
    assert viewer.get(f"{URL}{version.pk}/leakage/?embedder=none").status_code == 400
    assert viewer.get(f"{URL}{version.pk}/leakage/?within_s=-1").status_code == 400


def test_a_version_is_verified(viewer, frames, media):
    version = create_version(dataset="a", frame_ids=ids(frames))
    assert viewer.get(f"{URL}{version.pk}/verify/").data["is_sound"] is True
    (media / version.manifest).unlink()
    said = viewer.get(f"{URL}{version.pk}/verify/").data
    assert (said["is_sound"], len(said["problems"])) == (False, 3)


def test_a_lock_is_foreseen_by_all_and_made_by_admins_who_confirm(viewer, curator, admin, frames):
    version = create_version(dataset="final", frame_ids=ids(frames[:2]))
    url = f"{URL}{version.pk}/lock/"
    foreseen = viewer.get(url)
    assert foreseen.data["frames"] == {"member": 2, "block": 0, "duplicate": 0}
    assert not Frame.objects.filter(held_out=True).exists()
    for client in (viewer, curator):
        assert client.post(url, {"confirm": "final@1"}, format="json").status_code == 403
    assert admin.post(url, {}, format="json").status_code == 400
    wrong = admin.post(url, {"confirm": "final"}, format="json")
    assert (wrong.status_code, wrong.data["code"]) == (400, "not_confirmed")
    assert not DatasetVersion.objects.filter(locked_at__isnull=False).exists()
    locked = admin.post(url, {"confirm": "final@1", "block_s": 30}, format="json")
    assert locked.status_code == 200, locked.data
    assert (locked.data["locked_by"], locked.data["lock"]["block_s"]) == (admin.user.username, 30.0)
    again = admin.post(url, {"confirm": "final@1"}, format="json")
    assert (again.status_code, again.data["code"]) == (409, "locked")
    assert viewer.get(url).status_code == 409


def test_a_lock_says_what_speaks_against_it(admin, frames):
    create_version(dataset="gate", frame_ids=ids(frames[:3]))
    version = create_version(dataset="final", frame_ids=ids(frames[:1]))
    url = f"{URL}{version.pk}/lock/"
    refused = admin.post(url, {"confirm": "final@1"}, format="json")
    assert (refused.status_code, refused.data["code"]) == (409, "overlap")
    Frame.objects.filter(pk=frames[5].pk).update(phash=None)
    refused = admin.post(url, {"confirm": "final@1", "allow_overlap": True}, format="json")
    assert (refused.status_code, refused.data["code"]) == (409, "uncompared")
    body = {"confirm": "final@1", "allow_overlap": True, "allow_uncompared": True}
    assert admin.post(url, body, format="json").status_code == 200


def test_held_frames_are_refused_by_name(curator, frames):
    lock_version(create_version(dataset="final", frame_ids=ids(frames[:1])), user=None)
    refused = post(curator, {"dataset": "gate", "frames": ids(frames)})
    assert (refused.status_code, refused.data["code"]) == (409, "held")
    assert "by final@1" in refused.data["detail"]


def test_uses_are_written_into_the_ledger_and_listed(viewer, curator, frames):
    version = create_version(dataset="final", frame_ids=ids(frames[:1]))
    url = f"{URL}{version.pk}/uses/"
    body = {"model": "yolo 7", "metric": "mAP50", "value": 0.61}
    early = curator.post(url, body, format="json")
    assert (early.status_code, early.data["code"]) == (409, "not_locked")
    lock_version(version, user=None)
    assert viewer.post(url, body, format="json").status_code == 403
    assert curator.post(url, {"metric": "mAP50"}, format="json").status_code == 400
    assert curator.post(url, body | {"value": "NaN"}, format="json").status_code == 400
    made = curator.post(url, body, format="json")
    assert made.status_code == 201
    [line] = viewer.get(url).data["results"]
    assert line == made.data
    assert (line["by"], line["model"], line["value"], line["purpose"]) == (
        curator.user.username, "yolo 7", 0.61, "evaluation",
    )  # fmt: skip
    assert HoldoutUse.objects.get().by == curator.user
    for method in ("put", "patch", "delete"):
        assert getattr(curator, method)(url).status_code == 405
        assert getattr(curator, method)(f"{URL}{version.pk}/").status_code == 405
