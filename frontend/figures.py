"""Small drawings as SVG, pure: values in, markup out. They scale with the page and cost one element each."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from frontend.records import BoxMark, Lane

BOX_COLOURS = ("#4ade80", "#fbbf24", "#38bdf8", "#f472b6", "#a78bfa", "#fb923c")
"""Bright ones: they must show on any picture, by day and by night."""
FIRST_LABELS = ("person",)
LANE_COLOURS = ("#9aa6b5", "#5cc0b1", "#0d8175", "#1d6fb8", "#7c5cd6")
"""From what is cheap and unsure to what is sure."""
MARKS_ACROSS = 600
"""A strip is some hundred pixels wide: gaps and spans finer than this many to a strip are not drawn apart."""
LANE_PX = 8


def data_uri(svg: str) -> str:
    """Pack an SVG for an image's source."""
    return f"data:image/svg+xml,{quote(svg, safe=' =:/,;()')}"


def boxes_svg(boxes: Sequence[BoxMark], *, width_px: int, height_px: int, named: bool = False) -> str:
    """Draw boxes to be laid over a picture of that size, fitted as the picture is (object-fit).

    Lines keep their width at any scale. `named` writes label and score at each box."""
    unit = max(width_px, height_px) / 100
    names = _names(boxes, width_px=width_px, unit=unit) if named else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px} {height_px}" '
        f'width="{width_px}" height="{height_px}" fill="none">{"".join(map(_box, boxes))}{names}</svg>'
    )


def box_colour(label: str) -> str:
    """Give a label its colour: always the same, wherever it is shown."""
    if label in FIRST_LABELS:
        return BOX_COLOURS[FIRST_LABELS.index(label)]
    rest = BOX_COLOURS[len(FIRST_LABELS) :]
    return rest[sum(label.encode()) % len(rest)]


def timeline_svg(lanes: Sequence[Lane], *, duration_s: float) -> str:
    """Draw the intervals of each stage over a video's duration, one lane below the other; stretched to any width."""
    height_px = LANE_PX * max(1, len(lanes))
    rows = "".join(
        f'<path d="M0 {y}H1000" stroke="#8a94a3" stroke-opacity=".3" vector-effect="non-scaling-stroke"/>'
        + "".join(_span(span, duration_s=duration_s, y=y, colour=lane_colour(at, of=len(lanes))) for span in spans)
        for at, (y, spans) in enumerate(
            (at * LANE_PX + LANE_PX / 2, merge_for_drawing(lane.spans_s, duration_s=duration_s))
            for at, lane in enumerate(lanes)
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 {height_px}" '
        f'width="1000" height="{height_px}" preserveAspectRatio="none">{rows}</svg>'
    )


def lane_colour(at: int, *, of: int) -> str:
    """Give the lane at that place its colour; the last of several is always the accent."""
    if of <= 3:
        return LANE_COLOURS[max(0, 3 - of) + at] if of > 1 else LANE_COLOURS[2]
    return LANE_COLOURS[min(at, len(LANE_COLOURS) - 1)]


def merge_for_drawing(spans_s: Sequence[tuple[float, float]], *, duration_s: float) -> list[tuple[float, float]]:
    """Join spans that lie closer together than a strip can show, so that its cost does not grow with the footage."""
    if duration_s <= 0:
        return []
    gap_s = duration_s / MARKS_ACROSS
    merged: list[tuple[float, float]] = []
    for start_s, end_s in sorted(spans_s):
        if merged and start_s - merged[-1][1] < gap_s:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end_s))
        else:
            merged.append((start_s, end_s))
    return merged


def _span(span_s: tuple[float, float], *, duration_s: float, y: float, colour: str) -> str:
    left = 1000 * max(0.0, span_s[0] / duration_s)
    width = max(2.5, 1000 * min(1.0, span_s[1] / duration_s) - left)
    return f'<rect x="{left:.1f}" y="{y - 3:g}" width="{width:.1f}" height="6" fill="{colour}"/>'


def _box(box: BoxMark) -> str:
    x1, y1, x2, y2 = box.xyxy
    place = f'x="{x1:.1f}" y="{y1:.1f}" width="{max(0.0, x2 - x1):.1f}" height="{max(0.0, y2 - y1):.1f}" rx="2"'
    line = 'vector-effect="non-scaling-stroke"'
    return (
        f'<rect {place} stroke="#000" stroke-opacity=".5" stroke-width="3.5" {line}/>'
        f'<rect {place} stroke="{box_colour(box.label)}" stroke-width="1.75" {line}/>'
    )


def _names(boxes: Sequence[BoxMark], *, width_px: int, unit: float) -> str:
    """Write labels at their boxes, best score first; one that would cover another is left out."""
    taken: list[tuple[float, float, float]] = []
    drawn = ""
    high = 2.6 * unit
    for box in sorted(boxes, key=lambda box: -box.score):
        words = f"{box.label} {box.score:.2f}"
        wide = 1.08 * unit * len(words) + unit
        left = max(0.0, min(box.xyxy[0], width_px - wide))
        top = box.xyxy[1] - high if box.xyxy[1] >= high else box.xyxy[1]
        if any(abs(top - y) < high and left < x + w and x < left + wide for x, y, w in taken):
            continue
        taken.append((left, top, wide))
        drawn += (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="2" '
            f'fill="{box_colour(box.label)}"/>'
            f'<text x="{left + unit / 2:.1f}" y="{top + 1.9 * unit:.1f}" font-size="{1.8 * unit:.1f}" '
            f'font-weight="600" font-family="ui-monospace, monospace" fill="#0b1020">{escape(words)}</text>'
        )
    return drawn
