"""The job `export`: plan, pictures, labels, reading back, publishing. What is not whole and checked is never seen."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curation.backends import storage
from curation.backends.zip_writer import ZipWriter
from curation.core.formats import FormatError
from curation.models import DataExport, Job
from curation.services import archives
from curation.services.archives import ARCHIVE, ArchiveError
from curation.services.export_plan import read_facts, write_plan
from curation.services.export_request import ExportRequest, format_of, request_of
from curation.services.export_work import Stand, begin_anew, disk_errors, stand_of, work_folder
from curation.services.jobs import Progress, Work
from curation.services.publishing import check_held, publish

SYNC_S = 2.0
"""Work that is lost when a machine fails, at most; syncing after each picture would take longer than writing it."""
_NAMED = 5


def export_data(job: Job) -> Work:
    """Do an export. The archive goes to the storage under its own SHA-256, and the row says so last."""
    row = DataExport.objects.select_related("version__dataset").get(job=job)
    if row.archive:  # an earlier try published it and was cut off before it could say so
        return result_of(row)
    request = request_of(row)
    with work_folder(row) as work, disk_errors():
        stand = stand_of(job, work)
        export = _Export(row, request, work, stand)
        for phase in (export.plan, export.pictures, export.labels, export.check):
            yield from phase()
        sha256 = ""
        for digest in archives.sha256_of(work / ARCHIVE):
            sha256 = digest
            yield Progress(export.total, export.total, "taking its SHA-256")
        result = publish(row, job=job, request=request, work=work, stand=stand, sha256=sha256)
        shutil.rmtree(work, ignore_errors=True)
    return result


def result_of(row: DataExport) -> dict[str, Any]:
    """Say what an export came to."""
    return {
        "export": row.pk, "archive": row.archive, "sha256": row.sha256, "size_bytes": row.size_bytes, **row.report,
    }  # fmt: skip


def archive_path(row: DataExport) -> Path:
    """Return a path at which an export's archive can be read. Raises ArchiveError if it is not there, HoldoutError if
    one of its frames has been locked away since it was made."""
    if not row.archive:
        state = row.job.state if row.job else "gone"
        raise ArchiveError(f"Export {row.pk} has no archive yet: its job is {state}.")
    check_held(row, request=request_of(row))
    try:
        return storage.local_path(row.archive)
    except (FileNotFoundError, ValueError) as error:
        raise ArchiveError(
            f"The archive of export {row.pk} is no longer in the storage. Export it again: that makes the same bytes."
        ) from error


class _Export:
    """One export, phase by phase, each from where an earlier try was."""

    def __init__(self, row: DataExport, request: ExportRequest, work: Path, stand: Stand) -> None:
        self.row, self.request, self.work, self.stand = row, request, work, stand
        self.kind = format_of(request)
        self.with_pictures = request.pictures and type(self.kind).has_pictures
        self.total = 0

    def plan(self) -> Iterator[Progress]:
        """Freeze what will be in it."""
        if self.stand.phase == "plan":
            check_held(self.row, request=self.request)
            for count in write_plan(self.request, self.row.version, self.work):
                yield Progress(0, 0, f"choosing: {count} pictures so far")
            self.stand.phase = "pictures"
            yield self._progress("chosen")
        self.total = read_facts(self.work).pictures

    def pictures(self) -> Iterator[Progress]:
        """Put the pictures in."""
        if self.stand.phase != "pictures":
            return
        if self.with_pictures:
            yield from self._put_pictures_in()
            if missing := archives.missing_of(self.work):
                yield from self._consider(missing)
        self.stand.phase = "labels"
        yield self._progress("pictures are in")

    def _put_pictures_in(self) -> Iterator[Progress]:
        with self._writer() as writer:
            synced_s, before = time.monotonic(), self.stand.remade
            for line, remade in archives.add_pictures(writer, self.kind, self.work, start=self.stand.line):
                if time.monotonic() - synced_s < SYNC_S and line < self.total:
                    yield Progress(line, self.total, "putting pictures in")
                    continue
                writer.sync()
                synced_s = time.monotonic()
                self.stand.line, self.stand.members, self.stand.remade = line, writer.count, before + remade
                yield self._progress("putting pictures in")

    def _consider(self, missing: list[dict[str, Any]]) -> Iterator[Progress]:
        """Go on without the missing pictures if that was asked for. Raises ArchiveError."""
        if self.request.allow_missing:
            return
        # Resumed, it looks for all of them again.
        self.stand.line = self.stand.members = 0
        yield self._progress("pictures are missing")
        some = "; ".join(one["why"] for one in missing[:_NAMED])
        more = f" And {len(missing) - _NAMED} more." if len(missing) > _NAMED else ""
        raise ArchiveError(
            f"{len(missing)} of {self.total} pictures are missing: {some}{more} Nothing was published. Bring them back "
            "and resume the job, or export with allow_missing (--allow-missing), which leaves them and their labels "
            "out."
        )

    def labels(self) -> Iterator[Progress]:
        """Put the format's files in, and the manifest; these are written again from the start after a break."""
        if self.stand.phase != "labels":
            return
        with self._writer() as writer:
            files = archives.add_labels(
                writer, self.kind, self.work, with_pictures=self.with_pictures, manifest=self._manifest()
            )
            try:
                for count in files:
                    yield Progress(self.total, self.total, f"writing labels: {count} files")
            except FormatError as error:
                raise ArchiveError(f"{self.request.format} cannot hold these frames: {error}") from error
            writer.finish()
            self.stand.members = writer.count
        self.stand.phase = "check"
        yield self._progress("labels are in")

    def check(self) -> Iterator[Progress]:
        """Read it back."""
        if self.stand.phase != "check":
            return
        try:
            for checked in archives.verify(self.work / ARCHIVE, start=self.stand.checked):
                self.stand.checked = checked
                yield Progress(checked, self.stand.members, "reading it back", checkpoint=asdict(self.stand))
        except ArchiveError:
            begin_anew(self.work)
            raise
        self.stand.phase = "publish"
        yield self._progress("read back")

    def _manifest(self) -> dict[str, Any]:
        """Say what the archive holds; nothing in it depends on when or by whom it was made."""
        version, facts = self.row.version, read_facts(self.work)
        what = (
            {"query": self.request.query}
            if version is None
            else {"dataset": str(version), "dataset_manifest_sha256": version.manifest_sha256}
        )
        return {
            "format": self.request.format,
            **what,
            "labels": self.request.labels,
            "pictures": facts.pictures - len(archives.missing_of(self.work)),
            "with_pictures": self.with_pictures,
        }

    def _writer(self) -> ZipWriter:
        return ZipWriter(self.work / ARCHIVE, members_kept=self.stand.members)

    def _progress(self, doing: str) -> Progress:
        return Progress(self.stand.line, self.total, doing, checkpoint=asdict(self.stand))
