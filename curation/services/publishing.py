"""An export's last step: refused if it holds what a lock keeps away, moved into the storage, written on its row."""

from pathlib import Path
from typing import Any

from django.db import transaction

from curation.backends import storage
from curation.models import DataExport, HoldoutUse, Job
from curation.services import archives
from curation.services.archives import ARCHIVE
from curation.services.export_plan import planned_frames, read_facts
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
    storage.move_file(key, path)
    try:
        report = _write_row(
            row, job=job, request=request, work=work, stand=stand, archive={"key": key, "sha256": sha256, "size": size}
        )
    except BaseException:
        if not DataExport.objects.filter(archive=key).exists():
            storage.remove([key])
        raise
    return {"export": row.pk, "archive": key, "sha256": sha256, "size_bytes": size, **report}


def check_held(row: DataExport, *, request: ExportRequest, work: Path | None = None) -> None:
    """Refuse what a lock keeps away; `work` has the plan, where there is one already. Raises HoldoutError."""
    if row.version is not None:
        row.version.refresh_from_db(fields=["locked_at"])
        check_lock(row.version, purpose=request.purpose)
    if request.purpose == "evaluation":
        return
    wanted_for = f"a {request.format} export"
    if work is not None:
        refuse_held(planned_frames(work).tolist(), wanted_for=wanted_for)
    elif row.version is not None:
        refuse_held(row.version.members.values_list("frame_id", flat=True).iterator(), wanted_for=wanted_for)


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
