"""What is lacking, the worst first, each in a sentence with a query that finds frames against it.

One scale puts all kinds in order: what the gap adds to the Jensen-Shannon divergence from what is wanted. A value's is
its part; a combination that is absent, and a share of frames of which the value is not known, add half of their share
(that is the part of a value that only one side has). Critical combinations come before all else: somebody said so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from curation.core.coverage import Coverage, CriticalCover
from curation.core.divergence import parts
from curation.core.profile import Distribution, ValueShare
from curation.core.value_queries import inside, outside

Kind: TypeAlias = Literal["critical", "value", "combination", "unknown"]
LEAST_PART = 0.0005
"""Smaller parts are not worth a sentence: 30% where 33% is expected has 0.0005."""
LEAST_UNKNOWN_SHARE = 0.05
LEAST_FRAMES_BY_CHANCE = 3.0
"""An absent combination is told of where at least so many frames would have it if the two factors had nothing to do
with each other. Rule of three: then it is absent by chance once in twenty times."""
HOW_TO_KNOW: Mapping[str, str] = {
    "tagger": "Run a cascade whose taggers tell it.",
    "camera": "Set it in the attributes of their cameras.",
    "rules": "No rule holds for them: add one to the operating conditions.",
    "prompts": "Run a cascade that embeds them with a model that reads text, or lower the factor's threshold.",
    "people": "Tag them by hand.",
}


@dataclass(frozen=True)
class Gap:
    """Something that is lacking. `query` finds frames against it outside the profiled query where there are any
    (`elsewhere` of them), else it shows those that there are."""

    kind: Kind
    severity: float
    text: str
    query: str
    elsewhere: int


@dataclass(frozen=True)
class Difference:
    """A value whose share differs from that in the other set. `query` shows the frames that only one of them has."""

    factor: str
    value: str
    share: float
    other_share: float
    part: float
    text: str
    query: str


@dataclass(frozen=True)
class Place:
    """Where gaps were looked for."""

    query: str
    free: str = ""
    """A condition that frames from elsewhere must meet: `held_out:false` where some are held out."""

    def find(self, condition: str, elsewhere: int) -> str:
        """Write the query that finds frames of a condition elsewhere; here, where there are none."""
        if not elsewhere or not self.query.strip():
            return inside(self.query, condition)
        return outside(self.query, f"{condition} AND {self.free}" if self.free else condition)

    def advice(self, elsewhere: int) -> str:
        """Say where more frames are to be had."""
        if elsewhere:
            return f"{elsewhere:,} more {'is' if elsewhere == 1 else 'are'} in the collection outside this query."
        if self.query.strip():
            return "The rest of the collection has none: take in footage that shows it."
        return "Take in footage that shows it."


def critical_gap(cover: CriticalCover, *, place: Place, elsewhere: int) -> Gap | None:
    """Tell how far a critical combination falls short; None where it is met."""
    if not cover.short_by:
        return None
    text = f"Critical: {cover.name} ({cover.query}) has {cover.frames:,} of at least {cover.least_frames:,} frames."
    return Gap(
        "critical",
        1.0 + cover.short_by / cover.least_frames,
        f"{text} {place.advice(elsewhere)}",
        place.find(cover.query, elsewhere),
        elsewhere,
    )


def value_gaps(found: Distribution, *, place: Place, elsewhere: Mapping[str, int]) -> list[Gap]:
    """Tell which values fall short of their expected share. elsewhere: value -> frames outside the profiled query."""
    shares = [(value.share or 0.0, value.expected or 0.0) for value in found.values]
    by_part = parts([share for share, _ in shares], [expected for _, expected in shares]) if shares else None
    if found.divergence is None or by_part is None:
        return []
    return [
        _value_gap(found, value, float(part), place, elsewhere.get(value.value, 0))
        for value, (share, expected), part in zip(found.values, shares, by_part, strict=True)
        if share < expected and part >= LEAST_PART
    ]


def unknown_gap(found: Distribution, origin: str, *, place: Place) -> Gap | None:
    """Tell of how many frames a factor's value is not known; None where they are few."""
    total = found.known + found.missing
    if not total or found.missing / total < LEAST_UNKNOWN_SHARE:
        return None
    share = found.missing / total
    whose = "any frame" if not found.known else f"{percent(share)} of the frames ({found.missing:,})"
    text = f"{found.factor} is not known of {whose}. {HOW_TO_KNOW.get(origin, '')}".strip()
    return Gap("unknown", share / 2, text, inside(place.query, found.missing_query), 0)


