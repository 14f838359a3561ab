"""Tracks as bytes: compressed numpy arrays, no pickle."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from curation.core.types import Box, IntArray, Observations, Signals, Span, Track

_BOX_COLUMNS = 5


def encode(track: Track) -> bytes:
    """Write a track as npz bytes. Times and the looks' scores are exact; a box's corners and score are float32."""
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {"pts_us": track.pts_us}
    if isinstance(track, Signals):
        arrays |= {f"signal:{name}": values for name, values in track.values.items()}
    else:
        labels = sorted({box.label for boxes in track.boxes for box in boxes})
        flat = [box for boxes in track.boxes for box in boxes]
        rows = [(box.x1, box.y1, box.x2, box.y2, box.score) for box in flat]
        arrays |= {
            "scores": track.scores,
            "asked": track.asked,
            "counts": np.array([len(boxes) for boxes in track.boxes], np.int32),
            "boxes": np.array(rows, np.float32).reshape(-1, _BOX_COLUMNS),
            "labels": np.array([labels.index(box.label) for box in flat], np.int32),
            "names": np.frombuffer(json.dumps(labels).encode(), np.uint8),
        }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def decode(content: bytes) -> Track:
    """Read what `encode` wrote. Raises ValueError if it is something else."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _read(arrays)
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"decode: these {len(content)} bytes are no track: {error}") from error


def join(tracks: Sequence[Track]) -> Track:
    """Join the tracks of neighbouring chunks, given in order. Raises ValueError for none, and for two kinds."""
    if not tracks:
        raise ValueError("join: there are no tracks.")
    pts: IntArray = np.concatenate([track.pts_us for track in tracks])
    signals = [track for track in tracks if isinstance(track, Signals)]
    looks = [track for track in tracks if isinstance(track, Observations)]
    if signals and looks:
        raise ValueError(f"join: {len(signals)} tracks of signals and {len(looks)} of looks are of two kinds.")
    if signals:
        names = signals[0].values
        return Signals(pts, {name: np.concatenate([track.values[name] for track in signals]) for name in names})
    return Observations(
        pts,
        np.concatenate([track.scores for track in looks]),
        [boxes for track in looks for boxes in track.boxes],
        np.concatenate([track.asked for track in looks]),
    )


def clip(track: Track, span: Span) -> Track:
    """Return the part of a track that lies in a stretch."""
    first, last = np.searchsorted(track.pts_us, [span.start_us, span.end_us])
    part = slice(int(first), int(last))
    if isinstance(track, Signals):
        return Signals(track.pts_us[part], {name: values[part] for name, values in track.values.items()})
    return Observations(track.pts_us[part], track.scores[part], track.boxes[part], track.asked[part])


def _read(arrays: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[Any]]]) -> Track:
    pts = arrays["pts_us"].astype(np.int64)
    if "scores" not in arrays:
        return Signals(pts, {k.removeprefix("signal:"): arrays[k] for k in arrays if k != "pts_us"})
    names = json.loads(arrays["names"].tobytes() or b"[]")
    flat = [
        Box(names[label], float(row[4]), *(float(corner) for corner in row[:4]))
        for row, label in zip(arrays["boxes"], arrays["labels"], strict=True)
    ]
    ends = np.cumsum(arrays["counts"])
    boxes = [flat[end - count : end] for end, count in zip(ends, arrays["counts"], strict=True)]
    return Observations(pts, arrays["scores"], boxes, arrays["asked"])
