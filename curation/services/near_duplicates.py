"""The near-duplicates of one frame as things stand now, whether or not it was rated."""

from dataclasses import dataclass

import numpy as np
from django.db.models import F, IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from curation.core.phash import FLAT
from curation.core.query import Everything
from curation.core.rating import HASH_ONLY_BITS, Nearness
from curation.models import Embedder, Embedding, Frame
from curation.services.likeness import EXACT_ROWS, Likeness, nearest
from curation.services.seeds import SearchError, Seed, like_frame

MOST = 200


@dataclass(frozen=True)
class NearDuplicate:
    """A frame: how similar it is where both have vectors, in how many bits the hashes differ where both have one."""

    frame: Frame
    similarity: float | None
    bits: int | None


@dataclass(frozen=True)
class NearDuplicates:
    """Those of one frame, nearest first. `more` says that there are others. embedder is None where it has no vector."""

    embedder: Embedder | None
    found: list[NearDuplicate]
    more: bool


def near_duplicates(
    frame: Frame, *, nearness: Nearness, embedder: str | None = None, limit: int = 50
) -> NearDuplicates:
    """Find the frames that are near-duplicates of a frame by its vector; by its hash alone where it has no vector.

    `embedder` is a name; without it the one that embedded the frame last is taken. The index that search uses may miss
    some where there are many frames. A frame without a vector is compared with every hash, which takes a second for a
    million frames. Raises SearchError if there is no vector by the embedder that is named."""
    try:
        seed = like_frame(frame.pk, embedder=embedder)
    except SearchError:
        if embedder is not None:
            raise
        found = _by_hash(frame, limit=limit + 1)
        return NearDuplicates(None, found[:limit], len(found) > limit)
    found = _by_vector(frame, seed, nearness, limit=limit + 1)
    return NearDuplicates(seed.embedder, found[:limit], len(found) > limit)


def _by_vector(frame: Frame, seed: Seed, nearness: Nearness, *, limit: int) -> list[NearDuplicate]:
    likeness = Likeness(seed.embedder, seed.kind, seed.vector, Everything(), without=seed.itself)
    many = Embedding.objects.filter(embedder=seed.embedder, detection=None).order_by()[: EXACT_ROWS + 1].count()
    alike = nearest(likeness, matching=many, limit=limit, after=None)
    frames = Frame.objects.in_bulk([near.frame_id for near in alike])
    alike = [near for near in alike if near.frame_id in frames]
    similarity = np.array([1.0 - near.distance for near in alike])
    hashes = np.array([frames[near.frame_id].phash or FLAT for near in alike], np.int64)
    is_near = nearness.near(similarity, hashes, np.full(len(alike), frame.phash or FLAT, np.int64))
    return [
        NearDuplicate(frames[near.frame_id], min(1.0, max(0.0, one)), _bits(frame.phash, frames[near.frame_id].phash))
        for near, one, is_one in zip(alike, similarity.tolist(), is_near, strict=True)
        if is_one
    ]


def _by_hash(frame: Frame, *, limit: int) -> list[NearDuplicate]:
    if frame.phash is None or frame.phash == FLAT:
        return []
    bits = RawSQL("bit_count((phash # %s)::bit(64))", [frame.phash], output_field=IntegerField())
    others: QuerySet[Frame] = Frame.objects.exclude(pk=frame.pk).exclude(phash=None).exclude(phash=FLAT)
    rows = others.annotate(bits=bits).filter(bits__lte=HASH_ONLY_BITS).order_by(F("bits"), "pk")
    return [NearDuplicate(row, None, _bits(frame.phash, row.phash)) for row in rows[:limit]]


def _bits(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else ((one ^ other) & (1 << 64) - 1).bit_count()
