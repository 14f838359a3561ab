"""Bounds of numbers, exact where floats and columns of whole numbers are not."""

import math
from decimal import Decimal
from typing import TypeAlias

from curation.core.query.nodes import Equals, Exists, Like, Range

Leaf: TypeAlias = Equals | Range | Exists | Like
BIGGEST = 2**63 - 1
"""What a column of whole numbers can hold."""


def number_bounds(leaf: Range) -> list[tuple[str, int | float]]:
    """List what a range asks of a number; [* TO *] asks nothing, but that there is one."""
    bounds: list[tuple[str, int | float]] = []
    if isinstance(leaf.low, int | float):
        bounds.append((">=" if leaf.include_low else ">", leaf.low))
    if isinstance(leaf.high, int | float):
        bounds.append(("<=" if leaf.include_high else "<", leaf.high))
    return bounds


def whole_bounds(leaf: Equals | Range, *, scale: int = 1) -> tuple[int | None, int | None] | None:
    """Return the lowest and highest whole number that a condition allows, None where it sets no bound; None for none.

    The numbers count units of which `scale` are the field's own: `pts_s:>1.5` with scale 1,000,000 is (1500001, None).
    """
    if isinstance(leaf, Equals):
        if not isinstance(leaf.value, int | float):
            raise TypeError(f"{leaf.field.name} cannot be {leaf.value!r}.")
        number = round(leaf.value * scale, 3) if scale > 1 else leaf.value
        low = high = round(number) if scale > 1 else number
        if low != int(low):
            return None
    else:
        low, high = -math.inf, math.inf
        if isinstance(leaf.low, int | float):
            low = _first(leaf.low * scale, leaf.include_low)
        if isinstance(leaf.high, int | float):
            high = _last(leaf.high * scale, leaf.include_high)
    if low > high or low > BIGGEST or high < -BIGGEST:
        return None
    return (int(low) if low >= -BIGGEST else None, int(high) if high <= BIGGEST else None)


def float_bound(sign: str, bound: int | float) -> tuple[str, float]:
    """Say what to ask of floats that stand for their shortest decimal, to compare those decimals with a bound.

    float_bound(">", 2**53 + 1) -> (">", 9007199254740992.0): no float is between the two."""
    nearest = float(bound)
    written, exact = Decimal(repr(nearest)), Decimal(repr(bound))
    if written == exact:
        return sign, nearest
    return (">=" if written > exact else ">", nearest) if sign.startswith(">") else (
        ("<" if written > exact else "<=", nearest)
    )  # fmt: skip


def _first(bound: float, included: bool) -> int:
    return math.ceil(bound) if included or bound != math.ceil(bound) else int(bound) + 1


def _last(bound: float, included: bool) -> int:
    return math.floor(bound) if included or bound != math.floor(bound) else int(bound) - 1
