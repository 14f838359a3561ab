"""Putting frames in order: the most wanted first, equals by chance, groups in turn."""

import numpy as np

from activelearning.core.pool import Pool
from curation.core.sampling.chance import chance_keys, chances_of
from curation.core.types import FloatArray, IntArray


def chances(pool: Pool, *, seed: int) -> FloatArray:
    """Draw a number above 0 and below 1 for each of (N,) frames from its id and the seed, wherever it stands."""
    return chances_of(chance_keys(pool.frame_ids.astype(np.uint64), pool.pts_us, seed=seed))


def best_first(score: FloatArray, chance: FloatArray) -> IntArray:
    """Return the rows of (N,) scores that are not NaN, highest first; of equals the one with the lower chance."""
    rows = np.flatnonzero(~np.isnan(score))
    ordered: IntArray = rows[np.lexsort((chance[rows], -score[rows]))]
    return ordered


def in_turn(rows: IntArray, groups: IntArray, score: FloatArray, *, fade: float) -> IntArray:
    """Reorder (K,) rows, best first, so that no group takes everything: each row counts `fade` times less for every
    row of its group before it. 1 leaves the order as it is; with 0 groups take turns.

    in_turn([4, 7, 2, 9], [0, 0, 0, 1], [0.9, 0.8, 0.7, 0.5], fade=0.5) -> [4, 9, 7, 2]"""
    by_group = np.argsort(groups, kind="stable")
    ordered = groups[by_group]
    turn = np.empty(len(rows), np.int64)
    turn[by_group] = np.arange(len(rows)) - np.searchsorted(ordered, ordered)
    turns: IntArray = rows[np.lexsort((turn, -score * np.float64(fade) ** turn))]
    return turns
