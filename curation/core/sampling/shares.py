"""From shares to whole numbers of frames, and from text to shares."""

import re
from dataclasses import dataclass

import numpy as np

from curation.core.types import FloatArray, IntArray

_SAID = re.compile(r"(?P<least>>=)?\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>%|frames?\b)\s*(?P<query>.*)", re.DOTALL)
FORM = "write it as '40% lighting:dark', '>=40% lighting:dark' (at least) or '50 frames lighting:dark'"


@dataclass(frozen=True)
class Ask:
    """What one quota asks for: a share of the frames in percent, or a number of them."""

    query: str
    amount: float
    is_percent: bool = True
    at_least: bool = False

    def frames(self, size: float) -> float:
        """Return how many frames that is, of `size`."""
        return self.amount * size / 100 if self.is_percent else self.amount

    @property
    def amount_text(self) -> str:
        return f"{'>=' if self.at_least else ''}{self.amount:g}{'%' if self.is_percent else ' frames'}"


def read_ask(text: str, *, at_least: bool = False) -> Ask:
    """Read a quota as text. Raises ValueError.

    read_ask(">=40% lighting:dark") -> Ask("lighting:dark", 40, at_least=True)"""
    found = _SAID.fullmatch(text.strip())
    if not found or not found["query"].strip():
        raise ValueError(f"the quota {text!r} cannot be read; {FORM}.")
    return _checked(
        found["query"].strip(), float(found["number"]), found["unit"] == "%", at_least or bool(found["least"])
    )


def read_share(query: str, said: object, *, at_least: bool = False) -> Ask:
    """Read a quota whose query stands apart: 40 and "40%" are percent, ">=40%" and "50 frames" as in text."""
    if isinstance(said, str):
        return read_ask(f"{said} {query}", at_least=at_least)
    if isinstance(said, bool) or not isinstance(said, int | float):
        example = "{'lighting:dark': 40}"
        raise ValueError(f"the share of {query!r} is {said!r}; write a percentage, as in {example}.")  # noqa: TRY004
    return _checked(query.strip(), float(said), True, at_least)


def _checked(query: str, amount: float, is_percent: bool, at_least: bool) -> Ask:
    if not query:
        raise ValueError("a quota without a query asks for everything; name what it is for, as in 'lighting:dark'.")
    if is_percent and not 0 <= amount <= 100:
        raise ValueError(f"the share of {query!r} is {amount:g}%; a quota is 0 to 100 percent.")
    if not is_percent and (amount != int(amount) or amount > 1e9):
        raise ValueError(f"the quota of {query!r} is {amount:g} frames; it must be a whole number.")
    return Ask(query, amount, is_percent, at_least)


def whole_counts(parts: FloatArray) -> IntArray:
    """Round (K,) numbers so that their sum is the rounded sum; those with the largest remainders are rounded up.

    whole_counts([3.3, 3.3, 3.4]) -> [3, 3, 4]. Of equal remainders the first."""
    exact = np.round(np.asarray(parts, np.float64), 9)
    counts = np.floor(exact).astype(np.int64)
    extra = int(np.rint(exact.sum())) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:extra]] += 1
    return counts
