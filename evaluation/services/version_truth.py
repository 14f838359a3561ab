"""A dataset version as tests see it: its frames, tags and labels as they were frozen, whatever came after.

So a scenario has the same frames for every model that is ever held against the version."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from curation.core.errors import WinnowError
from curation.core.frame_reading import assembled, read_piece
from curation.core.frame_table import FrameTable, column_of
from curation.core.query import Field, Fields, Kind
from curation.core.query.masks import Among, mask_of
from curation.core.query.numbers import Leaf
from curation.core.types import BoolArray, FloatArray, IntArray
from curation.models import DatasetVersion, Video
from curation.services import frame_table
from curation.services.fields import COUNT_FACTOR, searchable_fields, tag_kinds
from curation.services.filtering import parse_query
from curation.services.manifests import identity_of, read_manifest
from evaluation.core.boxes import Truths
from evaluation.core.visits import Grouping, group_frames

LABELS = "labels as they were frozen"
"""A column of its own, so that `label:person` asks the frozen labels, not today's."""
LIVE = ("phash", "uniqueness", "typicality", "outlier_score", "duplicate_of_id")


class TruthError(WinnowError):
    """A dataset version cannot be tested on."""


@dataclass(frozen=True)
class Shot:
    """A frame of the version: what reports show of it."""

    frame_id: int
    identity: str
    image: str
    width_px: int
    height_px: int
    camera: str
    video: str
    pts_us: int


@dataclass(frozen=True)
class VersionTruth:
    """(I,) frames of a version whose objects are all labelled, by rising id, and `left_out` that are not labelled.

    Boxes are `xyxy`; label is an index into `labels`, rising by name. Those with the attribute `ignore` are ignored."""

    version: DatasetVersion
    shots: Sequence[Shot]
    table: FrameTable
    is_picture: BoolArray
    labels: tuple[str, ...]
    image: IntArray
    label: IntArray
    xyxy: FloatArray
    area_px2: FloatArray
    is_crowd: BoolArray
    is_ignored: BoolArray
    left_out: int

    @property
    def frame_ids(self) -> IntArray:
        return self.table.ids

    def matching(self, query: str) -> BoolArray:
        """Tell which of (I,) frames match, by their frozen tags and labels. Raises QueryError."""
        return mask_of(parse_query(query, fields=self._fields), self.table, resolve=self._resolve)

    def groups(self, grouping: Grouping) -> tuple[IntArray, int]:
        """Number the independent group of each frame, and count them."""
        frames = self.table.frames
        return group_frames(
            grouping,
            video=frames["video_id"].to_numpy(),
            camera=frames["camera_id"].to_numpy(),
            pts_us=frames["pts_us"].to_numpy(),
            is_picture=self.is_picture,
        )

    def truths(self, labels: Sequence[str]) -> Truths:
        """Return the labelled objects, their labels numbered as in `labels`, which must name all of them."""
        place = {name: i for i, name in enumerate(labels)}
        number = np.array([place[name] for name in self.labels], np.int64)
        xywh = self.xyxy.copy()
        xywh[:, 2:] -= xywh[:, :2]
        ignored = self.is_ignored | self.is_crowd
        label = number[self.label] if len(self.label) else self.label
        return Truths(self.image, label, xywh, self.area_px2, self.is_crowd, ignored)

    @cached_property
    def _fields(self) -> Fields:
        """What queries may name: asked once, since a suite has many."""
        return searchable_fields()

    @cached_property
    def _frozen_labels(self) -> Field:
        return Field(LABELS, "text_list")

    def _resolve(self, leaf: Leaf) -> Among:
        if leaf.field.name != "label":
            return frame_table.resolve(leaf)
        asked = replace(leaf, field=self._frozen_labels)
        return Among("id", self.frame_ids[mask_of(asked, self.table, resolve=frame_table.resolve)])


def truth_of(version: DatasetVersion, *, report: Callable[[int], None] = lambda _: None) -> VersionTruth:
    """Read a version as it was frozen. Raises ManifestError, and TruthError if none of its frames is labelled.

    report is told how many frames were read."""
    ids = {
        identity_of(picture, video, pts): row
        for picture, video, pts, *row in version.members.values_list(
            "frame__picture_sha256", "frame__video__sha256", "frame__pts_us", "frame_id", "frame__video_id",
            "frame__camera_id", *(f"frame__{name}" for name in LIVE),
        )
    }  # fmt: skip
    entries: list[tuple[list[Any], dict[str, Any]]] = []
    left_out = 0
    for count, entry in enumerate(read_manifest(version), start=1):
        if entry["annotated"] and entry["id"] in ids:
            entries.append((ids[entry["id"]], entry))
        else:
            left_out += 1
        if count % 1_000 == 0:
            report(count)
    if not entries:
        raise TruthError(
            f"{version} has no frame whose objects are labelled, so there is nothing to test against. "
            "Label its frames, or import labels for them (manage.py import), and make a new version."
        )
    entries.sort(key=lambda one: int(one[0][0]))
    return _made(version, entries, left_out)


