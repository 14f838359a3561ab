"""Pools and seeds made by hand, for the tests of what chooses among them."""

import numpy as np

from activelearning.core.pool import Boxes, Pool, Seeds
from curation.core.operating.coding import Codes

LABELS = ("person", "bag")
SECOND = 1_000_000


def unit(*rows):
    """Rows of unit length."""
    rows = np.asarray(rows, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def boxes(*rows, vectors=None):
    """Boxes from (frame, label, score) or (frame, label, score, xyxy) tuples, in any order."""
    order = sorted(range(len(rows)), key=lambda i: (rows[i][0], -rows[i][2]))
    rows = [(*rows[i], (0, 0, 10, 10))[:4] for i in order]
    given = {} if vectors is None else {"vectors": np.asarray(vectors, np.float32)[order]}
    return Boxes(
        np.asarray([r[0] for r in rows], np.int64),
        np.asarray([LABELS.index(r[1]) for r in rows], np.int64),
        np.asarray([r[2] for r in rows], np.float64),
        np.asarray([r[3] for r in rows], np.float64).reshape(-1, 4),
        **given,
    )


def pool(count, seen=None, *, video=None, camera=None, at_s=None, tags=None, picture=(), **more):
    """A pool of so many frames with ids from 100: one video of a frame a second if nothing else is said."""
    numbers = np.arange(count)
    is_picture = np.zeros(count, bool)
    is_picture[list(picture)] = True
    return Pool(
        frame_ids=100 + numbers,
        video=np.zeros(count, np.int64) if video is None else np.asarray(video, np.int64),
        camera=np.zeros(count, np.int64) if camera is None else np.asarray(camera, np.int64),
        pts_us=(numbers if at_s is None else np.asarray(at_s)).astype(np.float64).__mul__(SECOND).astype(np.int64),
        is_picture=is_picture,
        labels=LABELS,
        boxes=boxes() if seen is None else seen,
        tags={name: coded(name, values) for name, values in (tags or {}).items()},
        **more,
    )


def coded(factor, values):
    names = tuple(dict.fromkeys(value for value in values if value is not None))
    return Codes(factor, names, np.asarray([-1 if v is None else names.index(v) for v in values], np.int16))


def seeds(*rows, box_vectors=None, frame_vectors=None):
    """Seeds from (kind, scenario) pairs, of persons, with ids from 1."""
    vectors = {"box_vectors": box_vectors, "frame_vectors": frame_vectors}
    return Seeds(
        1 + np.arange(len(rows)),
        [kind for kind, _ in rows],
        [scenario for _, scenario in rows],
        ["person"] * len(rows),
        **{name: np.asarray(given, np.float32) for name, given in vectors.items() if given is not None},
    )


def rows_of(proposal):
    """The rows of all parts, in order."""
    return [part.rows.tolist() for part in proposal.parts]
