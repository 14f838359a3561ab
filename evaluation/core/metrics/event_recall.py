"""How many of the events are found."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.event_matching import Alarming, match_events
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights
from evaluation.core.metrics.event_parts import part_of, ratio, support_of, usable_score


@dataclass(frozen=True)
class EventRecall:
    """The share of events that an alarm overlaps, or covers well enough. Looks that see the label make alarms."""

    kind: ClassVar[str] = "event_recall"
    source: ClassVar[Source] = "events"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    score: float | None = param(
        None, help="Score from which a look sees the label; none: the operating point.", minimum=0, maximum=1
    )
    gap_s: float = param(2.0, help="Alarms this close are one.", unit="s", minimum=0, maximum=3600)
    shortest_s: float = param(0.0, help="Shorter alarms are dropped.", unit="s", minimum=0, maximum=3600)
    tolerance_s: float = param(
        0.0, help="An alarm may miss an event by so much and still finds it.", unit="s", minimum=0, maximum=3600
    )
    least_share: float = param(
        0.0, help="Alarms must cover this share of an event's time; 0: any overlap will do.", minimum=0, maximum=1
    )

    @property
    def title(self) -> str:
        return "event recall" if self.score is None else f"event recall at score {self.score:g}"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) shares of events found, NaN where there is no event."""
        evidence, chosen = part_of(part)
        how = Alarming(
            usable_score(self.score, evidence),
            round(self.gap_s * 1e6),
            round(self.shortest_s * 1e6),
            round(self.tolerance_s * 1e6),
        )
        matched = match_events(evidence, how)
        ours = chosen[matched.event_stretch]
        group = evidence.group[matched.event_stretch[ours]]
        is_found = matched.is_found & (matched.covered >= self.least_share)
        found = np.bincount(group, weights=is_found[ours], minlength=evidence.group_count)
        return ratio(weights, found, np.bincount(group, minlength=evidence.group_count))

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(*part_of(part), only_with_events=True)
