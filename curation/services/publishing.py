"""An export's last step: refused if it holds what a lock keeps away, moved into the storage, written on its row."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from curation.backends import storage
from curation.core.types import IntArray
from curation.models import DataExport, HoldoutUse, Job
from curation.services import archives
from curation.services.archives import ARCHIVE, ArchiveError
from curation.services.export_plan import FRAMES, planned_frames, read_facts
from curation.services.export_request import ExportRequest, check_lock
from curation.services.export_work import Stand
from curation.services.holdout import keep_locks_away, record_use, refuse_held
from curation.services.jobs import Lost

NAMED = 5


def publish(
    row: DataExport, *, job: Job, request: ExportRequest, work: Path, stand: Stand, sha256: str
) -> dict[str, Any]:
    """Move a checked archive into the storage under its SHA-256 and say so on the row; returns the job's result.

    Raises HoldoutError if a frame was locked away meanwhile, Lost if the job is no longer this attempt's."""
    path, key = work / ARCHIVE, f"exports/{sha256}.zip"
    size = path.stat().st_size
    check_held(row, request=request, work=work)
    storage.put_bytes(frames_key(row), (work / FRAMES).read_bytes())
    storage.move_file(key, path)
    try:
        report = _write_row(
            row, job=job, request=request, work=work, stand=stand, archive={"key": key, "sha256": sha256, "size": size}
        )
    except BaseException:
        storage.remove([frames_key(row)])
        if not DataExport.objects.filter(archive=key).exists():
            storage.remove([key])
        raise
    return {"export": row.pk, "archive": key, "sha256": sha256, "size_bytes": size, **report}


def check_held(row: DataExport, *, request: ExportRequest, work: Path | None = None) -> None:
    """Refuse what a lock keeps away: before the plan is made, while `work` has it, and after, for each hand-out.

    Raises HoldoutError, and ArchiveError if it cannot be told any more which frames an archive holds."""
    if row.version is not None:
        row.version.refresh_from_db(fields=["locked_at"])
        check_lock(row.version, purpose=request.purpose)
    if request.purpose == "evaluation":
        return
    frame_ids: IntArray = np.zeros(0, np.int64)
    if work is not None:
        frame_ids = planned_frames(work)
    elif row.version is not None:
        frame_ids = np.fromiter(row.version.members.values_list("frame_id", flat=True).iterator(), np.int64)
    elif row.archive:
        frame_ids = _frames_of(row)
    refuse_held(frame_ids.tolist(), wanted_for=f"a {request.format} export")


def frames_key(row: DataExport) -> str:
    """Name the list of an export's frames, which lies beside its archive."""
    return f"exports/frames-of-{row.pk}.npy"


def _frames_of(row: DataExport) -> IntArray:
    try:
        return np.asarray(np.load(BytesIO(storage.read_bytes(frames_key(row)))), np.int64)
    except (FileNotFoundError, ValueError) as error:
        raise ArchiveError(
            f"Export {row.pk} is not handed out: the list of its frames is gone from the storage, so it cannot be told "
            "whether one of them has been locked away since. Export again."
        ) from error


def report_of(work: Path, *, remade: int) -> dict[str, Any]:
    """Say what an export holds, and what it does not."""
    facts, missing = read_facts(work), archives.missing_of(work)
    return {
        "pictures": facts.pictures - len(missing), "labelled": facts.labelled,
        "unlabelled": facts.pictures - facts.labelled, "boxes": facts.boxes, "classes": facts.classes,
        "splits": facts.splits, "left_out": facts.left_out, "remade": remade,
        "missing": {"count": len(missing), "examples": missing[:NAMED]}, "lost": archives.losses_of(work),
    }  # fmt: skip


@transaction.atomic
def _write_row(
    row: DataExport, *, job: Job, request: ExportRequest, work: Path, stand: Stand, archive: dict[str, Any]
) -> dict[str, Any]:
    keep_locks_away()
    mine = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk, attempt=job.attempt)
    if not mine.filter(state=Job.State.RUNNING).exists():
        raise Lost(f"export {row.pk}")
    check_held(row, request=request, work=work)
    if row.version is not None and request.purpose == "evaluation":
        record_use(
            row.version, user=job.created_by, by_name=row.settings["by_name"], purpose=HoldoutUse.Purpose.EXPORT,
            model=request.model, note=request.note,
        )  # fmt: skip
    report = report_of(work, remade=stand.remade)
    DataExport.objects.filter(pk=row.pk).update(
        archive=archive["key"], sha256=archive["sha256"], size_bytes=archive["size"], file_count=stand.members,
        report=report,
    )  # fmt: skip
    return report
