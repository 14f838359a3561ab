"""How long an event goes on before a model sees it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from curation.core.params import param
from curation.core.types import FloatArray, IntArray
from evaluation.core.event_matching import delays
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights
from evaluation.core.metrics.event_parts import part_of, ratio, support_of, usable_score

_CELLS = 4_000_000
"""Cells of replicates by events that are worked on at once."""


@dataclass(frozen=True)
class TimeToDetection:
    """Seconds from an event's start to the first look that sees its label: the mean, or a quantile. An event that is
    missed counts with its whole length, so that missing the hard ones does not make a model quick."""

    kind: ClassVar[str] = "time_to_detection"
    source: ClassVar[Source] = "events"
    unit: ClassVar[str] = "s"
    is_higher_better: ClassVar[bool] = False

    score: float | None = param(
        None, help="Score from which a look sees the label; none: the operating point.", minimum=0, maximum=1
    )
    quantile: float | None = param(
        None, help="This share of the events is seen in the time or sooner; none: the mean.", minimum=0.01, maximum=1
    )

    @property
    def title(self) -> str:
        what = "mean time to detection" if self.quantile is None else f"time to detection of {self.quantile:.0%}"
        return what if self.score is None else f"{what} at score {self.score:g}"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) seconds, NaN where there is no event."""
        evidence, chosen = part_of(part)
        stretch, seconds = delays(evidence, score=usable_score(self.score, evidence))
        ours = chosen[stretch]
        group, seconds = evidence.group[stretch[ours]], seconds[ours]
        if self.quantile is not None:
            return _quantiles(seconds, group, weights, share=self.quantile)
        summed = np.bincount(group, weights=seconds, minlength=evidence.group_count)
        return ratio(weights, summed, np.bincount(group, minlength=evidence.group_count))

    def step(self, part: BoxPart | EventPart) -> float | None:
        """Return by how much the figure would rise if each event were seen one look later; None without looks."""
        evidence, chosen = part_of(part)
        steps = [np.diff(evidence.stretches[index].pts_us) for index in np.flatnonzero(chosen)]
        between = np.concatenate([np.empty(0, np.int64), *steps])
        return float(np.median(between)) / 1e6 if len(between) else None

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(*part_of(part), only_with_events=True)


def _quantiles(seconds: NDArray[np.float64], group: IntArray, weights: Weights, *, share: float) -> NDArray[np.float64]:
    """Return, for each row of weights, the least of the (E,) times by which at least a share of the events is seen."""
    found = np.full(len(weights), np.nan)
    if not len(seconds):
        return found
    order = np.argsort(seconds, kind="stable")
    times, group = seconds[order], group[order]
    rows = max(1, _CELLS // len(times))
    for start in range(0, len(weights), rows):
        seen = np.cumsum(weights[start : start + rows][:, group], axis=1, dtype=np.float64)
        # A hair less, so that 0.3 of 10 events is the third one.
        enough = seen >= share * seen[:, -1:] * (1 - 1e-12)
        times_here = times[np.argmax(enough, axis=1)]
        found[start : start + rows] = np.where(seen[:, -1] > 0, times_here, np.nan)
    return found
