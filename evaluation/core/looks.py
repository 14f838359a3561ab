"""What a model sees in a whole video, as columns, and as bytes: compressed numpy arrays, no pickle."""

import io
import json
import zipfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core.types import Box, IntArray

NO_INTS = np.empty(0, np.int32)


@dataclass(frozen=True)
class Looks:
    """(L,) looks at a video, in order of time, and the (B,) boxes that they saw, in order of look.

    `pts_us` is rising; `look` and `label` are indices into the looks and into `labels`, which are the model's own
    names. Boxes are `xyxy` in pixels of the upright frame. L and B may be 0."""

    pts_us: IntArray
    labels: tuple[str, ...]
    look: NDArray[np.int32]
    label: NDArray[np.int32]
    score: NDArray[np.float32]
    xyxy: NDArray[np.float32]

    def best(self, labels: Collection[str]) -> NDArray[np.float64]:
        """Return the (L,) best score of any of some labels at each look, 0 where none was seen."""
        found = np.zeros(len(self.pts_us), np.float64)
        wanted = [index for index, label in enumerate(self.labels) if label in labels]
        is_wanted = np.isin(self.label, wanted)
        np.maximum.at(found, self.look[is_wanted], self.score[is_wanted].astype(np.float64))
        return found


def looks_of(pts_us: Sequence[int], boxes: Sequence[Sequence[Box]]) -> Looks:
    """Make columns of the boxes of each look; scores and corners become float32."""
    labels = tuple(sorted({box.label for seen in boxes for box in seen}))
    place = {label: index for index, label in enumerate(labels)}
    flat = [(number, box) for number, seen in enumerate(boxes) for box in seen]
    return Looks(
        np.array(pts_us, np.int64),
        labels,
        np.array([number for number, _ in flat], np.int32),
        np.array([place[box.label] for _, box in flat], np.int32),
        np.array([box.score for _, box in flat], np.float32),
        np.array([(box.x1, box.y1, box.x2, box.y2) for _, box in flat], np.float32).reshape(-1, 4),
    )


def join(parts: Sequence[Looks]) -> Looks:
    """Join the looks at neighbouring parts of a video, given in order. Of none, there are no looks."""
    labels = tuple(sorted({label for part in parts for label in part.labels}))
    place = {label: index for index, label in enumerate(labels)}
    first = np.cumsum([0, *(len(part.pts_us) for part in parts)])
    renamed = [np.array([place[label] for label in part.labels], np.int32) for part in parts]
    return Looks(
        np.concatenate([np.empty(0, np.int64), *(part.pts_us for part in parts)]),
        labels,
        np.concatenate([NO_INTS, *(part.look + np.int32(start) for part, start in zip(parts, first, strict=False))]),
        np.concatenate([NO_INTS, *(names[part.label] for part, names in zip(parts, renamed, strict=True))]),
        np.concatenate([np.empty(0, np.float32), *(part.score for part in parts)]),
        np.concatenate([np.empty((0, 4), np.float32), *(part.xyxy for part in parts)]),
    )


def encode(looks: Looks) -> bytes:
    """Write looks as npz bytes."""
    buffer = io.BytesIO()
    names = np.frombuffer(json.dumps(looks.labels).encode(), np.uint8)
    columns = {name: value for name, value in vars(looks).items() if name != "labels"}
    np.savez_compressed(buffer, names=names, **columns)
    return buffer.getvalue()


def decode(content: bytes) -> Looks:
    """Read what `encode` wrote. Raises ValueError if it is something else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            labels = tuple(json.loads(arrays["names"].tobytes()))
            columns = {name: arrays[name] for name in ("pts_us", "look", "label", "score", "xyxy")}
            return Looks(labels=labels, **columns)
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"decode: these {len(content)} bytes are no looks: {error}") from error
