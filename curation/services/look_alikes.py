"""Frames that look like some frames, by every embedder that knows them and by their perceptual hash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from curation.core.look_alikes import fewest_bits, most_alike
from curation.core.types import IntArray
from curation.models import Embedder, Embedding, Frame

BATCH = 20_000


@dataclass(frozen=True)
class Alike:
    """A frame, and the frame that it looks like most. similarity is None where the perceptual hash says so."""

    frame_id: int
    like_id: int
    similarity: float | None


@dataclass
class Compared:
    """What a comparison could rest on: the embedders, and how many frames had neither a vector nor a hash."""

    embedders: list[str] = field(default_factory=list)
    frames: int = 0
    uncompared: int = 0


class LookAlikes:
    """Finds frames that look like any of some known frames."""

    def __init__(self, known: Iterable[int]) -> None:
        ids = np.unique(np.fromiter(known, np.int64))
        of_known = Embedding.objects.filter(frame__in=ids.tolist(), detection=None)
        self._by_embedder = []
        for embedder in Embedder.objects.filter(pk__in=of_known.order_by().values("embedder")).order_by("id"):
            vectors, has = _vectors(ids, embedder)
            self._by_embedder.append((embedder, ids[has], vectors[has]))
        hashed = _hashes(ids)
        self._hashed_ids = np.fromiter(hashed, np.int64, len(hashed))
        self._hashes = np.fromiter(hashed.values(), np.int64, len(hashed))
        self.compared = Compared([embedder.name for embedder, _, _ in self._by_embedder])

    def among(self, frame_ids: Iterable[int], *, min_similarity: float, max_bits: int) -> list[Alike]:
        """Return those of the frames that look like a known one, by id. Adds to `compared`."""
        ids = np.unique(np.fromiter(frame_ids, np.int64))
        found: list[Alike] = []
        for start in range(0, len(ids), BATCH):
            found += self._batch(ids[start : start + BATCH], min_similarity, max_bits)
        return found

    def _batch(self, ids: IntArray, min_similarity: float, max_bits: int) -> list[Alike]:
        best = np.full(len(ids), -1.0, np.float32)
        like = np.full(len(ids), -1, np.int64)
        known = np.zeros(len(ids), np.bool_)
        for embedder, known_ids, known_vectors in self._by_embedder:
            vectors, has = _vectors(ids, embedder)
            similarity, place = most_alike(vectors, known_vectors)
            better = has & (similarity > best)
            best[better], like[better] = similarity[better], known_ids[place[better]]
            known |= has
        by_vector = best >= min_similarity
        hashed = _hashes(ids.tolist())
        has_hash = np.fromiter((frame_id in hashed for frame_id in ids.tolist()), np.bool_, len(ids))
        mine = np.fromiter((hashed.get(frame_id, 0) for frame_id in ids.tolist()), np.int64, len(ids))
        bits, place = fewest_bits(mine, self._hashes)
        by_hash = has_hash & (bits <= max_bits) & ~by_vector
        like[by_hash] = self._hashed_ids[place[by_hash]]
        self.compared.frames += len(ids)
        self.compared.uncompared += int(np.count_nonzero(~known & ~(has_hash & bool(len(self._hashes)))))
        return [
            Alike(int(ids[at]), int(like[at]), float(best[at]) if by_vector[at] else None)
            for at in np.flatnonzero(by_vector | by_hash)
        ]


def _vectors(ids: IntArray, embedder: Embedder) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    rows = dict(
        Embedding.objects.filter(embedder=embedder, detection=None, frame__in=ids.tolist()).values_list(
            "frame_id", "vector"
        )
    )  # fmt: skip
    found = np.zeros((len(ids), embedder.dimension), np.float32)
    for at, frame_id in enumerate(ids.tolist()):
        if frame_id in rows:
            found[at] = np.asarray(rows[frame_id], np.float32)
    has = np.fromiter((frame_id in rows for frame_id in ids.tolist()), np.bool_, len(ids))
    if embedder.mean is not None:
        found[has] -= np.asarray(embedder.mean, np.float32)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.divide(found, length, out=found, where=length > 0), has


def _hashes(ids: Sequence[int] | IntArray) -> dict[int, int]:
    rows = Frame.objects.filter(pk__in=list(map(int, ids)), phash__isnull=False).order_by("id")
    return {pk: phash for pk, phash in rows.values_list("id", "phash") if phash is not None}
