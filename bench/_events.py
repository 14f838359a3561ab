"""How well found stretches fit the true ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from curation.core import spans
from curation.core.types import Span


@dataclass(frozen=True)
class Score:
    """found: true events of which at least half is covered. false: events that come near no true one."""

    found: int
    true: int
    false: int

    @property
    def recall(self) -> float:
        return self.found / self.true if self.true else 1.0

    def __str__(self) -> str:
        return f"{self.found} of {self.true}, {self.false} false"


def score_events(events: Sequence[Span], truth: Sequence[Span], *, near_s: float = 2.0) -> Score:
    """Score events. Those that only reach beyond a true one are not false: tools pad them by up to 2 s."""
    near_us = round(near_s * 1e6)
    wide = [Span(max(0, span.start_us - near_us), span.end_us + near_us) for span in truth]
    covered = [2 * spans.total_us(spans.intersect([span], events)) >= span.end_us - span.start_us for span in truth]
    return Score(found=sum(covered), true=len(truth), false=sum(not spans.intersect([event], wide) for event in events))
