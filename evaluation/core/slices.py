"""Slices in which a model is worst, over all combinations of a few factors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.types import FloatArray, IntArray
from evaluation.core.slice_folding import Kept, explain
from evaluation.core.slice_search import Asked
from evaluation.core.slice_tests import Counted, cells_tested

MOST_FALSE = 0.05
"""Of the slices found, at most this share is expected to be chance."""
MOST_NAMED = 10


@dataclass(frozen=True)
class Factor:
    """One way to sort (N,) images: codes[i] is a place in names, -1 where it has no value.

    queries shows the images of each name; "" where no query can."""

    name: str
    names: tuple[str, ...]
    queries: tuple[str, ...]
    codes: IntArray

    def __post_init__(self) -> None:
        if len(self.names) != len(self.queries):
            raise ValueError(f"Factor {self.name}: {len(self.names)} names and {len(self.queries)} queries.")


@dataclass(frozen=True)
class Slice:
    """Images with some values in common, on which the model is worse than on all others.

    rate and rest_rate are hits / of inside and outside. p is of this slice alone, q after correction for all that were
    tested; both among the images that were left when it was found (`explain`). `also` names slices of nearly the same
    images, or that seem worse only since they hold this one or lie in it. query is "" where a factor has none."""

    name: str
    query: str
    conditions: tuple[tuple[str, str], ...]
    images: IntArray
    """Rows of the factors' codes, rising."""
    groups: int
    hits: int
    of: int
    rate: float
    rest_rate: float
    p: float
    q: float
    also: tuple[str, ...]


@dataclass(frozen=True)
class Discovery:
    """The slices, worst first, and how many were tested."""

    slices: tuple[Slice, ...]
    tested: int


def discover(
    factors: Sequence[Factor],
    *,
    hits: FloatArray | IntArray,
    of: FloatArray | IntArray,
    group: IntArray,
    rows: IntArray | None = None,
    most_factors: int = 3,
    least_images: int = 20,
    least_groups: int = 5,
    limit: int = 20,
    most_false: float = MOST_FALSE,
) -> Discovery:
    """Find the slices on which hits / of is lower than on the rest, surely and not only by chance.

    hits and of are (n,): how much of how much was right in each image; group (n,) the independent group of each. rows
    (n,) are the images' rows in the factors' codes; by default all. Every combination of up to `most_factors` values
    that has `least_images` images, and objects in `least_groups` groups, is held against all other images
    (`cells_tested`); p values are corrected for all of them (Benjamini and Hochberg), so that of what is found about
    `most_false` is chance; slices that say the same are folded (`explain`). Empty input: nothing is found.
    Raises ValueError if lengths differ or a limit is too low."""
    rows = np.arange(len(group)) if rows is None else rows
    lengths = {len(hits), len(of), len(group), len(rows)}
    if len(lengths) > 1:
        raise ValueError(f"discover: hits, of, group and rows have lengths {sorted(lengths)}; they must be the same.")
    if most_factors < 1 or least_images < 1 or least_groups < 2 or limit < 0:
        raise ValueError("discover: most_factors and least_images must be 1 or more, least_groups 2, limit 0.")
    order = np.argsort(group, kind="stable")
    counted = Counted(np.asarray(hits, np.float64)[order], np.asarray(of, np.float64)[order], group[order])
    codes = [np.asarray(factor.codes, np.int64)[rows[order]] for factor in factors]
    sizes = [len(factor.names) for factor in factors]
    asked = Asked(most_factors, least_images, least_groups, most_false)
    kept, tested = explain(codes, sizes, counted, asked, limit=limit)
    slices = [_slice(one, factors, counted, rows[order]) for one in kept]
    return Discovery(tuple(sorted(slices, key=lambda one: (one.rate - one.rest_rate, one.name))), tested)


def _slice(kept: Kept, factors: Sequence[Factor], counted: Counted, rows: IntArray) -> Slice:
    whole = cells_tested(counted, np.where(kept.mask, 0, -1), cells=1).taken(0)
    chosen = [(factors[factor], value) for factor, value in kept.found.conditions]
    return Slice(
        name=_name(kept.found.conditions, factors),
        query=_joined([factor.queries[value] for factor, value in chosen]),
        conditions=tuple((factor.name, factor.names[value]) for factor, value in chosen),
        images=np.sort(rows[kept.mask]),
        groups=int(whole.groups),
        hits=round(float(whole.hits)),
        of=round(float(whole.of)),
        rate=float(whole.rate),
        rest_rate=float(whole.rest_rate),
        p=float(kept.found.tested.p),
        q=kept.found.q,
        also=tuple(_name(other, factors) for other in kept.also[:MOST_NAMED]),
    )


def _name(conditions: Sequence[tuple[int, int]], factors: Sequence[Factor]) -> str:
    return ", ".join(f"{factors[factor].name} {factors[factor].names[value]}" for factor, value in conditions)


def _joined(queries: Sequence[str]) -> str:
    """Ask for all of several queries at once; "" if one of them is none."""
    if len(queries) < 2 or not all(queries):
        return queries[0] if len(queries) == 1 else ""
    words = (" OR ", " AND ", "NOT ")
    return " AND ".join(f"({query})" if any(word in query for word in words) else query for query in queries)
