"""Manifests: what a dataset version is, frozen in a file that its own SHA-256 names.

One JSON object a line, keys sorted, no spaces, frames in order of identity: the same frames, annotations and splits
give the same bytes. The SHA-256 is that of the lines themselves, so that it does not depend on how they are packed."""

import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from curation.backends import storage
from curation.core.errors import WinnowError
from curation.models import Annotation, DatasetVersion, Frame

BATCH = 1_000
IDENTITY = ("id", "picture_sha256", "video__sha256", "pts_us")
COLUMNS = (
    *IDENTITY, "video__name", "image", "width_px", "height_px", "camera__name", "recorded_at", "tags", "evidence",
    "annotated_at",
)  # fmt: skip


class ManifestError(WinnowError):
    """A manifest is missing, or is not what its SHA-256 says. The version cannot be trusted as it is."""


@dataclass(frozen=True)
class Member:
    """A frame of a version, the split it is in and the group that put it there; both may be empty."""

    frame_id: int
    split: str = ""
    group: str = ""


@dataclass(frozen=True)
class Manifest:
    key: str
    sha256: str
    frames: int
    annotations: int
    splits: Mapping[str, int]


@dataclass(frozen=True)
class Verified:
    """Whether a version is what it was; problems say what is not."""

    frames: int
    annotations: int
    problems: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.problems


def write_manifest(members: Sequence[Member]) -> Manifest:
    """Freeze frames as they stand now, with their tags and annotations, and store the file."""
    digest, counts, annotations = hashlib.sha256(), dict[str, int](), 0
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        path = Path(folder) / "manifest.jsonl.gz"
        with path.open("wb") as raw:
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as packed:
                for entry in entries_of(members):
                    line = _line(entry)
                    digest.update(line)
                    packed.write(line)
                    annotations += len(entry["annotations"])
                    counts[entry["split"]] = counts.get(entry["split"], 0) + 1
            raw.flush()
            os.fsync(raw.fileno())
        key = f"datasets/{digest.hexdigest()}.jsonl.gz"
        storage.move_file(key, path)  # over one that may be there: it has the same content, or is broken
    return Manifest(key, digest.hexdigest(), len(members), annotations, counts)


def read_manifest(version: DatasetVersion) -> Iterator[dict[str, Any]]:
    """Yield a version's frames as they were frozen, in order of identity. Holds one in memory at a time.

    Raises ManifestError if the file is missing or broken, and after the last frame if it is not the one that was
    stored: whatever is made of the frames must not be published before the end."""
    digest = hashlib.sha256()
    try:
        with gzip.open(storage.local_path(version.manifest), "rb") as lines:
            for line in lines:
                digest.update(line)
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise ManifestError(
            f"The manifest of {version} cannot be read ({error}). Put {version.manifest} back into the storage from a "
            "backup; its SHA-256 will be checked."
        ) from error
    if digest.hexdigest() != version.manifest_sha256:
        raise ManifestError(
            f"The manifest of {version} was changed: its SHA-256 is {digest.hexdigest()}, not "
            f"{version.manifest_sha256}. Put {version.manifest} back into the storage from a backup."
        )


def verify_version(version: DatasetVersion) -> Verified:
    """Read a version's manifest, work its SHA-256 out anew, and compare it with the rows. Changes nothing."""
    rows = {
        identity_of(picture, video, pts): (split, group)
        for picture, video, pts, split, group in version.members.values_list(
            "frame__picture_sha256", "frame__video__sha256", "frame__pts_us", "split", "group"
        )
    }
    frames = annotations = 0
    problems: list[str] = []
    unlisted, moved = 0, 0
    try:
        for entry in read_manifest(version):
            frames += 1
            annotations += len(entry["annotations"])
            row = rows.pop(entry["id"], None)
            unlisted += row is None
            moved += row is not None and row != (entry["split"], entry["group"])
    except ManifestError as error:
        problems.append(str(error))
    problems += [
        text
        for count, text in (
            (unlisted, f"{unlisted} frames of the manifest are not among its rows."),
            (moved, f"{moved} frames have another split or group in the rows than in the manifest."),
            (len(rows), f"{len(rows)} of its rows are not in the manifest."),
            (frames != version.frame_count, f"The manifest has {frames} frames, not {version.frame_count}."),
            (annotations != version.annotation_count,
             f"The manifest has {annotations} annotations, not {version.annotation_count}."),
        )
        if count
    ]  # fmt: skip
    return Verified(frames, annotations, problems)


