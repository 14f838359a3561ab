"""What it costs to rate frames beside each other, and to find near hashes, beside comparing each with each.

    python -m bench.neighbours [--rows 100000] [--dimension 128] [--hashes 1000000] [--sample 2000]

One thread, CPU seconds. The plain ways take the same time for each row, so they are measured on a sample of rows,
against all the others, and scaled. Vectors are made like footage (each camera's view changes slowly three times of ten,
and stands still otherwise), and once without any order, which is the worst that an inverted file can meet."""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench._cpu import verdict
from curation.core.hamming import hamming_pairs
from curation.core.neighbour_index import NeighbourIndex
from curation.core.rating import BLOCK, NEIGHBOURS, Nearness, Rated, Rater, joined

T = TypeVar("T")
Vectors = NDArray[np.float32]
CAMERAS = 200
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MAX_BITS = 6
FASTER = 2.0
FASTER_HASHES = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=2_000, help="rows on which the plain ways are measured")
    options = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in THREADS.items()):  # read by libraries as they are loaded
        os.execve(sys.executable, [sys.executable, "-m", "bench.neighbours", *sys.argv[1:]], {**os.environ, **THREADS})
    for name, made in VIEWS.items():
        if options.rows:
            _vectors(name, made(options.rows, options.dimension), options.sample)
    if options.hashes:
        _hashes(options.hashes, options.sample)
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    return 0


def footage(rows: int, dimension: int) -> Vectors:
    """Make vectors of cameras: views that change slowly three times of ten and stand still otherwise."""
    rng = np.random.default_rng(0)
    found = np.empty((rows, dimension), np.float32)
    for place in np.array_split(np.arange(rows), CAMERAS):
        steps = 0.25 * rng.normal(size=(len(place), dimension)) * (rng.random((len(place), 1)) < 0.3)
        view, away = rng.normal(size=dimension), np.zeros(dimension)
        for row, step in zip(place, steps, strict=True):
            away = 0.9 * away + step
            found[row] = view + away
        found[place] += 0.03 * rng.normal(size=(len(place), dimension))
    return _unit(found)


def disorder(rows: int, dimension: int) -> Vectors:
    """Make vectors of twenty directions in any mixture: no two are near."""
    rng = np.random.default_rng(0)
    spread = rng.normal(size=(rows, 20)) @ (rng.normal(size=(20, dimension)) / 4)
    return _unit((spread + 0.15 * rng.normal(size=(rows, dimension))).astype(np.float32))


VIEWS: dict[str, Callable[[int, int], Vectors]] = {"like footage": footage, "without order": disorder}


def _vectors(name: str, vectors: Vectors, sample: int) -> None:
    import faiss

    print(f"\n{len(vectors):,} x {vectors.shape[1]} vectors, {name}")
    index, built_s = _timed(lambda: _index(vectors))
    hashes = np.zeros(len(vectors), np.int64)
    rater = Rater(index, nearness=Nearness())
    rated, rated_s = _timed(lambda: _rated(rater, vectors, hashes))
    print(f"  Winnow: index {built_s:.1f} s, all ratings {rated_s:.1f} s, {_leaders(rated):,} that are no duplicates")

    asked = np.sort(np.random.default_rng(1).choice(len(vectors), min(sample, len(vectors)), replace=False))
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    (similarity, found), flat_s = _timed(lambda: flat.search(vectors[asked], NEIGHBOURS + 1))
    flat_s *= len(vectors) / len(asked)
    _, rows = index.others(vectors[asked], own=asked, k=NEIGHBOURS)
    pairs = zip(rows, found, asked, strict=True)
    recall = np.mean([len({*mine} & ({*theirs} - {one})) / NEIGHBOURS for mine, theirs, one in pairs])
    away = np.sqrt(np.maximum(0, 2 - 2 * similarity[:, 1:])).mean(axis=1)
    off = np.abs(rated.distance[asked] / away - 1)
    print(f"  faiss, each compared with each (scaled from {len(asked):,}): {flat_s:.1f} s for the nearest alone")
    print(
        f"  {recall:.1%} of the {NEIGHBOURS} nearest found; mean distance {off.mean():.2%} off, {off.max():.1%} at most"
    )
    print(verdict(flat_s / (built_s + rated_s), FASTER, what=f"less CPU than faiss' flat index, vectors {name}"))


def _hashes(count: int, sample: int) -> None:
    import faiss

    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, count, dtype=np.uint64)
    bits = rng.integers(0, 64, (3, count // 10)).astype(np.uint64)
    hashes[: count // 10] = hashes[-(count // 10) :] ^ np.bitwise_xor.reduce(np.uint64(1) << bits)
    (i, j, _), mine_s = _timed(lambda: hamming_pairs(hashes, max_bits=MAX_BITS))
    print(f"\n{count:,} hashes, at most {MAX_BITS} of 64 bits apart\n  Winnow: {mine_s:.1f} s, {len(i):,} pairs")

    asked = hashes[:sample]
    theirs, numpy_s = _timed(lambda: sum(int((np.bitwise_count(hashes ^ one) <= MAX_BITS).sum()) for one in asked))
    numpy_s *= count / sample
    # Each hash finds itself; a pair with another of the sample is found from both sides.
    assert theirs == sample + int((i < sample).sum() + (j < sample).sum())
    binary = faiss.IndexBinaryFlat(64)
    binary.add(hashes.view(np.uint8).reshape(-1, 8))
    (limits, _, _), faiss_s = _timed(lambda: binary.range_search(asked.view(np.uint8).reshape(-1, 8), MAX_BITS + 1))
    faiss_s *= count / sample
    assert int(limits[-1]) == theirs
    print(f"  numpy, each with each (scaled from {sample:,}): {numpy_s:.0f} s; faiss' binary index: {faiss_s:.0f} s")
    what = "less CPU than the better of the plain ways"
    print(verdict(min(numpy_s, faiss_s) / mine_s, FASTER_HASHES, what=what))


def _index(vectors: Vectors) -> NeighbourIndex:
    index = NeighbourIndex(vectors.shape[1], rows=len(vectors), sample=vectors[:: max(1, len(vectors) // 100_000)])
    for start in range(0, len(vectors), BLOCK):
        index.add(vectors[start : start + BLOCK])
    return index


def _rated(rater: Rater, vectors: Vectors, hashes: NDArray[np.int64]) -> Rated:
    return joined([rater.rate(vectors[s : s + BLOCK], hashes[s : s + BLOCK]) for s in range(0, len(vectors), BLOCK)])


def _leaders(rated: Rated) -> int:
    return int((rated.leader == np.arange(len(rated.leader))).sum())


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started_s = time.process_time()
    return work(), time.process_time() - started_s


if __name__ == "__main__":
    sys.exit(main())
