"""How far two distributions lie apart: the Jensen-Shannon divergence, in bits.

It is the divergence, not the distance that is its square root (scipy's `jensenshannon` gives the distance): 0 where the
two are the same, 1 where they share no value, and symmetric. Each value's part in it is known and never negative, so
that the parts say which values are to blame, rare ones that are absent before common ones that are a little off.
Source: Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information Theory 37(1), 1991.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def shares_of(counts: ArrayLike) -> NDArray[np.float64] | None:
    """Scale (K,) counts or weights, none negative, to shares that add up to 1; None where they add up to nothing.

    Frames without a value are no value: leave them out of the counts, and say beside the figure how many they are.
    Raises ValueError for a negative count, and for one that is not finite."""
    weights = np.asarray(counts, np.float64)
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise ValueError(f"shares_of: counts are {weights.tolist()}; they must be finite and not negative.")
    # Scaled first: the sum of very large or very small weights would leave what a float can hold.
    largest = float(weights.max(initial=0.0))
    if largest == 0.0:
        return None
    scaled = weights / largest
    shares: NDArray[np.float64] = scaled / scaled.sum()
    return shares


def parts(left: ArrayLike, right: ArrayLike) -> NDArray[np.float64] | None:
    """Tell each value's part in the divergence of two distributions: (K,), none negative, their sum is the divergence.

    left and right are (K,) counts or shares of the same values, without what is missing; None where either is empty.
    parts([1, 0], [0, 1]) -> [0.5, 0.5]. Raises ValueError for two lengths, and for negative counts."""
    p, q = shares_of(left), shares_of(right)
    if np.shape(left) != np.shape(right):
        raise ValueError(f"parts: {np.shape(left)} and {np.shape(right)} values cannot be compared.")
    if p is None or q is None:
        return None
    middle = (p + q) / 2
    found: NDArray[np.float64] = (_half(p, middle) + _half(q, middle)) / 2
    return np.maximum(found, 0.0)  # rounding can leave a part of equal shares a hair below 0


def jensen_shannon(left: ArrayLike, right: ArrayLike) -> float | None:
    """Tell how far two distributions lie apart, 0 (the same) to 1 (no value in common), in bits.

    left and right are as in `parts`; None where either is empty, since then nothing is known."""
    found = parts(left, right)
    return None if found is None else min(1.0, float(found.sum()))


def _half(shares: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    """p log2(p / m), which is 0 where p is: a value that is absent from both has no part."""
    ratio = np.divide(shares, middle, out=np.ones_like(shares), where=(shares > 0) & (middle > 0))
    result: NDArray[np.float64] = shares * np.log2(ratio)
    return result
