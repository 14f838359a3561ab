"""What workers run: how an attempt went is on the rows, whatever happened."""

import pytest

from curation import doorbell, tasks
from curation.models import Chunk, Run
from curation.services.cascades import find, save_cascade
from curation.services.ingest import register
from curation.services.runs import cancel_run, due_chunks, request_run
from tests.engine import rows_of, run_cascade

# Committed for real: jobs are put on the queue when their transaction ends.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def video(tiny_footage, media, settings):
    settings.WINNOW_CHUNK_S = 5
    return register(path=tiny_footage, name="tiny.mp4", camera="yard").video


@pytest.fixture
def run(video, queue):
    return request_run(video=video, cascade=find("motion"))[0]


def waiting(queue):
    """The chunks whose jobs wait, in order."""
    return [job.args[0] for job in queue.jobs]


def test_ringing_puts_every_due_chunk_on_the_queue_once(run, queue):
    assert doorbell.ring(run.pk) == run.chunks.count() > 1
    assert doorbell.ring_due() == doorbell.ring(run.pk) == 0
    assert sorted(waiting(queue)) == sorted(due_chunks())


def test_without_a_queue_ringing_is_quiet_and_the_rows_stay(run, settings, monkeypatch, caplog):
    monkeypatch.setitem(settings.RQ_QUEUES["cascade"], "URL", "unix:///nowhere/redis.sock?db=8")
    assert doorbell.ring(run.pk) == 0
    assert "the reconciler rings again" in caplog.text
    assert due_chunks()


def test_jobs_alone_bring_a_run_to_its_end(run, queue, video):
    doorbell.ring(run.pk)
    while chunk_ids := waiting(queue):
        queue.empty()
        for chunk_id in chunk_ids:
            tasks.do_chunk(chunk_id)
    ended = Run.objects.select_related("video").get(pk=run.pk)
    found = rows_of(ended)
    assert found["status"] == "done"
    ended.delete()
    assert found == rows_of(run_cascade(video, find("motion")))


def test_a_chunk_that_is_done_already_is_left_alone(run, queue):
    first = due_chunks()[0]
    tasks.do_chunk(first)
    before = Chunk.objects.filter(pk=first).values().get()
    tasks.do_chunk(first)
    assert Chunk.objects.filter(pk=first).values().get() == before


def test_a_chunk_that_is_gone_is_no_error(db, queue):
    tasks.do_chunk(12345)


def test_what_a_person_must_mend_fails_the_run_at_once_with_its_message(video, queue):
    text = (
        "name: apples\nstages:\n  - {name: apples, kind: objects, detector: 'yolox_onnx:nowhere/none.onnx', fps: 1}\n"
    )
    run, _ = request_run(video=video, cascade=save_cascade(text=text))
    tasks.do_chunk(due_chunks()[0])
    run.refresh_from_db()
    chunk = run.chunks.exclude(error="").get()
    assert run.status == Run.Status.FAILED
    assert "none.onnx" in run.error
    assert "Put the file at" in run.error
    assert (chunk.state, chunk.error, chunk.attempt) == (Chunk.State.QUARANTINED, run.error, 1)


def test_what_may_pass_is_tried_three_times_and_told(run, queue, media, settings, video):
    settings.WINNOW_RETRY_S = 0
    (media / video.file).unlink()
    first = due_chunks()[0]
    for attempt in (1, 2, 3):
        with pytest.raises(FileNotFoundError):
            tasks.do_chunk(first)
        chunk = Chunk.objects.get(pk=first)
        assert (chunk.attempt, chunk.failures) == (attempt, attempt)
        assert chunk.error.startswith("FileNotFoundError: ")
    run.refresh_from_db()
    assert chunk.state == Chunk.State.QUARANTINED
    assert (run.status, run.error) == (Run.Status.FAILED, f"At 0 s: {chunk.error}")
    assert due_chunks() == []


def test_a_cancelled_run_stops_the_worker_in_mid_chunk(run, queue, monkeypatch, caplog):
    """The work goes on until the next beat, and is dropped there."""
    monkeypatch.setattr("curation.services.claims.BEAT_S", 0.0)
    beat = tasks.claim

    def claim_and_cancel(chunk_id, *, worker):
        taken = beat(chunk_id, worker=worker)
        cancel_run(run=run)
        return taken

    monkeypatch.setattr(tasks, "claim", claim_and_cancel)
    first = due_chunks()[0]
    with caplog.at_level("INFO"):
        tasks.do_chunk(first)
    chunk = Chunk.objects.get(pk=first)
    assert (chunk.state, chunk.error, chunk.failures) == (Chunk.State.CANCELLED, "", 0)
    assert not hasattr(chunk, "track")
    assert "Dropped the work" in caplog.text


def test_a_worker_that_is_told_to_stop_hands_its_chunk_back(run, queue, monkeypatch):
    def stopped(taken):
        raise SystemExit

    monkeypatch.setattr(tasks, "do_claimed", stopped)
    first = due_chunks()[0]
    with pytest.raises(SystemExit):
        tasks.do_chunk(first)
    chunk = Chunk.objects.get(pk=first)
    assert (chunk.state, chunk.failures, chunk.lease_until) == (Chunk.State.PENDING, 0, None)
    assert first in due_chunks()
