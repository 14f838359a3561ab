"""Frames that look like some frames, by every embedder that knows them and by their perceptual hash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from curation.core.neighbours import hamming_nearest, most_alike
from curation.core.types import IntArray
from curation.models import Embedder, Embedding, Frame
from curation.services.vectors import frame_vectors

BATCH = 20_000
ROUNDING = 1e-5
"""Equal vectors are found at a similarity of 1."""


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
            vectors, has = frame_vectors(ids, embedder=embedder)
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
            vectors, has = frame_vectors(ids, embedder=embedder)
            similarity, place = most_alike(vectors, known_vectors)
            better = has & (similarity > best)
            best[better], like[better] = similarity[better], known_ids[place[better]]
            known |= has
        by_vector = best >= min_similarity - ROUNDING
        hashed = _hashes(ids.tolist())
        has_hash = np.isin(ids, np.fromiter(hashed, np.int64, len(hashed))) & bool(len(self._hashes))
        mine = np.fromiter((hashed[frame_id] for frame_id in ids[has_hash].tolist()), np.int64)
        bits, place = hamming_nearest(mine, self._hashes, max_bits=max_bits)
        by_hash = np.zeros(len(ids), np.bool_)
        by_hash[has_hash] = bits >= 0
        by_hash &= ~by_vector
        like[by_hash] = self._hashed_ids[place[by_hash[has_hash]]]
        self.compared.frames += len(ids)
        self.compared.uncompared += int(np.count_nonzero(~known & ~has_hash))
        return [
            Alike(int(ids[at]), int(like[at]), float(best[at]) if by_vector[at] else None)
            for at in np.flatnonzero(by_vector | by_hash)
        ]


def _hashes(ids: Sequence[int] | IntArray) -> dict[int, int]:
    rows = Frame.objects.filter(pk__in=list(map(int, ids)), phash__isnull=False).order_by("id")
    return {pk: phash for pk, phash in rows.values_list("id", "phash") if phash is not None}
