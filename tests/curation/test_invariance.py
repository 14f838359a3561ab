"""The same result, whoever does the work and in whatever order; other cuts move no end by more than one frame."""

import pytest
from django.db import transaction

from config.supervisor import workers
from curation import doorbell
from curation.models import Cascade, Run
from curation.services.cascades import find, save_cascade
from curation.services.ingest import register
from curation.services.runs import request_run
from tests.config.machine import wait_for
from tests.engine import rows_of, run_cascade

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FRAME_S = 0.1  # motion analyses ten frames a second
OBJECTS = """
name: two-stages
stages:
  - {name: motion, kind: motion}
  - {name: people_fast, kind: objects, detector: "%(detector)s", score: 0.3, stop_score: 0.15, unsure_score: 0.1,
     survey_s: 5}
  - {name: people, kind: objects, detector: "%(detector)s", score: 0.4, stop_score: 0.2, unsure_score: 0.2, survey_s: 5}
  - {name: embed, kind: embed, embedder: descriptor, boxes: true}
keep: {fps: 2}
"""


@pytest.fixture(autouse=True)
def chunks_of_5_s(settings):
    settings.WINNOW_CHUNK_S = 5


@pytest.fixture
def motion(db):
    return find("motion")


@pytest.fixture
def objects(db, shared_data):
    return save_cascade(text=OBJECTS % {"detector": f"yolox_onnx:{shared_data / 'weights' / 'yolox_nano.onnx'}"})


def watched(tiny_footage, spec, *, seed=None):
    """Run a cascade on an installation of its own, and return what it left."""
    with transaction.atomic():
        cascade = Cascade.objects.filter(name=spec.name).first() or Cascade.objects.create(
            name=spec.name, version=1, spec=spec.spec
        )
        video = register(path=tiny_footage, name="tiny.mp4", camera="yard").video
        found = rows_of(run_cascade(video, cascade, seed=seed))
        transaction.set_rollback(True)
    return found


def test_the_footage_gives_both_cascades_something_to_do(tiny_footage, motion, objects):
    for spec in (motion, objects):
        found = watched(tiny_footage, spec)
        assert found["status"] == "done"
        assert found["intervals"]
        assert found["keeps"]
    assert found["detections"]
    assert len({look[0] for look in found["tracks"]}) == 3


@pytest.mark.parametrize("name", ["motion", "objects"])
def test_the_order_of_chunks_changes_nothing(request, tiny_footage, name):
    spec = request.getfixturevalue(name)
    expected = watched(tiny_footage, spec)
    for seed in (1, 2, 3):
        assert watched(tiny_footage, spec, seed=seed) == expected


@pytest.mark.parametrize("name", ["motion", "objects"])
def test_one_worker_or_two_leave_what_this_process_leaves(request, tiny_footage, queue, name):
    spec = request.getfixturevalue(name)
    expected = watched(tiny_footage, spec)
    video = register(path=tiny_footage, name="tiny.mp4", camera="yard").video
    for count in (1, 2):
        Run.objects.all().delete()
        with workers(count):
            run, _ = request_run(video=video, cascade=spec)
            doorbell.ring(run.pk)
            wait_for(lambda: not Run.objects.get(pk=run.pk).is_open, timeout_s=60)  # noqa: B023
        assert rows_of(Run.objects.select_related("video").get(pk=run.pk)) == expected


@pytest.mark.parametrize("name", ["motion", "objects"])
def test_another_chunk_length_moves_no_end_by_more_than_one_frame(request, tiny_footage, name, settings):
    spec = request.getfixturevalue(name)
    many = watched(tiny_footage, spec)
    settings.WINNOW_CHUNK_S = 60
    one = watched(tiny_footage, spec)
    assert [i["stage"] for i in many["intervals"]] == [i["stage"] for i in one["intervals"]]
    for left, right in zip(many["intervals"], one["intervals"], strict=True):
        assert left["start_s"] == pytest.approx(right["start_s"], abs=FRAME_S + 1e-6)
        assert left["end_s"] == pytest.approx(right["end_s"], abs=FRAME_S + 1e-6)
    assert many["decoded"] == one["decoded"] == (200, 0)