def identity_of(picture_sha256: str | None, video_sha256: str, pts_us: int) -> str:
    """Name a frame by its content: an imported picture by its bytes, any other by its video and time.

    identity_of(None, "4fe1…", 12_480_000) -> "4fe1…:12480000"; identity_of("9b…", …) -> "picture:9b…" """
    return f"picture:{picture_sha256}" if picture_sha256 else f"{video_sha256}:{pts_us}"


def entries_of(members: Sequence[Member]) -> Iterator[dict[str, Any]]:
    """Yield frames as they stand now, as a manifest freezes them, in order of identity."""
    by_id = {member.frame_id: member for member in members}
    left = len(by_id)
    for batch in _in_order(list(by_id)):
        frames = {row["id"]: row for row in Frame.objects.filter(pk__in=batch).order_by("pk").values(*COLUMNS)}
        boxes: dict[int, list[dict[str, Any]]] = {frame_id: [] for frame_id in batch}
        for row in Annotation.objects.filter(frame__in=batch).order_by("frame_id", "id"):
            boxes[row.frame_id].append(_box(row))
        for frame_id in batch:
            if frame_id in frames:
                left -= 1
                yield _entry(frames[frame_id], by_id[frame_id], boxes[frame_id])
    if left:
        raise ManifestError(f"{left} of the frames went while the version was being made. Nothing was made; ask again.")


def _in_order(ids: list[int]) -> Iterator[list[int]]:
    """Yield the frames in batches, by identity: videos by content, each in order of time, then single pictures."""
    placed: list[tuple[tuple[str, str, int], int]] = []
    for start in range(0, len(ids), BATCH * 10):
        some = Frame.objects.filter(pk__in=ids[start : start + BATCH * 10]).order_by("pk")
        for pk, picture, video, pts_us in some.values_list(*IDENTITY):
            placed.append(((picture or "", "" if picture else video, pts_us), pk))
    placed.sort()
    for start in range(0, len(placed), BATCH):
        yield [pk for _, pk in placed[start : start + BATCH]]


def _entry(row: Mapping[str, Any], member: Member, boxes: list[dict[str, Any]]) -> dict[str, Any]:
    same = ("pts_us", "picture_sha256", "image", "width_px", "height_px", "tags", "evidence")
    return {
        **{name: row[name] for name in same},
        "id": identity_of(row["picture_sha256"], row["video__sha256"], row["pts_us"]),
        "video": row["video__name"],
        "video_sha256": row["video__sha256"],
        "camera": row["camera__name"],
        "recorded_at": row["recorded_at"].isoformat() if row["recorded_at"] else None,
        "split": member.split,
        "group": member.group,
        "annotated": row["annotated_at"] is not None,
        # By content, since ids depend on when they were written.
        "annotations": sorted(boxes, key=_line),
    }


def _box(row: Annotation) -> dict[str, Any]:
    return {
        "label": row.label,
        "box": [row.x1, row.y1, row.x2, row.y2],
        "is_crowd": row.is_crowd,
        "track_id": row.track_id,
        "area_px2": row.area_px2,
        "segmentation": row.segmentation,
        "attributes": row.attributes,
        "source": row.source,
        "by": row.by,
    }


def _line(plain: Mapping[str, Any]) -> bytes:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def _scratch() -> Path:
    folder = Path(settings.WINNOW_DATA_DIR) / "cache"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
