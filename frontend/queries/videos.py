"""Videos with how far their newest runs are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q

from curation.models import Interval, Run, Video
from curation.services.progress import Progress, progress_of
from frontend.queries.runs import filter_names, latest_runs
from frontend.records import Lane, VideoRow


def videos(*, limit: int) -> list[VideoRow]:
    """List videos with their newest runs: those that a cascade was set to or that failed, then the rest, newest first.

    4 queries, and what `progress_of` needs."""
    shown = _first(limit)
    by_id = {video.id: video for video in shown}
    runs = {run.video_id: run for run in latest_runs().filter(video__in=by_id).select_related("cascade")}
    for run in runs.values():
        run.video = by_id[run.video_id]
    lanes = _lanes(runs.values())
    progress = progress_of(runs.values())
    rows = []
    for video in shown:
        row, newest = _row(video), runs.get(video.id)
        if newest is not None and row.status != "failed":
            row = _with_run(row, newest, lanes=lanes[newest.id], now=progress[newest.id])
        rows.append(row)
    return rows


def _first(limit: int) -> list[Video]:
    known = Video.objects.select_related("camera").defer("keyframes").order_by("-id")
    is_worked_on = Exists(Run.objects.filter(video=OuterRef("pk"))) | Q(status=Video.Status.FAILED)
    shown = list(known.filter(is_worked_on)[:limit])
    return shown + list(known.exclude(is_worked_on)[: limit - len(shown)]) if len(shown) < limit else shown


def _row(video: Video) -> VideoRow:
    return VideoRow(
        id=video.id,
        name=video.name,
        camera=video.camera.name,
        duration_s=video.duration_s,
        size_bytes=video.size_bytes,
        status="failed" if video.status == Video.Status.FAILED else "new",
        error=video.error,
    )


def _with_run(row: VideoRow, run: Run, *, lanes: Sequence[Lane], now: Progress) -> VideoRow:
    return replace(
        row,
        status=run.status,
        error=run.error,
        frames_kept=run.frames_kept,
        lanes=lanes,
        share_done=now.share_done,
        speed_x=now.speed_x,
        left_s=now.left_s,
        stage=now.stage,
    )


def _lanes(runs: Iterable[Run]) -> dict[int, list[Lane]]:
    """Read the intervals of runs by their stages, in order; a stage that found nothing is a lane too."""
    spans: dict[tuple[int, str], list[tuple[float, float]]] = defaultdict(list)
    order = {run.id: filter_names(run) for run in runs}
    for run_id, stage, start_s, end_s in Interval.objects.filter(run__in=order).values_list(
        "run_id", "stage", "start_s", "end_s"
    ):
        spans[run_id, stage].append((start_s, end_s))
    return {run_id: [Lane(name, spans[run_id, name]) for name in names] for run_id, names in order.items()}
