"""Asking for runs and changing one's mind."""

import pytest

from curation.core.errors import RunError, SpecError
from curation.models import Chunk, Detection, Frame, Interval, Keep, Run
from curation.services.cascades import find
from curation.services.claims import claim, give_up
from curation.services.ingest import register
from curation.services.runs import cancel_run, due_chunks, request_run, rerun, resume_run, span_of
from tests.engine import do_run, rows_of, run_cascade
from tests.factories import DetectionFactory, FrameFactory, IntervalFactory, KeepFactory, RunFactory, VideoFactory


@pytest.fixture
def motion(db):
    return find("motion")


@pytest.fixture
def video(tiny_footage, media, db, settings):
    settings.WINNOW_CHUNK_S = 5
    return register(path=tiny_footage, name="tiny.mp4", camera="yard").video


def test_a_run_is_written_with_all_that_makes_it(motion, settings):
    video = VideoFactory(duration_s=130.0)
    run, is_new = request_run(video=video, cascade=motion, overrides=["motion.fps=5"])
    assert is_new
    assert (run.status, run.stage_index, run.chunk_s) == (Run.Status.QUEUED, 0, float(settings.WINNOW_CHUNK_S))
    assert run.code_version == settings.WINNOW_VERSION
    assert run.spec["stages"][0]["fps"] == 5.0
    assert [(c.start_us, c.end_us) for c in run.chunks.all()] == [
        (0, 60_000_000), (60_000_000, 120_000_000), (120_000_000, None),
    ]  # fmt: skip
    assert due_chunks() == list(run.chunks.values_list("id", flat=True))


def test_the_last_chunk_reaches_past_the_header(motion):
    run, _ = request_run(video=VideoFactory(duration_s=10.0), cascade=motion)
    (chunk,) = run.chunks.all()
    assert span_of(chunk).holds(10**12)


@pytest.mark.parametrize("duration_s", [0.0, 1e-6, 0.04])
def test_the_shortest_video_has_a_chunk(motion, duration_s):
    run, _ = request_run(video=VideoFactory(duration_s=duration_s), cascade=motion)
    assert run.chunks.count() == 1


def test_the_same_spec_is_the_same_run(motion):
    video = VideoFactory()
    first, _ = request_run(video=video, cascade=motion)
    again, is_new = request_run(video=video, cascade=motion, overrides=["motion.fps=10"])  # its default
    assert (again.pk, is_new) == (first.pk, False)
    assert Chunk.objects.count() == first.chunks.count()


def test_a_folder_of_pictures_has_nothing_to_run_over(motion):
    with pytest.raises(RunError, match="folder of pictures that were imported"):
        request_run(video=VideoFactory(kind="pictures", file="", name="yard"), cascade=motion)
    assert not Run.objects.exists()


def test_another_parameter_or_another_video_is_another_run(motion):
    video = VideoFactory()
    runs = {
        request_run(video=video, cascade=motion)[0].pk,
        request_run(video=video, cascade=motion, overrides=["motion.fps=5"])[0].pk,
        request_run(video=VideoFactory(), cascade=motion)[0].pk,
    }
    assert len(runs) == 3


def test_a_wrong_parameter_writes_nothing(motion):
    with pytest.raises(SpecError, match="fps"):
        request_run(video=VideoFactory(), cascade=motion, overrides=["motion.fsp=5"])
    assert not Run.objects.exists()


@pytest.mark.parametrize("status", [Run.Status.FAILED, Run.Status.CANCELLED])
def test_asking_again_takes_a_stopped_run_up(motion, status):
    video = VideoFactory()
    run, _ = request_run(video=video, cascade=motion)
    Run.objects.filter(pk=run.pk).update(status=status, error="once")
    run.chunks.update(state=Chunk.State.QUARANTINED, failures=3)
    again, is_new = request_run(video=video, cascade=motion)
    assert not is_new
    assert due_chunks() == list(run.chunks.values_list("id", flat=True))
    run.refresh_from_db()
    assert (run.status, run.error) == (Run.Status.QUEUED, "")
    assert (again.status, again.error) == (Run.Status.QUEUED, "")


