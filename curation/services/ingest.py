"""From a file to a video: hash, probe, store, write the row."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction

from curation.backends import storage
from curation.backends.decode.probe import Probe, hash_file, probe
from curation.core.errors import IngestError
from curation.models import Camera, Video


@dataclass(frozen=True)
class Registered:
    """A video, and whether it came with this call or was there before."""

    video: Video
    is_new: bool


def register(*, path: Path, name: str, camera: str, recorded_at: datetime | None = None) -> Registered:
    """Take a file in. The same content is the same video, whatever it is called.

    The row comes last, so a file that fails leaves nothing behind. Raises MediaError if it cannot be used as footage,
    IngestError if it cannot be read or changed while it was."""
    sha256 = _hash(path)
    if video := Video.objects.filter(sha256=sha256).select_related("camera").first():
        return Registered(video, is_new=False)
    place = camera_name(camera)
    found = probe(path)
    key = f"videos/{sha256[:2]}/{sha256}{_suffix(found.container)}"
    try:
        storage.put_file(key, path, sha256=sha256)
    except storage.ContentChanged as error:
        raise IngestError(
            f"{name} changed while it was read. Wait until it is complete and take it in again."
        ) from error
    return _write_row(
        sha256, key=key, name=name, camera=place, recorded_at=recorded_at, size=path.stat().st_size, found=found
    )


def register_stored(*, key: str, name: str, camera: str, recorded_at: datetime | None = None) -> Registered:
    """Take in a file that lies in the storage already, where it lies. Raises as `register` does."""
    try:
        path = storage.local_path(key)
    except (FileNotFoundError, ValueError) as error:
        raise IngestError(f"{error} Give the key of a file below the storage's root.") from error
    sha256 = _hash(path)
    if video := Video.objects.filter(sha256=sha256).select_related("camera").first():
        return Registered(video, is_new=False)
    place = camera_name(camera)
    found = probe(path)
    return _write_row(
        sha256, key=key, name=name, camera=place, recorded_at=recorded_at, size=path.stat().st_size, found=found
    )


def camera_name(text: str) -> str:
    """Turn any text into a camera's name: lower-case letters, digits, '_', '.', '-'. Raises IngestError if it has none.

    camera_name("Gate 2 (north)") -> "gate-2-north"."""
    name = re.sub(r"[^a-z0-9_.]+", "-", text.lower()).strip("-_.")[:80]
    if not name:
        raise IngestError(f"{text!r} makes no camera name; use letters or digits.")
    return name


def _write_row(
    sha256: str, *, key: str, name: str, camera: str, recorded_at: datetime | None, size: int, found: Probe
) -> Registered:
    try:
        with transaction.atomic():
            row, _ = Camera.objects.get_or_create(name=camera)
            video = Video.objects.create(
                sha256=sha256, camera=row, name=_safe_name(name), file=key, size_bytes=size, recorded_at=recorded_at,
                container=found.container, codec=found.codec, width_px=found.width_px, height_px=found.height_px,
                rotation_deg=found.rotation_deg, fps=found.fps, duration_s=found.duration_s,
                has_audio=found.has_audio, header_frames=found.header_frames, packets=found.packets,
                start_us=found.start_us, keyframes=found.keyframes_us.astype("<i8").tobytes(),
            )  # fmt: skip
    except IntegrityError:
        # Somebody else took the same content in at the same time; theirs is the row.
        return Registered(Video.objects.select_related("camera").get(sha256=sha256), is_new=False)
    return Registered(video, is_new=True)


def _hash(path: Path) -> str:
    try:
        return hash_file(path)
    except OSError as error:
        raise IngestError(f"{path.name} cannot be read: {error.strerror}.") from error


def _suffix(container: str) -> str:
    return "." + re.sub(r"[^a-z0-9]", "", container.split(",")[0].lower())[:8] if container else ""


def _safe_name(name: str) -> str:
    """Keep a name printable and short: it is shown, never used as a path."""
    return "".join(c for c in name if c.isprintable() and c not in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")[-255:]
