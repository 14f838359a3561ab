"""Drawings of test results as SVG, pure. They show on light and dark grounds alike."""

from collections.abc import Mapping, Sequence
from html import escape

from evaluation.core.results import ScenarioRecord, ShownBox

COLOURS = {"pass": "#1f9d6b", "fail": "#d64545", "inconclusive": "#b98300"}
BOX_COLOURS = {"truth": "#4ade80", "found": "#38bdf8", "missed": "#f87171", "false": "#fbbf24", "ignored": "#9aa6b5"}
QUIET = "#8a94a3"
BAR_WIDTH, BAR_HEIGHT, PAD = 200.0, 22.0, 5.0
SIDE, LEFT, BOTTOM, TOP = 200.0, 34.0, 34.0, 8.0


def interval_svg(one: ScenarioRecord) -> str:
    """Draw a figure and its interval against the threshold; the side that is good enough is shaded."""
    low, high = _scale(one)

    def x(value: float) -> float:
        return PAD + (BAR_WIDTH - 2 * PAD) * (min(max(value, low), high) - low) / (high - low)

    at, middle, colour = x(one.threshold), BAR_HEIGHT / 2, COLOURS[one.verdict]
    start, stop = (at, BAR_WIDTH - PAD) if one.is_higher_better else (PAD, at)
    parts = [
        f'<rect x="{start:.1f}" y="3" width="{max(stop - start, 0):.1f}" height="{BAR_HEIGHT - 6}" rx="2" '
        f'fill="{COLOURS["pass"]}" fill-opacity=".14"/>',
        f'<path d="M{PAD} {middle}H{BAR_WIDTH - PAD}" stroke="{QUIET}" stroke-opacity=".4"/>',
        f'<path d="M{at:.1f} 2V{BAR_HEIGHT - 2}" stroke="{QUIET}" stroke-width="1.5"/>',
    ]
    if one.low is not None and one.high is not None:
        left, right = x(one.low), x(one.high)
        parts.append(
            f'<rect x="{left:.1f}" y="{middle - 3}" width="{max(right - left, 2):.1f}" height="6" rx="3" '
            f'fill="{colour}" fill-opacity=".55"/>'
        )
    if one.value is not None:
        parts.append(f'<circle cx="{x(one.value):.1f}" cy="{middle}" r="4" fill="{colour}"/>')
    return _svg("".join(parts), BAR_WIDTH, BAR_HEIGHT)


def precision_svg(precision: Sequence[float], point: Mapping[str, float] | None) -> str:
    """Draw precision at each of the recalls 0 to 1."""
    last = max(len(precision) - 1, 1)
    line = " ".join(f"{_x(n / last):.1f},{_y(value):.1f}" for n, value in enumerate(precision))
    parts = [f'<polyline points="{line}" fill="none" stroke="#1d9b8a" stroke-width="2"/>']
    if point is not None:
        parts.append(f'<circle cx="{_x(point["recall"]):.1f}" cy="{_y(point["precision"]):.1f}" r="4" fill="#1d9b8a"/>')
    return _plot(parts, across="recall", up="precision")


def calibration_svg(bins: Sequence[Mapping[str, float]]) -> str:
    """Draw how often detections of a score are right, beside the diagonal on which they were as sure as right."""
    most = max((one["count"] for one in bins), default=1.0)
    dots = [
        f'<circle cx="{_x(one["score"]):.1f}" cy="{_y(one["precision"]):.1f}" '
        f'r="{2 + 5 * (one["count"] / most) ** 0.5:.1f}" fill="#1d9b8a" fill-opacity=".75"/>'
        for one in bins
    ]
    diagonal = f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="{QUIET}" stroke-dasharray="4 3"/>'
    return _plot([diagonal, *dots], across="score", up="precision")


def result_boxes_svg(boxes: Sequence[ShownBox], *, width_px: int, height_px: int) -> str:
    """Draw truth and detections, by what became of them, to be laid over a picture of that size."""
    unit = max(width_px, height_px) / 100
    parts = []
    for box in boxes:
        x1, y1, x2, y2 = box.box
        dash = ' stroke-dasharray="6 4"' if box.what in ("truth", "missed", "ignored") else ""
        parts.append(
            f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}" fill="none" '
            f'stroke="{BOX_COLOURS[box.what]}" stroke-width="2.5" vector-effect="non-scaling-stroke"{dash}/>'
        )
        if box.what in ("missed", "false"):
            words = escape(f"{box.kind or box.what}{f' {box.score:.2f}' if box.score is not None else ''}")
            parts.append(
                f'<text x="{x1:.1f}" y="{max(y1 - unit * 0.6, unit * 3):.1f}" font-size="{unit * 3:.1f}" '
                f'font-family="sans-serif" font-weight="600" fill="{BOX_COLOURS[box.what]}" stroke="#000" '
                f'stroke-opacity=".65" stroke-width="{unit * 0.5:.2f}" paint-order="stroke">{words}</text>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px} {height_px}" width="{width_px}" '
        f'height="{height_px}">{"".join(parts)}</svg>'
    )


def _scale(one: ScenarioRecord) -> tuple[float, float]:
    shown = [abs(value) for value in (one.low, one.high, one.value, one.threshold) if value is not None]
    end = max([*shown, 1e-6]) * 1.1
    if one.is_relative:
        return -end, end
    return (0.0, end) if one.unit else (0.0, 1.0)


def _x(value: float) -> float:
    return LEFT + SIDE * min(max(value, 0.0), 1.0)


def _y(value: float) -> float:
    return TOP + SIDE * (1 - min(max(value, 0.0), 1.0))


def _plot(parts: Sequence[str], *, across: str, up: str) -> str:
    ticks = (0, 0.5, 1)
    words = f'font-size="11" font-family="sans-serif" fill="{QUIET}"'
    grid = "".join(
        f'<path d="M{_x(0)} {_y(t)}H{_x(1)}" stroke="{QUIET}" stroke-opacity=".3"/>'
        f'<text x="{LEFT - 5}" y="{_y(t) + 4}" text-anchor="end" {words}>{t:g}</text>'
        f'<text x="{_x(t)}" y="{_y(0) + 14}" text-anchor="middle" {words}>{t:g}</text>'
        for t in ticks
    )
    named = (
        f'<text x="{_x(0.5)}" y="{_y(0) + 29}" text-anchor="middle" {words}>{across}</text>'
        f'<text x="10" y="{_y(0.5)}" text-anchor="middle" transform="rotate(-90 10 {_y(0.5)})" {words}>{up}</text>'
    )
    return _svg(grid + named + "".join(parts), LEFT + SIDE + 10, TOP + SIDE + BOTTOM)


def _svg(parts: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{parts}</svg>'
    )
