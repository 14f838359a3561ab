"""Comparisons in words."""

from types import MappingProxyType
from typing import Final

from evaluation.core.comparison_record import Change, ChangedObject, ComparisonRecord, ScenarioComparison
from evaluation.core.reports.words import NONE, figure, interval

SIGNS: Final = MappingProxyType({"better": "▲", "worse": "▼", "same": "=", "unknown": "?"})
ORDER: Final[tuple[Change, ...]] = ("same", "better", "unknown", "worse")


def worse_last(record: ComparisonRecord) -> list[ScenarioComparison]:
    """Order scenarios so that what needs a look stands last: critical ones that became worse."""
    return sorted(record.scenarios, key=lambda one: (ORDER.index(one.verdict), one.critical))


def worse_first(record: ComparisonRecord) -> list[ScenarioComparison]:
    return sorted(record.scenarios, key=lambda one: (-ORDER.index(one.verdict), not one.critical))


def tally(record: ComparisonRecord) -> str:
    """Sum verdicts up: "1 worse, 2 unknown, 3 better"."""
    said = [f"{record.count(word):,} {word}" for word in reversed(ORDER) if record.count(word)]
    return ", ".join(said) or "no scenarios"


def sentence(record: ComparisonRecord) -> str:
    """Say in one sentence what the comparison came to."""
    worse = [one for one in record.scenarios if one.verdict == "worse"]
    critical = sum(one.critical for one in worse)
    if worse:
        said = f"{record.model_b} is worse than {record.model_a} in {_scenarios(len(worse))}"
        if len(worse) == 1:
            return said + (", a critical one." if critical else ", which is not critical.")
        return said + f", {critical or 'none'} of them critical."
    if not record.scenarios:
        return "There are no scenarios to compare."
    if record.count("unknown"):
        return f"{record.model_b} is worse in none for sure, but {_scenarios(record.count('unknown'))} cannot be told."
    better = record.count("better")
    gain = f", and better in {_scenarios(better)}" if better else ""
    return f"{record.model_b} is worse than {record.model_a} in none{gain}."


def figures(one: ScenarioComparison) -> tuple[str, str, str, str]:
    """Write both figures, their difference and its interval."""
    return (
        figure(one.a, one.unit), figure(one.b, one.unit), figure(one.difference, one.unit, signed=True),
        interval(one.low, one.high, one.unit, apart_from=0.0),
    )  # fmt: skip


def changed(one: ScenarioComparison) -> str:
    """Say how many objects became found and how many became missed: "+40 -1"."""
    counts = (max(one.fixed_count, len(one.fixed)), max(one.broken_count, len(one.broken)))
    return f"+{counts[0]:,} -{counts[1]:,}" if any(counts) else NONE


def place(thing: ChangedObject) -> str:
    """Say which object it is: its label, frame, camera and moment."""
    where = f" of {thing.camera}" if thing.camera else ""
    box = ", ".join(f"{side:.0f}" for side in thing.box)
    return f"{thing.label} in frame {thing.frame_id}{where} at {thing.pts_us / 1e6:.2f} s, box {box}"


def _scenarios(count: int) -> str:
    return f"{count:,} scenario{'' if count == 1 else 's'}"
