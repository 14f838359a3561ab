"""Train, validation and test: drawn by group, so that neighbours never stand on both sides."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from curation.core.errors import SpecError
from curation.core.params import param
from curation.core.types import IntArray

GroupBy: TypeAlias = Literal["video", "camera", "day", "block", "frame"]
SPLITS = ("train", "val", "test")
"""In the order in which a frame's presence spoils the others: what a model has learnt from cannot test it."""
FAR_OFF = 0.02
"""A split whose share is this much off what was asked for is worth a note."""


@dataclass(frozen=True)
class SplitSpec:
    """Shares of the splits; they must add up to 1. What is 0 is left out."""

    by: GroupBy = param("video", help="What never stands on both sides: video, camera, day, block (a minute), frame.")
    train: float = param(0.8, help="Share for training.", minimum=0, maximum=1)
    val: float = param(0.1, help="Share for validation.", minimum=0, maximum=1)
    test: float = param(0.1, help="Share for testing.", minimum=0, maximum=1)
    stratify: str = param("", help="A factor whose values each split shall have in like shares; empty for none.")
    alike: float | None = param(
        None, help="Frames of at least this cosine similarity stand on one side; left out, nobody looks.",
        minimum=0, maximum=1,
    )  # fmt: skip

    def __post_init__(self) -> None:
        if abs(self.train + self.val + self.test - 1) > 1e-6:
            raise ValueError(f"the shares add up to {self.train + self.val + self.test:g}; they must add up to 1.")

    def shares(self) -> dict[str, float]:
        """Return the shares that are not 0, by split."""
        named: dict[str, float] = {name: getattr(self, name) for name in SPLITS}
        return {name: share for name, share in named.items() if share > 0}


@dataclass(frozen=True)
class SplitDraw:
    """(N,) splits and the groups that were kept together; notes say where it is not what was asked for, and why."""

    splits: tuple[str, ...]
    groups: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        return {name: self.splits.count(name) for name in SPLITS if name in self.splits}


def draw_splits(
    groups: Sequence[str],
    *,
    spec: SplitSpec,
    seed: int,
    kept: Mapping[str, str] | None = None,
    strata: IntArray | None = None,
    links: Iterable[tuple[int, int]] = (),
) -> SplitDraw:
    """Put (N,) frames, each named by its group, on the sides of a split. A group is never divided.

    kept gives the splits that groups had before: they keep them. links are pairs of frames (by place) whose groups
    become one. strata are (N,) whole numbers whose shares each split shall have too. The result depends on the seed and
    on what is in the groups, not on their order. Raises SpecError where there are fewer groups than splits."""
    names, of_frame = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    whole = _joined(len(names), of_frame, links)
    of_frame = whole[of_frame] if len(names) else of_frame
    count = int(whole.max()) + 1 if len(names) else 0
    label: list[str] = names[np.unique(whole, return_index=True)[1]].tolist()
    sizes = _sizes(of_frame, count, strata)
    fixed, notes = _fixed(names, whole, kept or {}, spec)
    sides = _assign(label, sizes, spec=spec, seed=seed, fixed=fixed)
    draw = SplitDraw(tuple(sides[part] for part in of_frame.tolist()), tuple(label[part] for part in of_frame.tolist()))
    return replace(draw, notes=(*notes, *_shortfall(draw, label, sizes, spec)))


