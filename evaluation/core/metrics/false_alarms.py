"""How often a model cries wolf."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.event_matching import Alarming, match_events
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights
from evaluation.core.metrics.event_parts import hours, part_of, ratio, support_of, usable_score


@dataclass(frozen=True)
class FalseAlarms:
    """False alarms for each hour of a camera's footage: what of an alarm lies outside all events. An alarm that never
    ends is false again in each pause between events."""

    kind: ClassVar[str] = "false_alarms"
    source: ClassVar[Source] = "events"
    unit: ClassVar[str] = "1/h"
    is_higher_better: ClassVar[bool] = False

    score: float | None = param(
        None, help="Score from which a look sees the label; none: the operating point.", minimum=0, maximum=1
    )
    gap_s: float = param(2.0, help="Alarms this close are one.", unit="s", minimum=0, maximum=3600)
    shortest_s: float = param(0.0, help="Shorter alarms are dropped.", unit="s", minimum=0, maximum=3600)
    tolerance_s: float = param(
        2.0, help="An alarm may begin so long before an event and end so long after it.", unit="s",
        minimum=0, maximum=3600,
    )  # fmt: skip

    @property
    def title(self) -> str:
        return "false alarms" if self.score is None else f"false alarms at score {self.score:g}"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) false alarms an hour, NaN where there is no footage."""
        evidence, chosen = part_of(part)
        how = Alarming(
            usable_score(self.score, evidence),
            round(self.gap_s * 1e6),
            round(self.shortest_s * 1e6),
            round(self.tolerance_s * 1e6),
        )
        false = match_events(evidence, how).alarm_stretch
        group = evidence.group[false[chosen[false]]]
        return ratio(weights, np.bincount(group, minlength=evidence.group_count), hours(evidence, chosen))

    def step(self, part: BoxPart | EventPart) -> float | None:
        """Return by how much the figure would rise if each group had one more false alarm; None without footage.

        An interval around "none at all" needs it."""
        evidence, chosen = part_of(part)
        all_hours = float(hours(evidence, chosen).sum())
        return self.support(part).groups / all_hours if all_hours else None

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(*part_of(part), only_with_events=False)
