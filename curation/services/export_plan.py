"""What an export will hold, one picture a line, in order of name: frozen before the first byte of it is written."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from curation.core.labels import LabelledBox, LabelledPicture
from curation.core.types import IntArray
from curation.models import DatasetVersion, Frame, Video
from curation.services import spool
from curation.services.export_detections import boxes_seen
from curation.services.export_names import STEP_US, picture_name, prefixes
from curation.services.export_request import ExportRequest
from curation.services.filtering import frames_matching
from curation.services.import_tags import SPLIT
from curation.services.manifests import Member, entries_of, identity_of, read_manifest

PLAN, FRAMES, FACTS = "plan.jsonl", "frames.npy", "facts.json"
BATCH = 1_000


@dataclass(frozen=True)
class Facts:
    """What the plan amounts to."""

    pictures: int
    labelled: int
    boxes: int
    classes: list[str]
    splits: dict[str, int]
    left_out: dict[str, int]
    """{"held out": 3, "boxes of other classes": 12}"""


def write_plan(request: ExportRequest, version: DatasetVersion | None, work: Path) -> Iterator[int]:
    """Write the plan into a folder, yielding how many pictures so far. Raises ManifestError, QueryError."""
    left_out: Counter[str] = Counter()
    found = _of_version(version) if version is not None else _of_query(request, work, left_out=left_out)
    planned = _Planned(request, left_out)
    unsorted = work / "unsorted.jsonl"
    places: list[tuple[str, int]] = []
    with unsorted.open("w", encoding="ascii") as lines:
        for picture in planned.of(found):
            places.append((picture.name, lines.tell()))
            lines.write(spool.as_line(picture) + "\n")
            if len(places) % BATCH == 0:
                yield len(places)
    places.sort()
    with unsorted.open(encoding="ascii") as lines:
        yield from spool.write(work / PLAN, _numbered(_at(lines, places)))
    unsorted.unlink()
    if version is not None:
        members = version.members.order_by("frame_id").values_list("frame_id", flat=True)
        np.save(work / FRAMES, np.fromiter(members.iterator(), np.int64))
    _write(work / FACTS, planned.facts(len(places)).__dict__)


def read_plan(work: Path, *, start: int = 0) -> Iterator[LabelledPicture]:
    """Yield the planned pictures from line `start` on. `picture_file` is the key of the picture in the storage, and
    `video_file` the SHA-256 of its video, empty where it came as a picture."""
    return spool.read(work / PLAN, start=start)


def read_facts(work: Path) -> Facts:
    """Return what the plan amounts to."""
    return Facts(**json.loads((work / FACTS).read_text(encoding="utf-8")))


def planned_frames(work: Path) -> IntArray:
    """Return the rising ids of the frames in the plan."""
    return np.asarray(np.load(work / FRAMES), np.int64)


def _of_version(version: DatasetVersion) -> Iterator[Mapping[str, Any]]:
    yield from read_manifest(version)


@transaction.atomic
def _ids(request: ExportRequest, left_out: Counter[str]) -> IntArray:
    frames = frames_matching(request.query)
    if held := frames.filter(held_out=True).count():
        left_out["held out"] = held
    ids = frames.filter(held_out=False).order_by("id").values_list("id", flat=True)
    return np.fromiter(ids.iterator(), np.int64)


def _of_query(request: ExportRequest, work: Path, *, left_out: Counter[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the frames that match now as a version's manifest would hold them; held-out ones never."""
    ids = _ids(request, left_out)
    np.save(work / FRAMES, ids)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH].tolist()
        seen = _seen(request, batch) if request.labels == "detections" else None
        there = Frame.objects.filter(pk__in=batch).values_list("id", flat=True)  # one may have gone since
        for entry in entries_of([Member(pk) for pk in there]):
            yield entry if seen is None else {**entry, **seen[entry["id"]]}


