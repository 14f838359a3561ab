"""What `ingest --json` prints. Its keys are stable; see docs/cli.md."""

from dataclasses import dataclass
from typing import Any

from curation.models import Run, Video


@dataclass
class Taken:
    """One file that was to be taken in, and what became of it."""

    path: str
    video: Video | None = None
    is_new: bool = False
    run: Run | None = None
    error: str = ""

    @property
    def status(self) -> str:
        """failed | registered (no run was asked for or it is not known yet) | the run's status."""
        if self.error or self.video is None:
            return "failed"
        return str(self.run.status) if self.run else "registered"

    @property
    def failed(self) -> bool:
        return self.status in (Run.Status.FAILED, Run.Status.CANCELLED)


def as_json(taken: list[Taken]) -> dict[str, Any]:
    """Describe all files, with what their runs found so far."""
    return {"videos": [_file(one) for one in taken]}


def _file(one: Taken) -> dict[str, Any]:
    video = one.video
    return {
        "path": one.path,
        "id": video.pk if video else None,
        "sha256": video.sha256 if video else None,
        "status": one.status,
        "error": one.error or (one.run.error if one.run else "") or None,
        "decoded_frames": video.decoded_frames if video else None,
        "header_frames": video.header_frames if video else None,
        "duration_s": video.duration_s if video else None,
        "run": _run(one.run) if one.run else None,
    }


def _run(run: Run) -> dict[str, Any]:
    order = {stage["name"]: position for position, stage in enumerate(run.spec["stages"])}
    intervals = sorted(run.intervals.all(), key=lambda i: (order.get(i.stage, 0), i.start_s))
    keys = ("name", "frames_in", "frames_out", "cpu_s")
    return {
        "id": run.pk,
        "cascade": str(run.cascade),
        "status": run.status,
        "stages": [{key: stage[key] for key in keys} for stage in run.stages],
        "intervals": [
            {"stage": i.stage, "start_s": i.start_s, "end_s": i.end_s, "peak": round(i.peak_score, 4)}
            for i in intervals
        ],
        "frames_kept": run.frames_kept,
    }
