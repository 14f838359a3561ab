"""The ways to sort the frames in memory, worked out once for each table and version of the operating conditions."""

import json
import re
import threading
import weakref
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import polars as pl

from curation.core.errors import WinnowError
from curation.core.frame_columns import words_of
from curation.core.frame_table import FrameTable
from curation.core.operating import MISSING, Conditions
from curation.core.profile import Axis, camera_axis, factor_axis
from curation.core.timeline import Timeline, timeline
from curation.core.types import IntArray
from curation.models import DatasetFrame, DatasetVersion
from curation.services.frame_rows import read_ids

CAMERA, TIME = "camera", "time"


class ProfileError(WinnowError):
    """A profile cannot be made as it was asked for. `code` is stable, for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Axes:
    """Every factor of the operating conditions, by name, and the cameras, over the (N,) frames of a table."""

    table: FrameTable
    conditions: Conditions
    factors: dict[str, Axis]
    cameras: Axis

    def timeline(self, rows: IntArray | None) -> Timeline:
        """Sort rows (None: all) by time, in stretches that suit their range; the other rows are in none."""
        recorded_at = self.table.frames["recorded_at"]
        if rows is None:
            return self._whole_time
        line = timeline(recorded_at.gather(rows))
        codes = np.full(len(self.table), MISSING, np.int16)
        codes[rows] = line.codes.codes
        return line.over(codes)

    @cached_property
    def _whole_time(self) -> Timeline:
        return timeline(self.table.frames["recorded_at"])

    def of(self, name: str, *, time: Axis | None) -> Axis:
        """Return the axis of a factor, of the cameras or of time. Raises ProfileError, which lists the valid ones."""
        known = {**self.factors, CAMERA: self.cameras, TIME: time}
        axis = known.get(name)
        if axis is None:
            valid = ", ".join(known)
            raise ProfileError("unknown_factor", f"There is no factor {name!r} to make a pair of. Valid ones: {valid}.")
        return axis


@dataclass(frozen=True)
class ClassCount:
    """A class of objects: the frames that show it, and how many objects of it they show."""

    label: str
    frames: int
    objects: int


_lock = threading.Lock()
_last: tuple["weakref.ref[FrameTable]", Axes] | None = None


def axes_of(table: FrameTable, conditions: Conditions) -> Axes:
    """Return the axes of a table; those of the last one are kept, as long as neither it nor the conditions change."""
    global _last
    with _lock:
        if _last is not None and _last[0]() is table and _last[1].conditions is conditions:
            return _last[1]
    factors = {name: factor_axis(table.frames, factor) for name, factor in conditions.factors.items()}
    found = Axes(table, conditions, factors, camera_axis(table.frames))
    with _lock:
        _last = (weakref.ref(table), found)
    return found


def class_counts(table: FrameTable, rows: IntArray | None) -> tuple[tuple[ClassCount, ...], int]:
    """Count each class of objects among rows (None: all), the most frequent first; and the frames where nobody looked.

    What frames count is few different texts: each is read once."""
    column = table.frames["object_counts"]
    words = words_of(column)
    codes = column.to_physical().cast(pl.Int64).fill_null(len(words)).to_numpy()
    frames_of = np.bincount(codes if rows is None else codes[rows], minlength=len(words) + 1)
    frames: dict[str, int] = {}
    objects: dict[str, int] = {}
    for word in np.flatnonzero(frames_of[:-1]).tolist():
        for label, count in _counted(words[word]).items():
            frames[label] = frames.get(label, 0) + int(frames_of[word])
            objects[label] = objects.get(label, 0) + count * int(frames_of[word])
    order = sorted(frames, key=lambda label: (-frames[label], label))
    return tuple(ClassCount(label, frames[label], objects[label]) for label in order), int(frames_of[-1])


def rows_of_version(version: DatasetVersion, table: FrameTable) -> IntArray:
    """Return the rows of a dataset version's frames, rising."""
    ids = _members(version.pk, version.manifest_sha256, version.frame_count)
    rows = np.searchsorted(table.ids, ids)
    inside = rows < len(table)
    found: IntArray = rows[inside][table.ids[rows[inside]] == ids[inside]]
    return found


@lru_cache(maxsize=4)
def _members(version_id: int, _sha256: str, _frame_count: int) -> IntArray:
    # A version never changes, so its members are read once.
    return np.sort(read_ids(DatasetFrame.objects.filter(version=version_id), "frame_id"))


@lru_cache(maxsize=1 << 16)
def _counted(text: str) -> dict[str, int]:
    said = json.loads(text)
    whole = said.items() if isinstance(said, dict) else ()
    return {label: count for label, count in whole if type(count) is int and count > 0}


def find_version(name: str) -> DatasetVersion:
    """Find a dataset version by NAME@N, or the newest of NAME. Raises ProfileError, which names those there are."""
    dataset, at, number = name.partition("@")
    versions = DatasetVersion.objects.select_related("dataset").order_by("-number")
    found = versions.filter(dataset__name=dataset)
    if at:
        found = found.filter(number=int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else found.none()
    version = found.first()
    if version is None:
        known = ", ".join(map(str, versions.order_by("-pk")[:5])) or "none yet"
        raise ProfileError("unknown_version", f"There is no dataset version {name!r}. There are: {known}.")
    return version
