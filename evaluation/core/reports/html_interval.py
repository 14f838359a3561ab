"""A figure and its interval against what is needed, as a drawing."""

from dataclasses import dataclass
from math import floor, log10

from evaluation.core.reports.markup import Markup, el
from evaluation.core.reports.words import figure, interval, interval_of, needed, value_of
from evaluation.core.results import Readiness, ScenarioRecord

WIDTH, BAR, LABELS = 320.0, 28.0, 18.0
PAD = 6.0
END_LABEL_ROOM = 34.0


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    def x(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return PAD + (WIDTH - 2 * PAD) * (inside - self.low) / (self.high - self.low)


def scenario_bar(one: ScenarioRecord, *, has_labels: bool = False) -> Markup:
    """Draw a scenario's interval, with the side that is good enough shaded; the ends of the scale below it if asked."""
    scale = _scale_of(one)
    at = scale.x(one.threshold)
    good = (at, WIDTH - PAD - at) if one.is_higher_better else (PAD, at - PAD)
    said = f"{value_of(one)}, interval {interval_of(one)}, needed {needed(one)}"
    parts = [
        el("rect", class_="good", x=good[0], y=4, width=max(good[1], 0.0), height=BAR - 8, rx=2),
        *_track(), *_zero(one, scale), *_interval(one.low, one.high, one.value, scale, one.verdict),
        el("line", class_="threshold", x1=at, x2=at, y1=2, y2=BAR - 2),
    ]  # fmt: skip
    if has_labels:
        parts += _labels(one, scale, at)
    return _drawing(parts, said, LABELS if has_labels else 0)


def readiness_bar(ready: Readiness) -> Markup:
    """Draw the weighted figure's interval from 0 to 1."""
    said = f"{figure(ready.value, '')}, interval {interval(ready.low, ready.high, '')}"
    parts = [*_track(), *_interval(ready.low, ready.high, ready.value, _Scale(0, 1), "plain")]
    return _drawing(parts, said, 0)


def _drawing(parts: list[Markup], said: str, more_height: float) -> Markup:
    size = f"0 0 {WIDTH:.0f} {BAR + more_height:.0f}"
    return el("svg", el("title", said), parts, viewBox=size, class_="interval", role="img", aria_label=said)


def _track() -> list[Markup]:
    return [el("line", class_="track", x1=PAD, x2=WIDTH - PAD, y1=BAR / 2, y2=BAR / 2)]


def _zero(one: ScenarioRecord, scale: _Scale) -> list[Markup]:
    at = scale.x(0)
    return [el("line", class_="zero", x1=at, x2=at, y1=8, y2=BAR - 8)] if one.is_relative else []


def _interval(
    low: float | None, high: float | None, value: float | None, scale: _Scale, verdict: str
) -> list[Markup]:  # fmt: skip
    parts = []
    if low is not None and high is not None:
        left, right = scale.x(low), scale.x(high)
        wide = max(right - left, 2.0)
        parts.append(el("rect", class_=f"range {verdict}", x=left, y=BAR / 2 - 4, width=wide, height=8, rx=4))
    if value is not None:
        parts.append(el("circle", class_=f"value {verdict}", cx=scale.x(value), cy=BAR / 2, r=4.5))
    return parts


def _labels(one: ScenarioRecord, scale: _Scale, at: float) -> list[Markup]:
    y, sign = BAR + 12, one.is_relative
    marks = [el("text", needed(one), class_="strong", x=min(max(at, 40), WIDTH - 40), y=y, text_anchor="middle")]
    if at > PAD + 40 + END_LABEL_ROOM:
        marks.append(el("text", figure(scale.low, one.unit, signed=sign), x=PAD, y=y))
    if at < WIDTH - PAD - 40 - END_LABEL_ROOM:
        marks.append(el("text", figure(scale.high, one.unit, signed=sign), x=WIDTH - PAD, y=y, text_anchor="end"))
    return marks


def _scale_of(one: ScenarioRecord) -> _Scale:
    shown = [abs(value) for value in (one.low, one.high, one.value, one.threshold) if value is not None]
    if one.is_relative:
        end = _nice(max(shown) * 1.05)
        return _Scale(-end, end)
    if not one.unit:
        return _Scale(0, 1)
    return _Scale(0, _nice(max(shown) * 1.05))


def _nice(value: float) -> float:
    """Round up to 1, 2, 2.5 or 5 times a power of ten; 1 for 0."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next((step * power for step in (1, 2, 2.5, 5) if value <= step * power * (1 + 1e-9)), 10 * power)
