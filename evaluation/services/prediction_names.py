"""Which frame of a dataset version a picture's name means."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from curation.core.formats.names import unflat
from curation.models import DatasetVersion
from curation.services.export_names import read_name
from curation.services.manifests import identity_of

COLUMNS = (
    "frame_id", "frame__picture_sha256", "frame__video__sha256", "frame__pts_us", "frame__image",
    "frame__camera__name", "frame__width_px", "frame__height_px",
)  # fmt: skip
SEVERAL, NONE = "picture that could be several frames", "picture that is no frame of the version"


class FrameNames:
    """Finds frames by what files call them: Winnow's number; the identity; the name in an export; the key in the
    storage, or its last step where only one frame has it; and, given a folder of the original files, their content."""

    def __init__(self, version: DatasetVersion, *, pictures: Path | None = None) -> None:
        self._pictures = pictures
        members = version.members.order_by("frame_id").values_list(*COLUMNS)
        self._rows: list[tuple[Any, ...]] = list(members.iterator(chunk_size=10_000))
        self.size_px: Mapping[int, tuple[int, int]] = {row[0]: (row[6], row[7]) for row in self._rows}
        self._known: dict[str | int, int | str] = {}

    def find(self, name: str | int) -> int | str:
        """Return a frame's id, or why there is none."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str | int) -> int | str:
        if isinstance(name, int):
            return name if name in self.size_px else NONE
        path = PurePosixPath(name.replace("\\", "/"))
        for known, said in ((self._by_identity, name), (self._by_key, name), (self._by_key, unflat(path.name))):
            if said in known:
                return known[said]
        if (named := read_name(path.name)) is not None:
            there = [
                frame_id for sha256, frame_id in self._by_moment.get((named.camera, named.pts_us), ())
                if sha256.startswith(named.video_prefix)
            ]  # fmt: skip
            if there:
                return there[0] if len(there) == 1 else SEVERAL
        if (content := self._content(name, path.name)) in self._by_identity:
            return self._by_identity[content]
        ends = self._by_last_step.get(path.name, ())
        return ends[0] if len(ends) == 1 else SEVERAL if ends else NONE

    def _content(self, name: str, last: str) -> str:
        """Name an original file by its content; "" if there is none."""
        if self._pictures is None:
            return ""
        for said in (name, last):
            path = (self._pictures / said).resolve()
            if path.is_relative_to(self._pictures.resolve()) and path.is_file():
                return f"picture:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        return ""

    @cached_property
    def _by_identity(self) -> dict[str, int]:
        return {identity_of(row[1], row[2], row[3]): row[0] for row in self._rows}

    @cached_property
    def _by_key(self) -> dict[str, int]:
        return {row[4]: row[0] for row in self._rows}

    @cached_property
    def _by_moment(self) -> dict[tuple[str, int], list[tuple[str, int]]]:
        found: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        for row in self._rows:
            found[row[5], row[3]].append((row[2], row[0]))
        return dict(found)

    @cached_property
    def _by_last_step(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row in self._rows:
            found[PurePosixPath(row[4]).name].append(row[0])
        return dict(found)