def _seen(request: ExportRequest, frame_ids: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return each frame's detections in the words of a manifest, by identity."""
    names = {
        pk: identity_of(picture, video, pts)
        for pk, picture, video, pts in Frame.objects.filter(pk__in=frame_ids).values_list(
            "id", "picture_sha256", "video__sha256", "pts_us"
        )
    }
    boxes = boxes_seen(frame_ids, min_score=request.min_score)
    return {
        name: {"annotated": boxes[pk] is not None, "annotations": boxes[pk] or []} for pk, name in names.items()
    }  # fmt: skip


class _Planned:
    """Turns a manifest's entries into pictures, and counts what they amount to."""

    def __init__(self, request: ExportRequest, left_out: Counter[str]) -> None:
        self._wanted = set(request.classes)
        self._classes = list(request.classes)
        self._left_out = left_out
        self._labels: set[str] = set()
        self._splits: Counter[str] = Counter()
        self._labelled = self._boxes = 0
        videos = Video.objects.select_related("camera").only("sha256", "camera__name", "fps")
        self._fps = {video.sha256: video.fps for video in videos}
        self._prefixes = {video.sha256: prefix for video, prefix in _with_prefixes(list(videos))}

    def of(self, entries: Iterator[Mapping[str, Any]]) -> Iterator[LabelledPicture]:
        for entry in entries:
            picture = self._picture(entry)
            self._splits[picture.split] += 1
            self._labelled += picture.boxes is not None
            self._boxes += len(picture.boxes or ())
            self._labels.update(box.label for box in picture.boxes or ())
            yield picture

    def facts(self, pictures: int) -> Facts:
        classes = self._classes or sorted(self._labels)
        splits = {split: count for split, count in sorted(self._splits.items()) if split}
        return Facts(pictures, self._labelled, self._boxes, classes, splits, dict(self._left_out))

    def _picture(self, entry: Mapping[str, Any]) -> LabelledPicture:
        is_footage, pts_us = entry["picture_sha256"] is None, int(entry["pts_us"])
        prefix = self._prefixes[entry["video_sha256"]]
        tags = dict(entry["tags"])
        split = entry["split"] or str(tags.get(SPLIT, ""))
        by_order = not is_footage and pts_us % STEP_US == 0
        return LabelledPicture(
            picture_name(prefix, pts_us),
            entry["width_px"],
            entry["height_px"],
            boxes=self._boxes_of(entry) if entry["annotated"] else None,
            split=split,
            tags={factor: value for factor, value in tags.items() if factor != SPLIT},
            evidence={factor: why for factor, why in entry["evidence"].items() if factor != SPLIT},
            sequence=prefix,
            frame_index=pts_us // STEP_US if by_order else round(pts_us * self._fps[entry["video_sha256"]] / 1e6),
            time_s=None if by_order else pts_us / 1e6,
            recorded_at=datetime.fromisoformat(entry["recorded_at"]) if entry["recorded_at"] else None,
            camera=entry["camera"],
            picture_file=entry["image"],
            video_file=entry["video_sha256"] if is_footage else "",
        )

    def _boxes_of(self, entry: Mapping[str, Any]) -> list[LabelledBox]:
        kept = [said for said in entry["annotations"] if not self._wanted or said["label"] in self._wanted]
        if fewer := len(entry["annotations"]) - len(kept):
            self._left_out["boxes of other classes"] += fewer
        return [_box(said) for said in kept]


def _with_prefixes(videos: Sequence[Video]) -> Iterator[tuple[Video, str]]:
    named = prefixes(videos)
    for video in videos:
        yield video, named[video.pk]


def _box(said: Mapping[str, Any]) -> LabelledBox:
    x1, y1, x2, y2 = said["box"]
    return LabelledBox(
        said["label"], x1, y1, x2, y2, is_crowd=said["is_crowd"], track_id=said["track_id"], area_px2=said["area_px2"],
        segmentation=said["segmentation"], attributes=said["attributes"],
    )  # fmt: skip


def _numbered(pictures: Iterator[LabelledPicture]) -> Iterator[LabelledPicture]:
    """Make the numbers of frames rise within each sequence; of a variable frame rate two could be the same."""
    last: dict[str, int] = {}
    for picture in pictures:
        number = max(picture.frame_index or 0, last.get(picture.sequence, -1) + 1)
        last[picture.sequence] = number
        yield replace(picture, frame_index=number)


def _at(lines: Any, places: Sequence[tuple[str, int]]) -> Iterator[LabelledPicture]:
    for _, place in places:
        lines.seek(place)
        yield spool.from_line(lines.readline())


def _write(path: Path, plain: Mapping[str, Any]) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(plain, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