def test_a_cancelled_run_keeps_what_it_did_and_goes_on_from_there(video, motion):
    expected = rows_of(run_cascade(video, motion))
    Run.objects.all().delete()
    run, _ = request_run(video=video, cascade=motion)
    do_run(run, steps=2)
    taken = claim(due_chunks()[0], worker="cut off")
    cancel_run(run=run)
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
    assert due_chunks() == []
    assert not taken.rows().exists()
    assert run.chunks.filter(state=Chunk.State.DONE).count() == 2
    resume_run(run=run)
    assert rows_of(do_run(run)) == expected
    assert set(run.chunks.filter(stage_index=0).values_list("attempt", flat=True)) == {1, 2}


def test_a_failed_run_is_taken_up_with_its_failures_forgiven(motion):
    run, _ = request_run(video=VideoFactory(), cascade=motion)
    give_up(claim(due_chunks()[0], worker="a"), reason="no weights", is_final=True)
    resume_run(run=run)
    run.refresh_from_db()
    chunk = run.chunks.get()
    assert (run.status, run.error, run.finished_at) == (Run.Status.QUEUED, "", None)
    assert (chunk.state, chunk.failures, chunk.error, chunk.attempt) == (Chunk.State.PENDING, 0, "", 1)


@pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
def test_only_an_open_run_can_be_cancelled(db, status):
    with pytest.raises(RunError, match=f"is {status}"):
        cancel_run(run=RunFactory(status=status))


@pytest.mark.parametrize("status", ["queued", "running", "done"])
def test_only_a_stopped_run_can_be_resumed(db, status):
    with pytest.raises(RunError, match=f"is {status}"):
        resume_run(run=RunFactory(status=status))


@pytest.mark.parametrize("status", ["queued", "running"])
def test_an_open_run_cannot_be_rerun(db, status):
    with pytest.raises(RunError, match="cancel it first"):
        rerun(run=RunFactory(status=status))


def test_a_rerun_gives_the_same_and_frames_keep_their_ids(video, motion):
    run = run_cascade(video, motion)
    before, ids = rows_of(run), list(Frame.objects.order_by("pts_us").values_list("id", flat=True))
    again = rerun(run=run)
    assert (again.pk, again.status, again.frames_kept, again.stages) == (run.pk, Run.Status.QUEUED, 0, [])
    assert rows_of(do_run(run)) == before
    assert list(Frame.objects.order_by("pts_us").values_list("id", flat=True)) == ids


def test_a_rerun_replaces_its_own_rows_only(db, motion):
    video = VideoFactory()
    mine = RunFactory(video=video, cascade=motion, spec=motion.spec)
    other = RunFactory(video=video)
    frame = FrameFactory(video=video, tags={"people": 1})
    for run in (mine, other):
        KeepFactory(frame=frame, run=run)
        DetectionFactory(frame=frame, run=run)
        IntervalFactory(run=run)
    rerun(run=mine)
    for rows in (Keep, Detection, Interval):
        assert [row.run_id for row in rows.objects.all()] == [other.pk]
    assert Frame.objects.get().tags == {"people": 1}


def test_frames_that_a_rerun_does_not_keep_go_with_their_pictures(video, motion, django_capture_on_commit_callbacks):
    run = run_cascade(video, motion)
    stray = FrameFactory(video=video, pts_us=1)
    KeepFactory(frame=stray, run=run)
    rerun(run=run)
    assert Frame.objects.filter(pk=stray.pk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        do_run(run)
    assert not Frame.objects.filter(pk=stray.pk).exists()
    assert Frame.objects.count() == Keep.objects.filter(run=run).count() > 0


def test_many_chunks_are_due_in_order(motion):
    late, _ = request_run(video=VideoFactory(duration_s=130.0), cascade=motion)
    later, _ = request_run(video=VideoFactory(duration_s=70.0), cascade=motion)
    places = [Chunk.objects.get(pk=pk) for pk in due_chunks()]
    assert [(c.run_id, c.index) for c in places] == [
        (late.pk, 0), (late.pk, 1), (late.pk, 2), (later.pk, 0), (later.pk, 1),
    ]  # fmt: skip
