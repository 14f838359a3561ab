"""Figures, verdicts and names as all reports write them."""

import unicodedata
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode, urlsplit

from evaluation.core.results import RunRecord, ScenarioRecord

VERDICTS: Final = MappingProxyType({"pass": "pass", "fail": "FAIL", "inconclusive": "inconclusive"})
MARKS: Final = MappingProxyType({"pass": "✓", "fail": "✗", "inconclusive": "?"})
RUN_VERDICTS: Final = MappingProxyType({"ready": "Ready", "failed": "Not ready", "undecided": "Undecided"})
NONE: Final = "–"
_SUFFIXES = {"s": " s", "1/h": "/h", "objects": ""}
_MOST_DECIMALS = 6


def figure(value: float | None, unit: str, *, signed: bool = False, apart_from: float | None = None) -> str:
    """Write a figure: shares with three decimals, all else with two and its unit.

    More decimals where it would look like `apart_from` but is not.

    >>> figure(0.93124, ""), figure(1.84, "s"), figure(0.013, "", signed=True), figure(None, "")
    ('0.931', '1.84 s', '+0.013', '–')
    >>> figure(0.89996, "", apart_from=0.9)
    '0.89996'
    """
    if value is None:
        return NONE
    return number(value, unit, signed=signed, apart_from=apart_from) + suffix(unit)


def number(value: float, unit: str, *, signed: bool = False, apart_from: float | None = None) -> str:
    """Write a figure without its unit."""
    sign = "+" if signed else ""
    for decimals in range(_decimals(unit), _MOST_DECIMALS + 1):
        text = f"{value:{sign}.{decimals}f}"
        if apart_from is None or value == apart_from or float(text) != round(apart_from, decimals):
            break
    return f"{0.0:{sign}.{decimals}f}" if float(text) == 0 else text


def suffix(unit: str) -> str:
    """Say what stands behind a figure: nothing for shares and for counts of objects."""
    return _SUFFIXES.get(unit, f" {clean(unit)}" if unit else "")


def interval(low: float | None, high: float | None, unit: str, *, apart_from: float | None = None) -> str:
    """Write an interval.

    >>> interval(0.9, 0.95, ""), interval(1.2, 2.4, "s"), interval(None, None, "")
    ('[0.900, 0.950]', '[1.20, 2.40] s', '–')
    """
    if low is None or high is None:
        return NONE
    ends = (number(end, unit, apart_from=apart_from) for end in (low, high))
    return f"[{', '.join(ends)}]{suffix(unit)}"


def value_of(scenario: ScenarioRecord) -> str:
    """Write a scenario's figure; with its sign where it is a difference from the baseline's."""
    return figure(
        scenario.value, scenario.unit, signed=scenario.is_relative, apart_from=scenario.threshold
    )  # fmt: skip


def interval_of(scenario: ScenarioRecord) -> str:
    return interval(scenario.low, scenario.high, scenario.unit, apart_from=scenario.threshold)


def needed(scenario: ScenarioRecord) -> str:
    """Write what a scenario's figure must reach: "≥ 0.850", "≤ 2.50 s"; "≥ -0.020" of a difference."""
    decimals = _decimals(scenario.unit)
    while decimals < _MOST_DECIMALS and round(scenario.threshold, decimals) != scenario.threshold:
        decimals += 1
    text = f"{scenario.threshold:{'+' if scenario.is_relative else ''}.{decimals}f}"
    return f"{'≥' if scenario.is_higher_better else '≤'} {text}{suffix(scenario.unit)}"


def severity(scenario: ScenarioRecord) -> int:
    """Rank verdicts: passed, inconclusive, inconclusive though critical, failed, failed and critical."""
    return {"pass": 0, "inconclusive": 1, "fail": 3}[scenario.verdict] + (
        scenario.critical and scenario.verdict != "pass"
    )


def failures_last(record: RunRecord) -> list[ScenarioRecord]:
    """Order scenarios for a terminal, where the end is what one sees."""
    return sorted(record.scenarios, key=severity)


def failures_first(record: RunRecord) -> list[ScenarioRecord]:
    """Order scenarios for a page, where the beginning is what one sees."""
    return sorted(record.scenarios, key=lambda scenario: -severity(scenario))


def counts(scenarios: Iterable[ScenarioRecord]) -> dict[str, int]:
    """Count verdicts, in the order in which they are told; those that nobody has are left out."""
    found = [scenario.verdict for scenario in scenarios]
    named = {"failed": "fail", "inconclusive": "inconclusive", "passed": "pass"}
    return {word: found.count(verdict) for word, verdict in named.items() if verdict in found}


def tally(scenarios: Iterable[ScenarioRecord]) -> str:
    """Sum verdicts up: "1 failed, 2 inconclusive, 9 passed"."""
    return ", ".join(f"{count:,} {word}" for word, count in counts(scenarios).items()) or "no scenarios"


def weighted(record: RunRecord) -> str | None:
    """Say the figure that is weighted by shares expected in use; None where no scenario names its share."""
    ready = record.readiness
    if ready.value is None:
        return None
    ends = f" {interval(ready.low, ready.high, '')}" if ready.low is not None else ""
    return f"Weighted by expected use{coverage(record)}: {figure(ready.value, '')}{ends}."


def coverage(record: RunRecord) -> str:
    """Say how much of the expected use the scenarios cover: ", 80% of which is tested"; "" where it is all."""
    share = record.readiness.covered_share
    return "" if share >= 0.995 else f", {share:.0%} of which is tested"


def finality(record: RunRecord) -> str | None:
    """Say that a run is the final evaluation, and how often its hold-out was used before; None of any other."""
    if not record.is_final:
        return None
    times = {0: "never used before", 1: "used once before"}.get(
        record.previous_uses, f"used {record.previous_uses} times before"
    )
    return f"Final evaluation on a locked hold-out, {times}."


def clean(text: str) -> str:
    """Make a text from outside safe to lay out: one line, no control characters, nothing that turns its direction.

    >>> clean("a\\x1b[31m\\nb")
    'a�[31m b'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if sign in "\n\r\t\u2028\u2029" else "�" if _is_unsafe(sign) else sign for sign in text)


def frames_url(base_url: str, query: str) -> str:
    """Make the link to the frames of a query in the dashboard; "" without a base URL, and without a query.

    base_url is the service's address, or its dashboard's. Raises ValueError where it is no web address."""
    if not base_url:
        return ""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"base_url is {base_url!r}; it must be a web address such as https://winnow.example.")
    home = base_url.rstrip("/").removesuffix("/dashboard")
    return f"{home}/dashboard/?{urlencode({'q': query})}" if query else ""


def _decimals(unit: str) -> int:
    return 2 if unit else 3


def _is_unsafe(sign: str) -> bool:
    # Cf holds the marks that turn text round, and also the joiners of emoji and of some scripts, which are harmless.
    kind = unicodedata.category(sign)
    return kind in ("Cc", "Cs", "Cn") or (kind == "Cf" and sign not in "\u200c\u200d") or sign in "\ufffe\uffff"
