"""Nothing leaks into a hold-out: every door to its frames is tried, over services, HTTP and the command line.

Tampering with the database is tried in test_holdout_tampering.py, footage that comes later in
test_holdout_arrivals.py."""

import io
import json
import zipfile
from random import Random

import cv2
import numpy as np
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from curation.backends import storage
from curation.core.formats import FORMATS
from curation.core.sampling import SAMPLERS, parse_plan
from curation.core.splits import SplitSpec
from curation.models import DatasetFrame, Frame, HoldoutUse
from curation.services.datasets import create_version
from curation.services.exporting import archive_path
from curation.services.frame_table import current
from curation.services.holdout import HoldoutError, free, lock_version
from curation.services.manifests import read_manifest
from curation.services.sampling import draw
from tests.datasets import export_here
from tests.factories import AnnotationFactory, CameraFactory, EmbeddingFactory, FrameFactory, VideoFactory, unit_vector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
PARAMETERS = {
    "quota": {"shares": {"lighting:dark": 50, "lighting:dim": 50}},
    "uniform": {"factors": ["lighting"]},
    "undersample": {"over": "lighting"},
    "weighted": {"field": "people"},
    "random": {},
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def frames():
    """Twenty labelled frames, ten minutes apart in four videos, each with its picture, hash and vector."""
    chance = Random(4)
    made = []
    for number in range(20):
        video = made[-4].video if number >= 4 else VideoFactory(duration_s=9000.0, camera=CameraFactory())
        frame = FrameFactory(
            video=video, pts_us=number * 600_000_000, phash=chance.getrandbits(62), annotated_at=video.recorded_at,
            tags={"lighting": "dark" if number % 2 else "dim", "people": 1 + number % 3},
        )  # fmt: skip
        EmbeddingFactory(frame=frame, embedder__dimension=16, vector=unit_vector(16, seed=number))
        AnnotationFactory(frame=frame)
        pixels = np.random.default_rng(number).integers(0, 255, (36, 64, 3), np.uint8)
        storage.put_bytes(frame.image, cv2.imencode(".jpg", pixels)[1].tobytes())
        made.append(frame)
    return made


@pytest.fixture
def trained(frames):
    """A version for training, made before the lock, that has a frame of the hold-out in its test split."""
    version = create_version(
        dataset="before", frame_ids=ids(frames[:4]), splits=SplitSpec(by="frame", train=0, val=0, test=1)
    )
    assert frames[2].pk in set(version.members.values_list("frame_id", flat=True))
    return version


@pytest.fixture
def holdout(frames, trained):
    """Three frames, and a fourth that looks like one of them."""
    EmbeddingFactory._meta.model.objects.filter(frame=frames[7]).update(
        vector=EmbeddingFactory._meta.model.objects.get(frame=frames[2]).vector
    )
    version = create_version(dataset="final", frame_ids=ids(frames[2:5]))
    return lock_version(version, user=None, allow_uncompared=False)


@pytest.fixture
def held(holdout):
    found = set(Frame.objects.filter(held_out=True).values_list("pk", flat=True))
    assert len(found) == 4
    return found


def ids(frames):
    return [frame.pk for frame in frames]


def client_of(role):
    user = User.objects.create_user(f"a-{role}")
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = APIClient()
    client.force_authenticate(user)
    return client


def refused(*command):
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*command, stdout=out, stderr=io.StringIO())
    assert (caught.value.returncode, out.getvalue()) == (2, "")
    return str(caught.value)


@pytest.mark.parametrize("kind", sorted(SAMPLERS))
@pytest.mark.parametrize("query", ["", "lighting:dark OR lighting:dim", "NOT dataset:final@1", "held_out:false"])
def test_no_sampler_draws_what_is_held(frames, held, kind, query):
    drawn = draw(parse_plan({"query": query, "size": 20, "sampler": {"kind": kind, **PARAMETERS[kind]}}))
    assert len(drawn.frame_ids)
    assert held.isdisjoint(drawn.frame_ids.tolist())


@pytest.mark.parametrize("kind", sorted(SAMPLERS))
def test_diversity_and_constraints_let_nothing_through(held, kind):
    plan = {
        "size": 20, "sampler": {"kind": kind, **PARAMETERS[kind]}, "diversity": True,
        "constraints": {"max_per_video": 5, "max_similarity": 0.99},
    }  # fmt: skip
    assert held.isdisjoint(draw(parse_plan(plan)).frame_ids.tolist())


@pytest.mark.parametrize(
    "query",
    ["held_out:true", "NOT held_out:false", "dataset:final@1", "dataset:final", "dataset:fin*",
     "lighting:dark OR dataset:final@1"],
)  # fmt: skip
def test_asking_for_it_is_refused_with_the_reason(held, query):
    with pytest.raises(HoldoutError) as caught:
        draw(parse_plan({"query": query, "size": 5}))
    assert caught.value.code == "held"
    assert len(str(caught.value)) > 60


def test_asking_by_number_is_refused_too(frames, held):
    for plan in ({"frames": ids(frames), "size": 3}, {"query": f"id:{frames[2].pk}", "size": 3},
                 {"query": "", "beside": "dataset:final@1", "size": 3}):  # fmt: skip
        with pytest.raises(HoldoutError):
            draw(parse_plan(plan))


