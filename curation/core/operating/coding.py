"""Factors as small whole numbers: what counting, balancing and comparing work on."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curation.core.operating.factors import BOOLEANS, FactorSpec

CodeArray: TypeAlias = NDArray[np.int16]
MISSING = -1
"""The code of a frame that has no value for the factor."""


@dataclass(frozen=True)
class Codes:
    """One factor of (N,) frames: `codes[i]` is a place in `names`, or MISSING."""

    factor: str
    names: tuple[str, ...]
    codes: CodeArray

    def counts(self) -> NDArray[np.int64]:
        """Count the frames of each value, and, last, those without one: (len(names) + 1,)."""
        return np.bincount(np.where(self.codes == MISSING, len(self.names), self.codes), minlength=len(self.names) + 1)


def codes_of(frames: pl.DataFrame, factor: FactorSpec) -> Codes:
    """Code a factor of (N,) frames, a column of `frames`; all are MISSING where there is no such column.

    Values that the factor does not list follow behind the listed ones, in order of name."""
    if factor.name not in frames.columns:
        return Codes(factor.name, factor.values, np.full(len(frames), MISSING, np.int16))
    column = frames.get_column(factor.name)
    match factor.kind:
        case "numeric":
            return Codes(factor.name, factor.values, _binned(column, factor.edges))
        case "boolean":
            codes = column.cast(pl.Boolean, strict=False).cast(pl.Int16).fill_null(MISSING).to_numpy()
            return Codes(factor.name, BOOLEANS, codes)
    return _categories(column, factor)


def _binned(column: pl.Series, edges: tuple[float, ...]) -> CodeArray:
    values = column.cast(pl.Float64, strict=False).to_numpy()
    codes = np.searchsorted(np.asarray(edges), values, side="right").astype(np.int16)
    return np.where(np.isnan(values), np.int16(MISSING), codes)


def _categories(column: pl.Series, factor: FactorSpec) -> Codes:
    # Through the column's own dictionary: a million texts are compared once each value, not once each frame.
    coded = column if isinstance(column.dtype, pl.Categorical) else column.cast(pl.String).cast(pl.Categorical)
    physical = coded.to_physical().cast(pl.Int64).fill_null(MISSING).to_numpy()
    present = coded.unique().drop_nulls()
    words = dict(zip(present.cast(pl.String).to_list(), present.to_physical().to_list(), strict=True))
    names = (*factor.values, *sorted(set(words) - set(factor.values)))
    table = np.full(max([*words.values(), 0]) + 2, MISSING, np.int16)
    for place, name in enumerate(names):
        if name in words:
            table[words[name]] = place
    return Codes(factor.name, names, table[physical])  # MISSING is the last place of the table, which holds MISSING
