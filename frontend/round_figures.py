"""Drawings of rounds as SVG, pure. They show on light and dark grounds alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from activelearning.core.round_report import Figure, ScenarioTurn
from frontend.result_figures import COLOURS, QUIET
from frontend.round_records import Corners

SEED_COLOURS = {"missed": "#f87171", "false_alarm": "#fbbf24", "low_confidence": "#38bdf8"}
CANDIDATE_COLOUR = "#fbbf24"
LINE_COLOURS = ("#1d9b8a", "#7c5cd6", "#d59a2a", "#1d6fb8", "#d64545", "#8a94a3")
WIDTH, BAR_HEIGHT, PAD = 200.0, 30.0, 5.0
PLOT_WIDTH, PLOT_HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420.0, 200.0, 44.0, 12.0, 10.0, 36.0
BEFORE_HEIGHT, AFTER_HEIGHT = 4.0, 6.0


def change_svg(turn: ScenarioTurn) -> str:
    """Draw a scenario's figure before (above, pale) and after (below) with their intervals, against the threshold."""
    low, high = _scale(turn)

    def x(value: float) -> float:
        return PAD + (WIDTH - 2 * PAD) * (min(max(value, low), high) - low) / (high - low)

    at = x(turn.threshold)
    start, stop = (at, WIDTH - PAD) if turn.is_higher_better else (PAD, at)
    parts = [
        f'<rect x="{start:.1f}" y="2" width="{max(stop - start, 0):.1f}" height="{BAR_HEIGHT - 4}" rx="2" '
        f'fill="{COLOURS["pass"]}" fill-opacity=".14"/>',
        f'<path d="M{at:.1f} 1V{BAR_HEIGHT - 1}" stroke="{QUIET}" stroke-width="1.5"/>',
        *_mark(turn.before, x, y=9.0, colour=QUIET, height=BEFORE_HEIGHT, radius=3.0),
        *_mark(turn.after, x, y=20.0, colour=COLOURS[turn.after.verdict], height=AFTER_HEIGHT, radius=4.0),
    ]
    return _svg("".join(parts), WIDTH, BAR_HEIGHT)


def lines_svg(series: Mapping[str, Sequence[float | None]], *, most: float | None = None) -> str:
    """Draw lines over epochs 1, 2, …; None leaves a gap. The scale begins at 0 and ends at `most`, or above all values.

    Without any value an empty frame."""
    length = max((len(values) for values in series.values()), default=0)
    shown = [value for values in series.values() for value in values if value is not None]
    top = most if most is not None else _round_up(max(shown, default=1.0))
    wide, high = PLOT_WIDTH - LEFT - RIGHT, PLOT_HEIGHT - TOP - BOTTOM

    def x(at: int) -> float:
        return LEFT + (wide * at / (length - 1) if length > 1 else wide / 2)

    def y(value: float) -> float:
        return TOP + high * (1 - min(max(value / top, 0.0), 1.0))

    parts = [_grid(top, y), *(_epoch(at, x(at)) for at in _ticks(length))]
    for colour, values in zip(colours_of(series), series.values(), strict=True):
        parts += [_line(run, x, y, colour) for run in _runs(values)]
    return _svg("".join(parts), PLOT_WIDTH, PLOT_HEIGHT)


def colours_of(series: Mapping[str, Any]) -> list[str]:
    """Give each line its colour, in order."""
    return [LINE_COLOURS[at % len(LINE_COLOURS)] for at in range(len(series))]


def series_of(epochs: Sequence[Mapping[str, Any]], key: str) -> dict[str, list[float | None]]:
    """Turn rows of epochs into lines: {"box": [1.2, 0.9]}. What is no number is a gap."""
    names = list(dict.fromkeys(str(name) for row in epochs for name in _of(row, key)))
    return {name: [_number(_of(row, key).get(name)) for row in epochs] for name in names}


