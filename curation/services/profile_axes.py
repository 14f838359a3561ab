"""The ways to sort the frames in memory, worked out once for each table and version of the operating conditions."""

import json
import threading
import weakref
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import polars as pl

from curation.core.coverage import CriticalCover, critical_cover
from curation.core.errors import WinnowError
from curation.core.frame_columns import words_of
from curation.core.frame_table import FrameTable
from curation.core.operating import Conditions
from curation.core.profile import Axis, camera_axis, combined, factor_axis
from curation.core.timeline import Timeline, timeline
from curation.core.types import IntArray
from curation.models import DatasetFrame, DatasetVersion
from curation.services.frame_rows import read_ids

CAMERA, TIME = "camera", "time"
OUTLIER_FROM = 3.5
"""Robust standard deviations from which on a frame counts as an outlier.
Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993."""


class ProfileError(WinnowError):
    """A profile cannot be made as it was asked for. `code` is stable, for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Axes:
    """Every factor of the operating conditions, and the cameras under CAMERA, over the (N,) frames of a table.

    It holds what it needs of the table and not the table, which may be large and replaced by a newer one."""

    conditions: Conditions
    by_name: dict[str, Axis]
    recorded_at: pl.Series
    objects: pl.Series
    _pairs: dict[tuple[str, str], IntArray] = field(default_factory=dict)

    def timeline(self, rows: IntArray | None) -> Timeline:
        """Sort rows (None: all) by time, in stretches that suit their range."""
        return self._whole_time if rows is None else timeline(self.recorded_at.gather(rows))

    def pairs(self, first: str, second: str) -> IntArray:
        """Count the pairs of values of all frames, as `combined` does; each two factors once."""
        known = self._pairs.get((first, second))
        if known is None:
            known = self._pairs[first, second] = combined(self.by_name[first], self.by_name[second])
        return known

    @cached_property
    def critical(self) -> tuple[CriticalCover, ...]:
        return critical_cover(self.conditions.critical, self.by_name)

    @cached_property
    def _whole_time(self) -> Timeline:
        return timeline(self.recorded_at)

    @cached_property
    def object_counts(self) -> "_ObjectCounts":
        words = words_of(self.objects)
        said = [(word, label, n) for word, text in enumerate(words) for label, n in _counted(text).items()]
        labels = sorted({label for _, label, _ in said})
        place_of = {label: place for place, label in enumerate(labels)}
        triplets = np.array([(word, place_of[label], n) for word, label, n in said], np.int64).reshape(-1, 3)
        # A word is what a frame counted: there are far fewer of them than frames, so that each is read once.
        places = self.objects.to_physical().cast(pl.Int64).fill_null(len(words)).to_numpy()
        return _ObjectCounts(places, len(words), labels, triplets)


@dataclass(frozen=True)
class _ObjectCounts:
    """(N,) places of frames among the words, one further where nobody looked; (M, 3) word, place in labels, count."""

    places: IntArray
    words: int
    labels: list[str]
    triplets: IntArray


@dataclass(frozen=True)
class ClassCount:
    """A class of objects: the frames that show it, and how many objects of it they show."""

    label: str
    frames: int
    objects: int


@dataclass(frozen=True)
class Rating:
    """What rating the frames found; None where none of them is rated. `outliers` are OUTLIER_FROM off, or more."""

    rated: int
    duplicates: int | None
    outliers: int | None
    mean_uniqueness: float | None
    mean_typicality: float | None


_lock = threading.Lock()
_last: tuple["weakref.ref[FrameTable]", Axes] | None = None


def axes_of(table: FrameTable, conditions: Conditions) -> Axes:
    """Return the axes of a table; those of the last one are kept, as long as neither it nor the conditions change."""
    global _last
    with _lock:
        if _last is not None and _last[0]() is table and _last[1].conditions is conditions:
            return _last[1]
    factors = {name: factor_axis(table.frames, factor) for name, factor in conditions.factors.items()}
    by_name = {**factors, CAMERA: camera_axis(table.frames)}
    found = Axes(conditions, by_name, table.frames["recorded_at"], table.frames["object_counts"])
    with _lock:
        _last = (weakref.ref(table), found)
    return found


def class_counts(axes: Axes, rows: IntArray | None) -> tuple[tuple[ClassCount, ...], int]:
    """Count each class of objects among rows (None: all), the most frequent first; and where nobody looked."""
    counts = axes.object_counts
    frames_of = np.bincount(counts.places if rows is None else counts.places[rows], minlength=counts.words + 1)
    word, label, number = counts.triplets.T
    frames, objects = np.zeros((2, len(counts.labels)), np.int64)
    np.add.at(frames, label, frames_of[word])
    np.add.at(objects, label, frames_of[word] * number)
    found = [
        ClassCount(name, int(frames[place]), int(objects[place]))
        for place, name in enumerate(counts.labels)
        if frames[place]
    ]
    return tuple(sorted(found, key=lambda one: (-one.frames, one.label))), int(frames_of[-1])


def rated(table: FrameTable, rows: IntArray | None) -> Rating:
    """Sum up what rating found of rows (None: all)."""
    columns = table.frames.select("uniqueness", "typicality", "outlier_score", "duplicate")
    frames = columns if rows is None else columns[rows]
    count = int(frames["uniqueness"].count())
    return Rating(
        rated=count,
        duplicates=int(frames["duplicate"].sum()) if count else None,
        outliers=int((frames["outlier_score"] >= OUTLIER_FROM).sum()) if count else None,
        mean_uniqueness=_mean(frames["uniqueness"]),
        mean_typicality=_mean(frames["typicality"]),
    )


def _mean(column: pl.Series) -> float | None:
    mean = column.mean()
    return float(mean) if isinstance(mean, int | float) else None


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


def _counted(text: str) -> dict[str, int]:
    said = json.loads(text)
    whole = said.items() if isinstance(said, dict) else ()
    return {label: count for label, count in whole if type(count) is int and count > 0}
