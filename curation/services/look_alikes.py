"""Frames that look like some frames, by every embedder that knows them and by their perceptual hash."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from django.db import connection

from curation.core.neighbours import hamming_nearest, most_alike
from curation.core.phash import FLAT
from curation.core.sides import ROUNDING
from curation.core.types import BoolArray, IntArray
from curation.models import Embedder, Embedding
from curation.services.vectors import frame_vectors

BATCH = 20_000


@dataclass(frozen=True)
class Alike:
    """A frame, and the frame that it looks like most. similarity is None where the perceptual hash says so."""

    frame_id: int
    like_id: int
    similarity: float | None


@dataclass
class Compared:
    """What a comparison rested on: the embedders, and how many frames had neither a hash nor a vector of one of them.

    blind counts those of the known frames, uncompared those of the others."""

    embedders: list[str] = field(default_factory=list)
    frames: int = 0
    uncompared: int = 0
    blind: int = 0


class LookAlikes:
    """Finds frames that look like any of some known frames."""

    def __init__(self, known: Iterable[int]) -> None:
        ids = np.unique(np.fromiter(known, np.int64))
        of_known = Embedding.objects.filter(frame__in=ids.tolist(), detection=None)
        self._by_embedder = []
        seen = np.zeros(len(ids), np.bool_)
        for embedder in Embedder.objects.filter(pk__in=of_known.order_by().values("embedder")).order_by("id"):
            vectors, has = frame_vectors(ids, embedder=embedder)
            self._by_embedder.append((embedder, ids[has], vectors[has]))
            seen |= has
        hashes, hashed = _hashes(ids)
        tells = hashed & (hashes != FLAT)
        self._hashed_ids, self._hashes = ids[tells], hashes[tells]
        names = [embedder.name for embedder, _, _ in self._by_embedder]
        self.compared = Compared(names, blind=int(np.count_nonzero(~seen & ~hashed)))

    def among(
        self, frame_ids: Iterable[int], *, min_similarity: float, max_bits: int, trusts_vectors: bool = False
    ) -> list[Alike]:
        """Return those of the frames that look like a known one, by id. Adds to `compared`.

        With `trusts_vectors` the hash decides only for frames without a vector; else either of both does."""
        ids = np.unique(np.fromiter(frame_ids, np.int64))
        found: list[Alike] = []
        for start in range(0, len(ids), BATCH):
            found += self._batch(ids[start : start + BATCH], min_similarity, max_bits, trusts_vectors)
        return found

    def _batch(self, ids: IntArray, min_similarity: float, max_bits: int, trusts_vectors: bool) -> list[Alike]:
        best = np.full(len(ids), -1.0, np.float32)
        like = np.full(len(ids), -1, np.int64)
        seen = np.zeros(len(ids), np.bool_)
        for embedder, known_ids, known_vectors in self._by_embedder:
            vectors, has = frame_vectors(ids, embedder=embedder)
            similarity, place = most_alike(vectors, known_vectors)
            better = has & (similarity > best)
            best[better], like[better] = similarity[better], known_ids[place[better]]
            seen |= has
        by_vector = best >= min_similarity - ROUNDING
        hashes, hashed = _hashes(ids)
        asking = np.flatnonzero(hashed & (hashes != FLAT) & ~by_vector & ~(seen & trusts_vectors))
        bits, place = hamming_nearest(hashes[asking], self._hashes, max_bits=max_bits)
        by_hash = asking[bits >= 0]
        like[by_hash] = self._hashed_ids[place[bits >= 0]]
        self.compared.frames += len(ids)
        self.compared.uncompared += int(np.count_nonzero(~seen & ~hashed))
        return [
            Alike(int(ids[at]), int(like[at]), float(best[at]) if by_vector[at] else None)
            for at in np.union1d(np.flatnonzero(by_vector), by_hash)
        ]


def _hashes(ids: IntArray) -> tuple[IntArray, BoolArray]:
    """Return the perceptual hashes of (N,) rising ids, and which frames have one."""
    with connection.cursor() as cursor:
        # One array: of 20,000 parameters the ORM and the planner would take longer than the look-up.
        cursor.execute(
            "SELECT id, phash FROM curation_frame WHERE id = ANY(%s) AND phash IS NOT NULL ORDER BY id", [ids.tolist()]
        )
        found = np.array(cursor.fetchall(), np.int64).reshape(-1, 2)
    hashes, has = np.zeros(len(ids), np.int64), np.isin(ids, found[:, 0])
    hashes[has] = found[:, 1]
    return hashes, np.asarray(has)
