"""Who works on which chunk. A claim raises the attempt; every later write of that attempt asks for it."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from curation.models import Chunk, Run

BEAT_S = 2.0
MAX_FAILURES = 3
OPEN = (Run.Status.QUEUED, Run.Status.RUNNING)


class Fenced(Exception):
    """The chunk is no longer this attempt's: cancelled, or given to another worker. What it did is dropped."""


@dataclass
class Claim:
    """One attempt at one chunk. `beat` keeps it alive, and ends it when it has lost the chunk."""

    chunk_id: int
    attempt: int
    start_us: int
    _beaten: float = field(default_factory=time.monotonic)

    def rows(self) -> QuerySet[Chunk]:
        """Select the chunk, if it is still this attempt's."""
        return Chunk.objects.filter(pk=self.chunk_id, attempt=self.attempt, state=Chunk.State.CLAIMED)

    def beat(self, reached_us: int) -> None:
        """Tell how far the work has come, at most every two seconds. Raises Fenced."""
        if time.monotonic() - self._beaten < BEAT_S:
            return
        self._beaten = time.monotonic()
        if not self.rows().update(done_us=max(0, reached_us - self.start_us), lease_until=_lease_end()):
            raise Fenced(f"chunk {self.chunk_id}, attempt {self.attempt}")


@transaction.atomic
def claim(chunk_id: int, *, worker: str) -> Claim | None:
    """Take a chunk, if it is free, due, and its run still open; None if not."""
    now = timezone.now()
    # The run first, as everybody does who writes both: so that no two wait for each other.
    run = Run.objects.select_for_update(of=("self",)).filter(chunks=chunk_id, status__in=OPEN).first()
    if run is None:
        return None
    free = Q(state=Chunk.State.PENDING) & (Q(lease_until=None) | Q(lease_until__lte=now))
    silent = Q(state=Chunk.State.CLAIMED, lease_until__lte=now)
    due = Chunk.objects.filter(free | silent, pk=chunk_id)
    # Only the chunk itself may be skipped for being locked: its order joins the run, which is locked all the time.
    chunk = due.select_for_update(skip_locked=True, of=("self",)).first()
    if chunk is None:
        return None
    chunk.state, chunk.attempt, chunk.done_us = Chunk.State.CLAIMED, chunk.attempt + 1, 0
    chunk.lease_until, chunk.worker = _lease_end(), worker[:128]
    chunk.save(update_fields=["state", "attempt", "done_us", "lease_until", "worker"])
    run.status, run.started_at = Run.Status.RUNNING, run.started_at or now
    run.save(update_fields=["status", "started_at"])
    return Claim(chunk_id, chunk.attempt, chunk.start_us)


@transaction.atomic
def give_up(taken: Claim, *, reason: str, is_final: bool) -> bool:
    """Record a failed attempt: tried again later, or put aside for good (True), which fails the run."""
    run = Run.objects.select_for_update(of=("self",)).filter(chunks=taken.chunk_id).first()
    chunk = taken.rows().first()
    if run is None or chunk is None:
        return False
    failures = chunk.failures + 1
    quarantined = is_final or failures >= MAX_FAILURES
    state = Chunk.State.QUARANTINED if quarantined else Chunk.State.PENDING
    later = None if quarantined else timezone.now() + timedelta(seconds=settings.WINNOW_RETRY_S * 2**failures)
    written = taken.rows().update(state=state, failures=failures, error=reason, lease_until=later)
    if written and quarantined:
        where = f"{chunk.start_us / 1e6:.0f} s"
        Run.objects.filter(pk=chunk.run_id, status__in=OPEN).update(
            status=Run.Status.FAILED, error=reason if is_final else f"At {where}: {reason}", finished_at=timezone.now()
        )
    return bool(written and quarantined)


def release(taken: Claim) -> None:
    """Hand a chunk back undone; somebody else may have it at once."""
    taken.rows().update(state=Chunk.State.PENDING, lease_until=None, done_us=0)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.WINNOW_LEASE_S)
