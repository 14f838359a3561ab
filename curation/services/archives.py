"""An export's archive: pictures, then the format's own files, then the list of it all with sizes and SHA-256.

Written piece by piece into a file of this machine, so that it can be gone on with; read back whole before anybody may
have it."""

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from curation.backends.zip_writer import ZipWriter, members_of
from curation.core.errors import WinnowError
from curation.core.formats import Format
from curation.core.labels import LabelledPicture
from curation.services.export_pictures import read_picture, remake_picture
from curation.services.export_plan import read_facts, read_plan
from curation.services.pictures import PictureMissing

ARCHIVE, MISSING, LOSSES = "archive.zip", "missing.jsonl", "losses.json"
MANIFEST, REFERENCES = "manifest.json", "pictures.tsv"
"""The list has tabs, so that no format takes it for one of its tables."""
MANIFEST_VERSION = 1
_BLOCK_BYTES = 1 << 20


class ArchiveError(WinnowError):
    """An archive did not come out as it was written, or pictures are missing. Nothing was published."""

    code = "archive"


def add_pictures(writer: ZipWriter, kind: Format, work: Path, *, start: int) -> Iterator[tuple[int, int]]:
    """Add the planned pictures from line `start` on; yields (lines behind, pictures made again). The missing are noted
    in a file of their own."""
    remade = 0
    cut_missing(work, start)
    with (work / MISSING).open("a", encoding="utf-8") as missing:
        for line, picture in enumerate(read_plan(work, start=start), start=start):
            if path := kind.picture_path(_plain(picture)):
                try:
                    content, is_new = _content(picture)
                except PictureMissing as error:
                    missing.write(json.dumps({"line": line, "name": picture.name, "why": str(error)}) + "\n")
                    missing.flush()
                else:
                    remade += is_new
                    writer.add(path, content, compress=False)
            yield line + 1, remade


def add_labels(
    writer: ZipWriter, kind: Format, work: Path, *, with_pictures: bool, manifest: Mapping[str, Any]
) -> Iterator[int]:
    """Add the format's own files, a list of where the pictures are if they do not come along, and the manifest; yields
    how many files so far."""
    losses: Counter[str] = Counter()
    facts = read_facts(work)
    gone = {one["line"] for one in missing_of(work)}
    pictures = (_plain(one) for line, one in enumerate(read_plan(work)) if line not in gone)
    for count, (name, content) in enumerate(kind.write(pictures, classes=facts.classes, losses=losses), start=1):
        writer.add(name, content, compress=True)
        yield count
    if not with_pictures:
        writer.add(REFERENCES, _references(work, gone), compress=True)
    (work / LOSSES).write_text(json.dumps(dict(sorted(losses.items()))), encoding="utf-8")
    writer.sync()
    said = {
        "winnow": MANIFEST_VERSION, **manifest, "classes": facts.classes, "splits": facts.splits,
        "files": [
            {"name": m.name, "size_bytes": m.size_bytes, "sha256": m.sha256} for m in members_of(work / ARCHIVE)
        ],
    }  # fmt: skip
    writer.add(MANIFEST, json.dumps(said, ensure_ascii=False, indent=1).encode(), compress=True)
    yield writer.count


def verify(archive: Path, *, start: int = 0) -> Iterator[int]:
    """Read an archive back with another program's code and compare each file with the manifest in it; yields how many
    are behind. Raises ArchiveError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            said = json.loads(opened.read(MANIFEST))
            names = [name for name in opened.namelist() if name != MANIFEST]
            if names != [one["name"] for one in said["files"]]:
                raise ArchiveError("The archive does not hold the files that its manifest lists. Export again.")
            for count, one in enumerate(said["files"][start:], start=start + 1):
                size, digest = _digest(opened, one["name"])
                if (size, digest) != (one["size_bytes"], one["sha256"]):
                    raise ArchiveError(
                        f"{one['name']} reads back differently than it was written: the disk may be failing. Nothing "
                        "was published. Export again, to another disk if it happens twice."
                    )
                yield count
    except (zipfile.BadZipFile, OSError, KeyError, ValueError) as error:
        raise ArchiveError(
            f"The archive cannot be read back ({error}). Nothing was published; export again."
        ) from error


def sha256_of(path: Path) -> Iterator[str]:
    """Yield "" now and then, and at last the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(64 * _BLOCK_BYTES):
            digest.update(block)
            yield ""
    yield digest.hexdigest()


def missing_of(work: Path) -> list[dict[str, Any]]:
    """Return the pictures that are missing: line of the plan, name, and why."""
    path = work / MISSING
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def cut_missing(work: Path, start: int) -> None:
    """Forget what was noted as missing from line `start` of the plan on: it is looked for again."""
    kept = [one for one in missing_of(work) if one["line"] < start]
    (work / MISSING).write_text("".join(json.dumps(one) + "\n" for one in kept), encoding="utf-8")


def losses_of(work: Path) -> dict[str, int]:
    """Return what the format could not say, counted by sentence."""
    found: dict[str, int] = json.loads((work / LOSSES).read_text(encoding="utf-8"))
    return found


def _content(picture: LabelledPicture) -> tuple[bytes, bool]:
    """Return a picture's bytes, and whether it had to be made again. Raises PictureMissing."""
    content = read_picture(picture.picture_file)
    if content is not None:
        return content, False
    size = (picture.width_px, picture.height_px)
    pts_us = int(picture.name.rpartition("_")[2].removesuffix(".jpg"))
    return remake_picture(picture.picture_file, video_sha256=picture.video_file, pts_us=pts_us, size_px=size), True


def _plain(picture: LabelledPicture) -> LabelledPicture:
    """Leave out what is for the archive and not for the format."""
    return replace(picture, picture_file="", video_file="")


def _references(work: Path, gone: set[int]) -> bytes:
    rows = ["name\tkey\twidth_px\theight_px\tvideo_sha256"]
    for line, one in enumerate(read_plan(work)):
        if line not in gone:
            rows.append(f"{one.name}\t{one.picture_file}\t{one.width_px}\t{one.height_px}\t{one.video_file}")
    return "".join(f"{row}\n" for row in rows).encode()


def _digest(opened: zipfile.ZipFile, name: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with opened.open(name) as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()
