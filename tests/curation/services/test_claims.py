"""Who may work on a chunk, and whose work counts."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.utils import timezone

from curation.core.spec import parse
from curation.core.types import Signals
from curation.models import Chunk, Run, Track
from curation.services import claims
from curation.services.cascade import hand_in_seen
from curation.services.claims import Fenced, claim, give_up, release
from curation.services.looking import Seen
from curation.services.runs import cancel_run, due_chunks, plan_stage, resume_run
from tests.factories import CascadeFactory, RunFactory

SPEC = parse({"name": "motion", "stages": [{"name": "motion", "kind": "motion"}]})


@pytest.fixture
def run(db):
    """A run of three chunks, of which nobody has one."""
    cascade = CascadeFactory(spec=SPEC.to_dict())
    made = RunFactory(cascade=cascade, spec=SPEC.to_dict(), status=Run.Status.QUEUED, chunk_s=20.0)
    plan_stage(run=made, spec=SPEC, stage_index=0)
    assert made.chunks.count() == 3
    return made


@pytest.fixture
def chunk(run):
    return run.chunks.first()


def silent(chunk):
    """Let a chunk's lease run out."""
    Chunk.objects.filter(pk=chunk.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def seen(*pts_us):
    zeros = np.zeros(len(pts_us), np.float32)
    values = dict.fromkeys(("score", "brightness", "contrast", "blur"), zeros)
    return Seen(Signals(np.array(pts_us, np.int64), values), len(pts_us), len(pts_us), 0, 0.1)


def test_a_claim_starts_the_run_and_names_the_worker(run, chunk):
    taken = claim(chunk.pk, worker="host:1")
    run.refresh_from_db()
    chunk.refresh_from_db()
    assert (taken.chunk_id, taken.attempt) == (chunk.pk, 1)
    assert (chunk.state, chunk.worker, chunk.attempt) == (Chunk.State.CLAIMED, "host:1", 1)
    assert chunk.lease_until > timezone.now()
    assert run.status == Run.Status.RUNNING
    assert run.started_at is not None


def test_a_claimed_chunk_cannot_be_claimed_again(chunk):
    assert claim(chunk.pk, worker="a")
    assert claim(chunk.pk, worker="b") is None
    assert chunk.pk not in due_chunks()


@pytest.mark.parametrize("state", [Chunk.State.DONE, Chunk.State.QUARANTINED, Chunk.State.CANCELLED])
def test_closed_chunks_cannot_be_claimed(run, chunk, state):
    run.chunks.update(state=state)
    assert claim(chunk.pk, worker="a") is None
    assert due_chunks() == []


@pytest.mark.parametrize("status", [Run.Status.DONE, Run.Status.FAILED, Run.Status.CANCELLED])
def test_chunks_of_a_closed_run_cannot_be_claimed(run, chunk, status):
    Run.objects.filter(pk=run.pk).update(status=status)
    assert claim(chunk.pk, worker="a") is None
    assert due_chunks() == []


def test_a_chunk_that_is_not_there_cannot_be_claimed(db):
    assert claim(12345, worker="a") is None


def test_a_chunk_waits_for_its_retry(chunk):
    Chunk.objects.filter(pk=chunk.pk).update(lease_until=timezone.now() + timedelta(minutes=1))
    assert claim(chunk.pk, worker="a") is None
    assert chunk.pk not in due_chunks()
    silent(chunk)
    assert chunk.pk in due_chunks()
    assert claim(chunk.pk, worker="a")


def test_another_takes_over_when_the_lease_runs_out(chunk):
    first = claim(chunk.pk, worker="a")
    silent(chunk)
    assert chunk.pk in due_chunks()
    second = claim(chunk.pk, worker="b")
    assert second.attempt == first.attempt + 1
    assert not first.rows().exists()
    assert second.rows().exists()


def test_a_beat_tells_the_place_and_lengthens_the_lease(chunk, monkeypatch):
    monkeypatch.setattr(claims, "BEAT_S", 0.0)
    taken = claim(chunk.pk, worker="a")
    silent(chunk)
    taken.beat(chunk.start_us + 5_000_000)
    chunk.refresh_from_db()
    assert chunk.done_us == 5_000_000
    assert chunk.lease_until > timezone.now()


def test_beats_are_rare(chunk, django_assert_num_queries):
    taken = claim(chunk.pk, worker="a")
    with django_assert_num_queries(0):
        taken.beat(1_000_000)


def test_a_late_worker_is_fenced_off(run, chunk, monkeypatch):
    monkeypatch.setattr(claims, "BEAT_S", 0.0)
    late = claim(chunk.pk, worker="a")
    silent(chunk)
    now = claim(chunk.pk, worker="b")
    before = Chunk.objects.filter(pk=chunk.pk).values().get()
    with pytest.raises(Fenced):
        late.beat(1)
    with pytest.raises(Fenced):
        hand_in_seen(late, seen(0), spec=SPEC)
    assert give_up(late, reason="late", is_final=True) is False
    release(late)
    assert Chunk.objects.filter(pk=chunk.pk).values().get() == before
    assert not Track.objects.exists()
    run.refresh_from_db()
    assert run.status == Run.Status.RUNNING
    hand_in_seen(now, seen(0), spec=SPEC)
    assert Track.objects.count() == 1


def test_work_on_a_cancelled_run_is_dropped(run, chunk, monkeypatch):
    monkeypatch.setattr(claims, "BEAT_S", 0.0)
    taken = claim(chunk.pk, worker="a")
    cancel_run(run=run)
    with pytest.raises(Fenced):
        taken.beat(1)
    with pytest.raises(Fenced):
        hand_in_seen(taken, seen(0), spec=SPEC)
    assert give_up(taken, reason="late", is_final=False) is False
    chunk.refresh_from_db()
    assert (chunk.state, chunk.error) == (Chunk.State.CANCELLED, "")


def test_work_begun_before_a_cancel_is_dropped_after_the_resume(run, chunk):
    taken = claim(chunk.pk, worker="a")
    cancel_run(run=run)
    resume_run(run=run)
    with pytest.raises(Fenced):
        hand_in_seen(taken, seen(0), spec=SPEC)
    assert claim(chunk.pk, worker="b").attempt == taken.attempt + 1


def test_failures_are_tried_again_ever_later_and_then_quarantined(run, chunk, settings):
    settings.WINNOW_RETRY_S = 10
    waits = []
    for attempt in (1, 2):
        taken = claim(chunk.pk, worker="a")
        assert give_up(taken, reason=f"disk {attempt}", is_final=False) is False
        chunk.refresh_from_db()
        waits.append((chunk.lease_until - timezone.now()).total_seconds())
        assert (chunk.state, chunk.failures, chunk.error) == (Chunk.State.PENDING, attempt, f"disk {attempt}")
        silent(chunk)
    assert waits == [pytest.approx(20, abs=2), pytest.approx(40, abs=2)]
    assert give_up(claim(chunk.pk, worker="a"), reason="disk 3", is_final=False) is True
    chunk.refresh_from_db()
    run.refresh_from_db()
    assert (chunk.state, chunk.failures, chunk.error) == (Chunk.State.QUARANTINED, 3, "disk 3")
    assert (run.status, run.error) == (Run.Status.FAILED, "At 0 s: disk 3")
    assert run.finished_at is not None
    assert due_chunks() == []


def test_a_final_failure_fails_the_run_at_once_with_its_message(run, chunk):
    assert give_up(claim(chunk.pk, worker="a"), reason="Put the file there.", is_final=True) is True
    chunk.refresh_from_db()
    run.refresh_from_db()
    assert (chunk.state, chunk.error) == (Chunk.State.QUARANTINED, "Put the file there.")
    assert (run.status, run.error) == (Run.Status.FAILED, "Put the file there.")


def test_a_released_chunk_is_free_at_once(chunk):
    release(claim(chunk.pk, worker="a"))
    assert chunk.pk in due_chunks()
    assert claim(chunk.pk, worker="b").attempt == 2


@contextmanager
def holding(run, *, for_s):
    """Hold the lock on a run in another connection, as a worker that hands a chunk in does."""
    held = threading.Event()

    def hold():
        try:
            with transaction.atomic():
                Run.objects.select_for_update().get(pk=run.pk)
                held.set()
                threading.Event().wait(for_s)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    yield
    thread.join()


@pytest.mark.parametrize("status", [Run.Status.QUEUED, Run.Status.RUNNING])
@pytest.mark.django_db(transaction=True)
def test_a_claim_goes_through_while_another_chunk_is_handed_in(run, chunk, status):
    Run.objects.filter(pk=run.pk).update(status=status, started_at=timezone.now())
    with holding(run, for_s=0.5):
        assert claim(chunk.pk, worker="a")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_gets_the_chunk(run, chunk):
    start, got = threading.Barrier(6), []

    def race(number):
        try:
            start.wait()
            got.append(claim(chunk.pk, worker=str(number)))
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([taken for taken in got if taken]) == 1
    assert len(got) == 6


@pytest.mark.django_db(transaction=True)
def test_claims_and_a_cancel_at_once_never_deadlock(run):
    failures = []

    def attempt(work, number):
        try:
            start.wait()
            work(number)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    chunks = list(run.chunks.values_list("pk", flat=True))
    for _ in range(15):
        start = threading.Barrier(4)
        jobs = [(lambda n: claim(chunks[n], worker="a"), n) for n in range(3)] + [(lambda _: cancel_run(run=run), 0)]
        threads = [threading.Thread(target=attempt, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not run.chunks.filter(state=Chunk.State.CLAIMED).exists()
        resume_run(run=run)
    assert failures == []


@pytest.mark.django_db(transaction=True)
def test_giving_up_is_all_or_nothing(run, chunk):
    taken = claim(chunk.pk, worker="a")
    with connection.execute_wrapper(_die_on_update_of("curation_run")), pytest.raises(KeyboardInterrupt):
        give_up(taken, reason="broken", is_final=True)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.error) == (Chunk.State.CLAIMED, "")


def _die_on_update_of(table):
    def wrapper(execute, sql, params, many, context):
        if sql.startswith(f'UPDATE "{table}"'):
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    return wrapper