def _made(version: DatasetVersion, entries: Sequence[tuple[list[Any], dict[str, Any]]], left_out: int) -> VersionTruth:
    boxes = [(i, box) for i, (_, entry) in enumerate(entries) for box in entry["annotations"]]
    labels = tuple(sorted({box["label"] for _, box in boxes}))
    place = {name: i for i, name in enumerate(labels)}
    xyxy = np.array([box["box"] for _, box in boxes], np.float64).reshape(-1, 4)
    area = [box["area_px2"] if box["area_px2"] is not None else np.nan for _, box in boxes]
    own = np.array(area, np.float64)
    pictures = set(Video.objects.filter(kind=Video.Kind.PICTURES).values_list("id", flat=True))
    return VersionTruth(
        version=version,
        shots=[_shot(row[0], entry) for row, entry in entries],
        table=_table(entries),
        is_picture=np.array([row[1] in pictures for row, _ in entries], bool),
        labels=labels,
        image=np.array([i for i, _ in boxes], np.int64),
        label=np.array([place[box["label"]] for _, box in boxes], np.int64),
        xyxy=xyxy,
        area_px2=np.where(np.isnan(own), (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1]), own),
        is_crowd=np.array([bool(box["is_crowd"]) for _, box in boxes], bool),
        is_ignored=np.array([bool((box["attributes"] or {}).get("ignore")) for _, box in boxes], bool),
        left_out=left_out,
    )


def _shot(frame_id: int, entry: Mapping[str, Any]) -> Shot:
    same = ("image", "width_px", "height_px", "camera", "video", "pts_us")
    return Shot(frame_id=int(frame_id), identity=entry["id"], **{name: entry[name] for name in same})


def _table(entries: Sequence[tuple[list[Any], dict[str, Any]]]) -> FrameTable:
    kinds: dict[str, Kind] = {**tag_kinds(searchable_fields()), LABELS: "text_list"}
    rows = [row for row, _ in entries]
    frozen = [entry for _, entry in entries]
    cameras = {int(row[2]): str(entry["camera"]) for row, entry in entries}
    columns: dict[str, list[Any]] = {
        "id": [row[0] for row in rows],
        "video_id": [row[1] for row in rows],
        "camera_id": [row[2] for row in rows],
        "pts_us": [entry["pts_us"] for entry in frozen],
        "recorded_at": [_microseconds(entry["recorded_at"]) for entry in frozen],
        "width_px": [entry["width_px"] for entry in frozen],
        "height_px": [entry["height_px"] for entry in frozen],
        "annotated": [1 for _ in frozen],
        "held_out": [0 for _ in frozen],
        "phash": [row[3] for row in rows],
        "uniqueness": [row[4] for row in rows],
        "typicality": [row[5] for row in rows],
        "outlier_score": [row[6] for row in rows],
        "duplicate": [int(row[7] is not None) for row in rows],
        "changed_xid": [0 for _ in rows],
    }
    texts: dict[str, list[str | None]] = {
        "kind": ["" for _ in rows],
        "object_counts": list(_json(entry["tags"].get(COUNT_FACTOR) for entry in frozen)),
        **{column_of(tag): list(_json(_tag(entry, tag) for entry in frozen)) for tag in kinds},
    }
    numbers = {name: pl.Series(name, values, strict=False) for name, values in columns.items()}
    raw = pl.DataFrame({**numbers, **{name: pl.Series(name, values, pl.String) for name, values in texts.items()}})
    return assembled([read_piece(raw, kinds=kinds)], kinds=kinds, cameras=cameras)


def _tag(entry: Mapping[str, Any], tag: str) -> Any:
    if tag == LABELS:
        return sorted({box["label"] for box in entry["annotations"]}) or None
    if tag == "split" and entry["split"]:
        return entry["split"]  # the version's own, over that of a file which the frame was imported from
    return entry["tags"].get(tag)


def _json(values: Iterator[Any]) -> Iterator[str | None]:
    for value in values:
        yield None if value is None else json.dumps(value, ensure_ascii=False)


def _microseconds(text: str | None) -> int | None:
    return None if text is None else round(datetime.fromisoformat(text).timestamp() * 1e6)
