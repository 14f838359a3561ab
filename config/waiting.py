"""Getting runs done: by the service that runs already, or by workers of our own."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from config.service import running
from config.supervisor import workers
from config.worker import registered
from curation import doorbell
from curation.models import Run
from curation.services.progress import progress_of

POLL_S = 0.5
RING_S = 10.0


@contextmanager
def hands(count: int | None = None) -> Iterator[str]:
    """Make sure that somebody works for the block; yields who, as a sentence."""
    if info := running():
        yield f"The workers of {info.url} do the work."
    elif found := registered():
        yield f"{found} workers that run already do the work."
    else:
        count = count or settings.WINNOW_WORKERS
        with workers(count):
            yield f"{count} worker{'s' if count > 1 else ''} started for this command."


def wait_for(runs: Iterable[Run], *, show: bool = True) -> list[Run]:
    """Wait until no run is open any more, with a progress bar for each on stderr; returns them as they ended."""
    waiting = {run.pk for run in runs}
    if not waiting:
        return []
    rung = time.monotonic()
    with _bars(show) as bars:
        tasks: dict[int, TaskID] = {}
        while True:
            listed = list(Run.objects.filter(pk__in=waiting).select_related("video", "cascade").order_by("pk"))
            _update(bars, tasks, listed)
            if not any(run.is_open for run in listed):
                return listed
            if time.monotonic() - rung > RING_S:
                rung = time.monotonic()
                doorbell.ring_due()
            time.sleep(POLL_S)


def _bars(show: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(file=sys.stderr),
        disable=not show,
    )


def _update(bars: Progress, tasks: dict[int, TaskID], runs: list[Run]) -> None:
    known = progress_of(runs)
    for run in runs:
        if run.pk not in tasks:
            name = run.video.name if len(run.video.name) <= 32 else run.video.name[:31] + "…"
            tasks[run.pk] = bars.add_task(f"{name:<32}", total=1.0, note="")
        progress = known[run.pk]
        bars.update(tasks[run.pk], completed=progress.share_done, note=_note(run, progress.stage, progress.speed_x))


def _note(run: Run, stage: str, speed_x: float | None) -> str:
    if run.status == Run.Status.FAILED:
        return "failed"
    speed = f"{speed_x:.0f}x real time" if speed_x else ""
    return f"{stage or run.status:<12} {speed}"
