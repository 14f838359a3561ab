"""Some frames more likely than others: by query, or by a number such as uniqueness."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from curation.core.params import param
from curation.core.sampling.contract import Candidates, Layout
from curation.core.sampling.random import OneCell
from curation.core.types import FloatArray


@dataclass(frozen=True)
class Weighted:
    """Gives every frame a chance in proportion to its weight, without drawing one twice.

    The weight is that of each query that the frame matches, times the number, where one is named."""

    kind: ClassVar[str] = "weighted"
    needs_size: ClassVar[bool] = True

    weights: dict[str, Any] = param({}, help="A weight for each query, as in {'lighting:dark': 3}; 1 where none holds.")
    field: str = param("", help="A number to weigh by, such as uniqueness.")
    power: float = param(
        1.0, help="The number is raised to this power: 2 prefers more strongly.", minimum=-8, maximum=8
    )
    unknown: float = param(0.0, help="What the number counts as where it is not known.", minimum=0)

    def __post_init__(self) -> None:
        if not self.weights and not self.field:
            raise ValueError("there is nothing to weigh by; give `weights` by query, a `field`, or both.")
        for query, weight in self.weights.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1e9:
                raise ValueError(f"the weight of {query!r} is {weight!r}; it must be a number from 0.")
            if not query.strip():
                raise ValueError("a weight without a query weighs everything; name what it is for.")

    def lay_out(self, candidates: Candidates, *, size: int | None) -> Layout:
        """Order candidates by a random number that a weight makes smaller.

        Source: Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006."""
        weights = self._weights(candidates)
        may_come = weights > 0
        with np.errstate(divide="ignore"):
            keys = np.where(may_come, -np.log(candidates.chances()) / weights, np.inf)
        never = int((~may_come).sum())
        return OneCell(
            cells=np.where(may_come, 0, -1),
            cell_count=1,
            order=np.argsort(keys, kind="stable"),
            left_out={"weight 0": never} if never else {},
            size=size or 0,
        )

    def _weights(self, candidates: Candidates) -> FloatArray:
        weights: FloatArray = np.ones(len(candidates))
        for query, weight in self.weights.items():
            weights = np.where(candidates.matches(query), weights * weight, weights)
        if not self.field:
            return weights
        numbers = candidates.numbers(self.field)
        known = np.isfinite(numbers)
        # Below 0 there is no chance; 0 to a negative power would be all of it.
        safe = np.where(known & (numbers > 0), numbers, 1.0)
        powered = np.where(numbers > 0, np.minimum(safe**self.power, 1e300), 1.0 if self.power == 0 else 0.0)
        weighed: FloatArray = np.minimum(weights * np.where(known, powered, self.unknown), 1e300)
        return weighed
