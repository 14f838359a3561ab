"""The job `import`: reads annotations, takes pictures in batch by batch, and says what it read, made and skipped."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, transaction

from curation.core.labels import LabelledPicture
from curation.core.query import Kind
from curation.models import DataImport, Job
from curation.services import spool
from curation.services.embedder_care import tend_embedder
from curation.services.import_frames import FrameTaker
from curation.services.import_looks import Looker, make_looker
from curation.services.import_pictures import Arrived, PictureTaker
from curation.services.import_plan import is_video_frame, plan_path, write_plan
from curation.services.import_report import Tally
from curation.services.import_request import ImportFailed, ImportRequest, request_of
from curation.services.import_rows import store_batch
from curation.services.import_source import Source, begin_reading, open_source, remove_work
from curation.services.import_tags import kinds_in_force
from curation.services.jobs import Lost, Progress, Work

BATCH = 32
BATCH_PIXELS = 48_000_000
"""Decoded pictures of a batch are in memory together."""
USUAL_PIXELS = 12_000_000
_REPORT_EVERY = 500
_REFUSED = "picture whose values the database refuses"


def import_data(job: Job) -> Work:
    """Do an import. Each batch is written whole, with the report that counts it, so it goes on where it stopped."""
    row = DataImport.objects.get(job=job)
    request, tally = request_of(row), Tally.from_json(row.report)
    work = work_folder(row)
    with _disk_errors(tally):
        yield Progress(tally.at, tally.total, "opening the source")
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = open_source(request, work)
        yield from _plan(row, request, source, tally)
        looker = make_looker(request.embedder)
        yield from _Import(row, request, source, looker, tally).steps()
    if request.embedder:
        yield Progress(tally.at, tally.total, "bringing the search index up to date")
        tend_embedder(request.embedder)
    remove_work(work)
    return {"import": row.pk, **tally.as_json()}


def foresee_import(request: ImportRequest, work: Path) -> Iterator[Tally]:
    """Read the annotations and look whether the pictures are there; yields the report as it grows. Writes no row."""
    tally = Tally()
    source = open_source(request, work)
    tally.format, reading = begin_reading(request, source)
    for count in write_plan(reading, source, tally):
        tally.total = count
        if count % _REPORT_EVERY == 0:
            yield tally
    for picture in spool.read(plan_path(work)):
        tally.counts["unlabelled" if picture.boxes is None else "labelled"] += 1
        tally.labels.update(box.label for box in picture.boxes or ())
    yield tally


def work_folder(row: DataImport) -> Path:
    """Name the folder of this machine where an import keeps what it makes for itself."""
    return Path(settings.WINNOW_DATA_DIR) / "imports" / str(row.pk)


def _plan(row: DataImport, request: ImportRequest, source: Source, tally: Tally) -> Iterator[Progress]:
    if tally.format and plan_path(source.work).exists():
        return
    tally.format, reading = begin_reading(request, source)
    for count in write_plan(reading, source, tally):
        if count % _REPORT_EVERY == 0:
            yield Progress(tally.at, tally.total, f"reading {tally.format}: {count} pictures so far")
    save_report(row, tally)
    yield Progress(tally.at, tally.total, "reading", checkpoint={"at": tally.at})


@transaction.atomic
def save_report(row: DataImport, tally: Tally) -> None:
    """Store the report between batches. Raises Lost if another worker has gone on since."""
    locked = DataImport.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if Tally.from_json(locked.report).at != tally.at:
        raise Lost(f"import {row.pk} at {tally.at}")
    DataImport.objects.filter(pk=row.pk).update(report=tally.as_json(), format=tally.format)


class _Import:
    """The plan, batch by batch, from where the report says it stands."""

    def __init__(
        self, row: DataImport, request: ImportRequest, source: Source, looker: Looker, tally: Tally
    ) -> None:  # fmt: skip
        self.row, self.request, self.source, self.looker, self.tally = row, request, source, looker, tally
        self.kinds: dict[str, Kind] = kinds_in_force()

    def steps(self) -> Iterator[Progress]:
        pictures = spool.read(plan_path(self.source.work), start=self.tally.at)
        with PictureTaker(self.request, self.source, self.looker, self.tally) as taker, FrameTaker(taker) as frames:
            for video, members in groupby(pictures, key=lambda p: p.video_file if is_video_frame(p) else ""):
                for batch in _batches(members):
                    taken = frames.take(batch) if video else iter([(len(batch), taker.take(batch))])
                    for behind, arrived in taken:
                        self._store(behind, arrived)
                        at = self.tally.at
                        yield Progress(at, self.tally.total, batch[-1].name, checkpoint={"at": at})

    def _store(self, behind: int, arrived: Sequence[Arrived]) -> None:
        """Write down what arrived. What the database refuses is found and left out, so that the rest goes in."""
        if not behind:
            save_report(self.row, self.tally)
            return
        counted = self.tally.as_json()
        try:
            self._write(behind, arrived)
        except DataError:
            self.tally.become(counted)
            for one in arrived:
                before = self.tally.as_json()
                try:
                    self._write(0, [one])
                except DataError:
                    self.tally.become(before)
                    self.tally.skip(one.picture.name, _REFUSED)
            self._write(behind, [])

    def _write(self, behind: int, arrived: Sequence[Arrived]) -> None:
        at, self.tally.at = self.tally.at, self.tally.at + behind
        store_batch(
            self.row, request=self.request, arrived=arrived, tally=self.tally, expected_at=at,
            embedder=self.looker.embedder, kinds=self.kinds,
        )  # fmt: skip


def _batches(pictures: Iterator[LabelledPicture]) -> Iterator[list[LabelledPicture]]:
    batch: list[LabelledPicture] = []
    pixels = 0
    for picture in pictures:
        size = picture.width_px * picture.height_px or USUAL_PIXELS
        if batch and (len(batch) == BATCH or pixels + size > BATCH_PIXELS):
            yield batch
            batch, pixels = [], 0
        batch.append(picture)
        pixels += size
    if batch:
        yield batch


@contextmanager
def _disk_errors(tally: Tally) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ImportFailed(
            f"The disk is full. {tally.at} of {tally.total or 'all'} pictures are in, and stay. Free some space and "
            "resume the job: it goes on from there."
        ) from error


def report_of(row: DataImport) -> dict[str, Any]:
    """Return an import's report as it is shown: what was read, made and skipped, without how far a video was read."""
    return {key: value for key, value in Tally.from_json(row.report).as_json().items() if key != "place"}
