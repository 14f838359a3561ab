"""How far runs have come."""

from datetime import timedelta

import pytest
from django.utils import timezone

from curation.models import Chunk, Run
from curation.services.cascades import find
from curation.services.ingest import register
from curation.services.progress import progress_of
from curation.services.runs import request_run
from tests.engine import do_run
from tests.factories import RunFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Motion over two minutes: two chunks of a minute, then the frames to keep."""
    run, _ = request_run(video=VideoFactory(duration_s=120.0), cascade=find("motion"))
    Run.objects.filter(pk=run.pk).update(status=Run.Status.RUNNING, started_at=timezone.now() - timedelta(seconds=10))
    return run


def progress(run):
    return progress_of([Run.objects.select_related("video").get(pk=run.pk)])[run.pk]


def test_nothing_is_asked_of_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert progress_of([]) == {}


def test_many_runs_take_one_query(django_assert_num_queries):
    for _ in range(3):
        request_run(video=VideoFactory(), cascade=find("motion"))
    runs = list(Run.objects.select_related("video"))
    with django_assert_num_queries(1):
        assert len(progress_of(runs)) == 3


def test_a_run_begins_at_nothing(run):
    found = progress(run)
    assert (found.share_done, found.speed_x, found.left_s, found.stage) == (0.0, None, None, "motion")


def test_half_of_a_chunk_is_an_eighth_of_two_passes(run):
    run.chunks.filter(index=0).update(state=Chunk.State.CLAIMED, done_us=30_000_000)
    found = progress(run)
    assert found.share_done == pytest.approx(1 / 8)
    assert found.speed_x == pytest.approx(120 / 8 / 10, rel=0.05)
    assert found.left_s == pytest.approx(70, rel=0.05)


def test_the_pass_that_keeps_is_the_last(run):
    run.chunks.update(state=Chunk.State.DONE)
    Run.objects.filter(pk=run.pk).update(stage_index=1)
    found = progress(run)
    assert (found.share_done, found.stage) == (0.5, "keep")


def test_a_run_that_is_done_is_done(db):
    begun = timezone.now()
    run = RunFactory(
        spec={"stages": [{"name": "motion", "kind": "motion"}]}, stage_index=1,
        started_at=begun, finished_at=begun + timedelta(seconds=20),
    )  # fmt: skip
    found = progress(run)
    assert (found.share_done, found.left_s, found.stage) == (1.0, 0.0, "")
    assert found.speed_x == pytest.approx(run.video.duration_s / 20)


def test_a_stopped_run_says_how_far_it_came_and_promises_nothing(run):
    run.chunks.filter(index=0).update(state=Chunk.State.DONE)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.CANCELLED)
    found = progress(run)
    assert found.speed_x is None
    assert found.left_s is None


def test_the_share_never_falls_while_chunks_are_done(tiny_footage, media, settings):
    settings.WINNOW_CHUNK_S = 5
    video = register(path=tiny_footage, name="tiny.mp4", camera="yard").video
    run, _ = request_run(video=video, cascade=find("motion"))
    shares = [progress(run).share_done]
    while Run.objects.get(pk=run.pk).is_open:
        do_run(run, steps=1)
        shares.append(progress(run).share_done)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert len(set(shares)) > 4