def marks_svg(boxes: Sequence[tuple[Corners, str]], *, width_px: int, height_px: int) -> str:
    """Draw boxes of given colours to be laid over a picture of that size; the last lies on top."""
    parts = []
    for (x1, y1, x2, y2), colour in boxes:
        place = f'x="{x1:.1f}" y="{y1:.1f}" width="{max(x2 - x1, 0):.1f}" height="{max(y2 - y1, 0):.1f}" rx="2"'
        line = 'vector-effect="non-scaling-stroke" fill="none"'
        parts.append(
            f'<rect {place} stroke="#000" stroke-opacity=".5" stroke-width="4" {line}/>'
            f'<rect {place} stroke="{colour}" stroke-width="2" {line}/>'
        )
    return _svg("".join(parts), width_px, height_px)


def _mark(figure: Figure, x: Any, *, y: float, colour: str, height: float, radius: float) -> list[str]:
    parts = []
    if figure.low is not None and figure.high is not None:
        left, right = x(figure.low), x(figure.high)
        parts.append(
            f'<rect x="{left:.1f}" y="{y - height / 2:g}" width="{max(right - left, 2):.1f}" height="{height:g}" '
            f'rx="{height / 2:g}" fill="{colour}" fill-opacity=".55"/>'
        )
    if figure.value is not None:
        parts.append(f'<circle cx="{x(figure.value):.1f}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>')
    return parts


def _scale(turn: ScenarioTurn) -> tuple[float, float]:
    both = (turn.before, turn.after)
    values = [turn.threshold, *(value for one in both for value in (one.low, one.high, one.value) if value is not None)]
    end = max([*map(abs, values), 1e-6]) * 1.1
    if min(values) < 0:  # a difference from a baseline
        return -end, end
    return (0.0, end) if turn.unit else (0.0, 1.0)


def _round_up(value: float) -> float:
    """Give the next number that reads well on a scale: 1, 2, 2.5 or 5 times a power of ten.

    >>> _round_up(0.7), _round_up(3.1), _round_up(0.0)
    (1.0, 5.0, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 < value:
        power *= 10
    return next(power * step for step in (1, 2, 2.5, 5, 10) if power * step >= value * (1 - 1e-9))


def _grid(top: float, y: Any) -> str:
    words = f'font-size="11" font-family="sans-serif" fill="{QUIET}"'
    return "".join(
        f'<path d="M{LEFT} {y(top * t):.1f}H{PLOT_WIDTH - RIGHT}" stroke="{QUIET}" stroke-opacity=".3"/>'
        f'<text x="{LEFT - 6}" y="{y(top * t) + 4:.1f}" text-anchor="end" {words}>{top * t:g}</text>'
        for t in (0, 0.5, 1)
    ) + (
        f'<text x="{(LEFT + PLOT_WIDTH - RIGHT) / 2:.1f}" y="{PLOT_HEIGHT - 4:g}" text-anchor="middle" {words}>'
        "epoch</text>"
    )


def _ticks(length: int) -> list[int]:
    return sorted({0, (length - 1) // 2, length - 1}) if length else []


def _epoch(at: int, x: float) -> str:
    words = f'font-size="11" font-family="sans-serif" fill="{QUIET}"'
    return f'<text x="{x:.1f}" y="{PLOT_HEIGHT - BOTTOM + 15:g}" text-anchor="middle" {words}>{at + 1}</text>'


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Cut a line at its gaps."""
    runs: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((at, value))
    return [run for run in runs if run]


def _line(run: Sequence[tuple[int, float]], x: Any, y: Any, colour: str) -> str:
    points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in run)
    last_at, last = run[-1]
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'
        f'<circle cx="{x(last_at):.1f}" cy="{y(last):.1f}" r="3" fill="{colour}"/>'
    )


def _of(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = row.get(key)
    return found if isinstance(found, Mapping) else {}


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and -1e12 < value < 1e12 else None


def _svg(parts: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{parts}</svg>'
    )
