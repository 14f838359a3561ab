"""What people read in the terminal after an ingest."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from curation.models import Frame, Run
from curation.services.ingest_report import Taken

SHOWN_FACTORS = ("lighting", "blurriness", "motion", "has_people", "time_of_day", "indoor")


def print_ingest(taken: Sequence[Taken], *, waited: bool, console: Console | None = None) -> None:
    """Print one line a file, and after a wait what each stage let through and how the kept frames are tagged."""
    console = console or Console()
    console.print(_files(taken))
    runs = [one.run for one in taken if one.run is not None and one.run.status == Run.Status.DONE]
    if runs:
        console.print(_stages(runs))
        console.print(_tags(runs))
        query = "people:>0" if any("people" in {s["name"] for s in run.stages} for run in runs) else "motion:yes"
        console.print(f"Search them:  .venv/bin/python manage.py search '{query}'", highlight=False)
    elif not waited and any(not one.failed for one in taken):
        console.print("The runs are queued. `make up` starts workers; `ingest --wait` waits for the result.")


def _files(taken: Sequence[Taken]) -> Table:
    table = Table(title="Videos", title_justify="left")
    for column in ("file", "camera", "length", "frames", "status", "kept"):
        table.add_column(column, justify="right" if column in ("length", "frames", "kept") else "left", overflow="fold")
    for one in taken:
        video, run = one.video, one.run
        table.add_row(
            one.path.rsplit("/", 1)[-1],
            video.camera.name if video else "",
            f"{video.duration_s:.1f} s" if video else "",
            str(video.decoded_frames or video.packets) if video else "",
            one.status,
            str(run.frames_kept) if run and run.status == Run.Status.DONE else "",
        )
    return table


def _stages(runs: Sequence[Run]) -> Table:
    footage_s = sum(run.video.duration_s for run in runs)
    table = Table(title=f"What each stage let through, of {footage_s:.0f} s of footage", title_justify="left")
    for column in ("stage", "frames in", "frames out", "intervals", "seconds", "share", "CPU"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    names = list(dict.fromkeys(stage["name"] for run in runs for stage in run.stages))
    for name in names:
        mine = [stage for run in runs for stage in run.stages if stage["name"] == name]
        seconds = sum(stage["duration_s"] for stage in mine)
        intervals = sum(run.intervals.filter(stage=name).count() for run in runs)
        table.add_row(
            name,
            f"{sum(stage['frames_in'] for stage in mine):,}",
            f"{sum(stage['frames_out'] for stage in mine):,}",
            str(intervals) if intervals else "",
            f"{seconds:.1f}" if seconds else "",
            f"{100 * seconds / footage_s:.0f}%" if seconds and footage_s else "",
            f"{sum(stage['cpu_s'] for stage in mine):.1f} s",
        )
    return table


def _tags(runs: Sequence[Run]) -> Table:
    counts: dict[str, Counter[str]] = {factor: Counter() for factor in SHOWN_FACTORS}
    for tags in Frame.objects.filter(keeps__run__in=runs).distinct().values_list("tags", flat=True):
        for factor in SHOWN_FACTORS:
            if factor in tags:
                counts[factor][_said(tags[factor])] += 1
    table = Table(title="Tags of the kept frames", title_justify="left")
    table.add_column("factor")
    table.add_column("frames")
    for factor, values in counts.items():
        if values:
            table.add_row(factor, ", ".join(f"{value} {count}" for value, count in values.most_common()))
    return table


def _said(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