def combination_gaps(matrix: Coverage, *, place: Place, elsewhere: Mapping[tuple[str, str], int]) -> list[Gap]:
    """Tell which combinations are absent though both their values are there, and more than chance explains."""
    down = {value for value, row in zip(matrix.first_values, matrix.counts, strict=True) if any(row)}
    columns = zip(*matrix.counts, strict=True) if matrix.counts else ()
    across = {value for value, column in zip(matrix.second_values, columns, strict=False) if any(column)}
    how = "is expected" if matrix.weights_are_expected else "would be likely"
    gaps = []
    for absent in matrix.absent:
        if absent.first not in down or absent.second not in across:
            continue  # the value itself is lacking, which is said once and not for each of its combinations
        if absent.weight * matrix.known < LEAST_FRAMES_BY_CHANCE:
            continue
        more = elsewhere.get((absent.first, absent.second), 0)
        text = f"No frame has {absent.query}, though {percent(absent.weight)} {how}. {place.advice(more)}"
        gaps.append(Gap("combination", absent.weight / 2, text, place.find(absent.query, more), more))
    return gaps


def differences(found: Distribution, *, place: Place, other: str) -> list[Difference]:
    """Tell which values' shares differ from those in the other set (a query such as `dataset:"roads@2"`)."""
    shares = [(value.share or 0.0, value.other_share or 0.0) for value in found.values]
    by_part = parts([mine for mine, _ in shares], [theirs for _, theirs in shares]) if shares else None
    if found.other_divergence is None or by_part is None:
        return []
    name = other.removeprefix("dataset:").strip('"')
    return [
        Difference(
            factor=found.factor,
            value=value.value,
            share=mine,
            other_share=theirs,
            part=float(part),
            text=f"{_named(found, value)} is {percent(mine)} of these frames and {percent(theirs)} of {name}.",
            query=outside(other, inside(place.query, value.query))
            if mine >= theirs
            else outside(place.query, inside(other, value.query)),
        )
        for value, (mine, theirs), part in zip(found.values, shares, by_part, strict=True)
        if part >= LEAST_PART
    ]


def worst_first(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Sort gaps by what they add to the divergence; of equals the first comes first."""
    return tuple(sorted(gaps, key=lambda gap: -gap.severity))


def percent(share: float) -> str:
    """Write a share: 0.1234 is 12.3%, and what is not quite nothing or all does not look as if it were."""
    if 0 < share < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.999 < share < 1 else f"{100 * share:.1f}%"


def _value_gap(found: Distribution, value: ValueShare, part: float, place: Place, elsewhere: int) -> Gap:
    share, expected = value.share or 0.0, value.expected or 0.0
    whose = "the frames of which it is known" if found.missing else "the frames"
    text = f"{_named(found, value)} is {percent(share)} of {whose}, {percent(expected)} is expected"
    # x more of these frames, and no others: (frames + x) / (known + x) = expected.
    if expected < 1:
        text += f": {math.ceil((expected * found.known - value.frames) / (1 - expected)):,} more would make it so"
    return Gap("value", part, f"{text}. {place.advice(elsewhere)}", place.find(value.query, elsewhere), elsewhere)


def _named(found: Distribution, value: ValueShare) -> str:
    return f"{found.factor}: {value.value}"