def test_no_version_is_made_of_it(frames, held):
    with pytest.raises(HoldoutError, match="by final@1"):
        create_version(dataset="gate", frame_ids=ids(frames))
    for query in ("held_out:true", "dataset:final@1", f"id:{frames[2].pk}"):
        with pytest.raises(HoldoutError):
            create_version(dataset="gate", query=query)
    for query in ("", "lighting:dark OR lighting:dim"):
        version = create_version(dataset="gate", query=query)
        assert held.isdisjoint(version.members.values_list("frame_id", flat=True))
    assert version.report["left_out"] == {"held out": 4}


def test_a_second_version_with_the_same_frames_is_refused(frames, held, holdout):
    for name in ("final", "copy"):
        with pytest.raises(HoldoutError):
            create_version(dataset=name, frame_ids=holdout.members.values_list("frame_id", flat=True))
    entries = list(read_manifest(holdout))
    assert len(entries) == 3  # but for an evaluation it can be read


@pytest.mark.parametrize("name", sorted(name for name, kind in FORMATS.items() if kind.writes))
def test_no_format_takes_it_out_for_training_or_labelling(frames, held, name):
    row = export_here(format=name, query="")
    assert row.report["pictures"] == 16
    assert row.report["left_out"]["held out"] == 4
    with zipfile.ZipFile(archive_path(row)) as archive:
        inside = "\n".join(archive.namelist())
        text = "\n".join(archive.read(member).decode("utf-8", "replace") for member in archive.namelist())
    for frame in Frame.objects.filter(pk__in=held):
        named = f"{frame.camera.name}_{frame.video.sha256[:8]}_{frame.pts_us:012d}"
        assert named not in inside
        assert named not in text


def test_neither_the_hold_out_nor_a_version_that_shares_a_frame_is_exported_for_training(frames, held, trained):
    for dataset in ("final@1", "before@1"):
        with pytest.raises(HoldoutError, match=r"locked as a hold-out|held out"):
            export_here(dataset=dataset)
    with pytest.raises(HoldoutError):
        export_here(dataset="before@1", purpose="evaluation", model="yolo 7")
    assert not HoldoutUse.objects.exists()
    export_here(dataset="final@1", purpose="evaluation", model="yolo 7")
    use = HoldoutUse.objects.get()
    assert (use.purpose, use.model, use.by_name) == ("export", "yolo 7", "tester")


def test_an_export_from_before_the_lock_is_not_handed_out_any_more(frames, trained):
    row = export_here(dataset="before@1")
    client = client_of("curator")
    url = f"/api/v1/exports/{row.pk}/download/"
    assert client.get(url).status_code == 200
    lock_version(create_version(dataset="final", frame_ids=ids(frames[2:5])), user=None)
    assert client.get(url).status_code == 409


def test_http_lets_nothing_through(frames, held, trained):
    curator = client_of("curator")

    def post(path, body):
        return curator.post(f"/api/v1/{path}/", body, format="json")

    sampled = post("samples/preview", {"plan": {"size": 20}, "ids": True})
    assert sampled.status_code == 200
    assert held.isdisjoint(sampled.data["frames"])
    made = post("dataset-versions", {"dataset": "gate", "plan": "size: 20\n"})
    assert made.status_code == 201
    assert held.isdisjoint(DatasetFrame.objects.filter(version=made.data["id"]).values_list("frame_id", flat=True))
    asked = [
        ("samples/preview", {"plan": {"size": 3, "query": "held_out:true"}}),
        ("samples/preview", {"text": f"size: 3\nframes: [{frames[2].pk}]\n"}),
        ("dataset-versions", {"dataset": "gate", "frames": ids(frames)}),
        ("dataset-versions", {"dataset": "gate", "query": "dataset:final@1"}),
        ("dataset-versions", {"dataset": "gate", "plan": "size: 3\nquery: dataset:final@1\n"}),
        ("exports", {"dataset": "final@1", "format": "coco"}),
    ]
    for path, body in asked:
        response = post(path, body)
        assert (response.status_code, response.data["code"]) == (409, "held"), (path, body)
    evaluation = {"dataset": "final@1", "format": "coco", "purpose": "evaluation", "model": "yolo 7"}
    assert post("exports", evaluation).status_code == 403  # that is for admins


def test_the_command_line_lets_nothing_through(frames, held, trained, tmp_path):
    listed, plan = tmp_path / "ids", tmp_path / "plan.yaml"
    listed.write_text(" ".join(map(str, ids(frames))))
    assert "held out" in refused("dataset", "create", "gate", "--ids", str(listed))
    assert "held out" in refused("dataset", "create", "gate", "--query", "dataset:final@1")
    plan.write_text("size: 3\nquery: dataset:final@1\n")
    assert "hold-out" in refused("dataset", "create", "gate", "--plan", str(plan))
    assert "hold-out" in refused("sample", "--plan", str(plan))
    for dataset in ("final@1", "before@1"):
        archive = str(tmp_path / "out.zip")
        said = refused("export", "--dataset", dataset, "--format", "coco", "--out", archive)
        assert "held out" in said or "hold-out" in said
    plan.write_text("size: 20\n")
    out = io.StringIO()
    call_command("dataset", "create", "gate", "--plan", str(plan), "--json", stdout=out)
    made = json.loads(out.getvalue())
    assert made["frames"] == 16
    assert held.isdisjoint(DatasetFrame.objects.filter(version=made["id"]).values_list("frame_id", flat=True))


def test_tables_and_querysets_know_what_is_held(held):
    table = current()
    assert set(table.ids[table.frames["held_out"].to_numpy()].tolist()) == held
    assert held.isdisjoint(free(Frame.objects.all()).values_list("pk", flat=True))
