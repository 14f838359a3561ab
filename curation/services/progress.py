"""How far runs have come."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Sum
from django.utils import timezone

from curation.models import Chunk, Run


@dataclass(frozen=True)
class Progress:
    """share_done 0..1; speed in seconds of footage a second of time; left_s is a guess from the speed so far."""

    share_done: float
    speed_x: float | None
    left_s: float | None
    stage: str


def progress_of(runs: Iterable[Run]) -> dict[int, Progress]:
    """Tell the progress of runs, by id, in one query. Each pass over the video counts alike; select `video` before."""
    listed = list(runs)
    open_ids = [run.pk for run in listed if run.is_open]
    done: dict[tuple[int, int], float] = {}
    if open_ids:
        sums = Chunk.objects.filter(run__in=open_ids).values("run_id", "stage_index", "state")
        for row in sums.annotate(
            whole=Sum(F("end_us") - F("start_us"), default=0), part=Sum("done_us", default=0)
        ).order_by():
            key = (row["run_id"], row["stage_index"])
            done[key] = done.get(key, 0.0) + (row["whole"] if row["state"] == Chunk.State.DONE else row["part"])
    return {run.pk: _progress(run, done) for run in listed}


def _progress(run: Run, done: dict[tuple[int, int], float]) -> Progress:
    names = [stage["name"] for stage in run.spec["stages"] if stage["kind"] != "embed"]
    stage = names[run.stage_index] if run.stage_index < len(names) else "keep"
    if run.status == Run.Status.DONE:
        took_s = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
        return Progress(1.0, run.video.duration_s / took_s if took_s > 0 else None, 0.0, "")
    passes = len(names) + 1
    duration_us = max(run.video.duration_s * 1e6, 1.0)
    share = min(1.0, (run.stage_index + min(1.0, done.get((run.pk, run.stage_index), 0.0) / duration_us)) / passes)
    if run.started_at is None or not run.is_open or share <= 0:
        return Progress(share, None, None, stage)
    elapsed_s = max((timezone.now() - run.started_at).total_seconds(), 1e-3)
    return Progress(share, run.video.duration_s * share / elapsed_s, elapsed_s * (1 - share) / share, stage)