def _joined(count: int, of_frame: IntArray, links: Iterable[tuple[int, int]]) -> IntArray:
    """Number the groups anew, those that links join alike, in order of their first name: (groups,)."""
    pairs = np.array([(of_frame[i], of_frame[j]) for i, j in links], np.int64).reshape(-1, 2)
    if count == 0 or not len(pairs):
        return np.arange(count)
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    _, first = np.unique(part, return_index=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: IntArray = rank[part]
    return numbered


def _sizes(of_frame: IntArray, count: int, strata: IntArray | None) -> NDArray[np.float64]:
    """Count the frames of each group in each stratum: (groups, strata)."""
    codes = np.zeros(len(of_frame), np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    width = int(codes.max()) + 1 if len(codes) else 1
    flat = np.bincount(of_frame * width + codes, minlength=count * width)
    return flat.reshape(count, width).astype(np.float64)


def _fixed(
    names: NDArray[np.str_], whole: IntArray, kept: Mapping[str, str], spec: SplitSpec
) -> tuple[dict[int, str], list[str]]:
    """Tell which groups keep which split. Where joined groups had several, the first of SPLITS stands."""
    had: dict[int, set[str]] = {}
    for name, part in zip(names.tolist(), whole.tolist(), strict=True):
        if kept.get(name):
            had.setdefault(part, set()).add(kept[name])
    torn = sum(len(splits) > 1 for splits in had.values())
    notes = []
    if torn:
        notes.append(
            f"{torn} groups of look-alikes stood on both sides in an earlier version; they are on the side that models "
            "learnt from first, so that they test nothing any more."
        )
    fixed = {part: min(splits, key=_rank) for part, splits in had.items()}
    gone = sorted({split for split in fixed.values() if split not in spec.shares()})
    if gone:
        notes.append(f"Groups that were in {', '.join(gone)}, which is not asked for any more, were drawn anew.")
    return {part: split for part, split in fixed.items() if split in spec.shares()}, notes


def _rank(split: str) -> int:
    return SPLITS.index(split) if split in SPLITS else len(SPLITS)


def _assign(
    label: Sequence[str], sizes: NDArray[np.float64], *, spec: SplitSpec, seed: int, fixed: Mapping[int, str]
) -> list[str]:
    """Give each group a side: the large ones first, each where it leaves least to be desired (chi-square)."""
    shares = spec.shares()
    if 0 < len(sizes) < len(shares) and not fixed:
        raise SpecError(_too_few(sizes, spec))
    want = {name: sizes.sum(axis=0) * share for name, share in shares.items()}
    have = {name: np.zeros(sizes.shape[1]) for name in shares}
    sides = [""] * len(sizes)
    for part, split in fixed.items():
        sides[part] = split
        have[split] += sizes[part]
    # Within a size class the seed decides; between classes the large go first, or they would find no room.
    total = sizes.sum(axis=1)
    rest = sorted(
        (part for part in range(len(sizes)) if not sides[part]),
        key=lambda part: (-math.frexp(total[part])[1], _hash(seed, label[part])),
    )
    for position, part in enumerate(rest):
        empty = [name for name in shares if not have[name].any()]
        choice = empty if len(empty) >= len(rest) - position else list(shares)
        add = sizes[part]
        best = min(choice, key=lambda name: _cost(add, have[name], want[name]))
        sides[part] = best
        have[best] = have[best] + add
    return sides


def _cost(add: NDArray[np.float64], have: NDArray[np.float64], want: NDArray[np.float64]) -> float:
    """Tell by how much adding a group raises a split's sum of (have - want)^2 / want over the strata."""
    return float((add * (2 * (have - want) + add) / (want + 1)).sum())


def _hash(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()


def _too_few(sizes: NDArray[np.float64], spec: SplitSpec) -> str:
    shares = spec.shares()
    asked = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    largest = sorted(sizes.sum(axis=1).tolist(), reverse=True)
    by_share = sorted(shares, key=lambda name: -shares[name])
    nearest = ", ".join(f"{name} {size:.0f} frames" for name, size in zip(by_share, largest, strict=False))
    return (
        f"The frames come from {len(sizes)} {_many(spec.by, len(sizes))}, too few for {len(shares)} splits ({asked}), "
        f"since a {spec.by} never stands on both sides. Nearest possible: {nearest}. Ask for that, for a finer group "
        "(block is a minute of video, frame is each for itself), or for more footage."
    )


def _shortfall(draw: SplitDraw, label: Sequence[str], sizes: NDArray[np.float64], spec: SplitSpec) -> list[str]:
    """Say where the shares are far from those asked for, and what is to blame."""
    frames = len(draw.splits)
    if not frames:
        return []
    got = {name: draw.splits.count(name) / frames for name in spec.shares()}
    if all(abs(got[name] - share) <= FAR_OFF + 1 / frames for name, share in spec.shares().items()):
        return []
    largest = int(sizes.sum(axis=1).argmax())
    asked, given = (", ".join(f"{n} {s:.1%}" for n, s in shares.items()) for shares in (spec.shares(), got))
    return [
        f"Asked for {asked}; the nearest that {len(sizes)} {_many(spec.by, len(sizes))} allow is {given}: the largest, "
        f"{label[largest]}, has {sizes[largest].sum() / frames:.1%} of the frames."
    ]


def _many(by: str, count: int) -> str:
    return by if count == 1 else f"{by}s"
