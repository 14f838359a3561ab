"""Precision against recall, and precision against score, as drawings."""

from collections.abc import Mapping, Sequence
from math import sqrt

from evaluation.core.reports.markup import Markup, el
from evaluation.core.reports.words import figure
from evaluation.core.results import Curves

SIDE_X, SIDE_Y = 240.0, 170.0
LEFT, TOP, RIGHT, BOTTOM = 34.0, 8.0, 10.0, 32.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
MOST_RADIUS_PX = 6.0


def curve_figures(curves: Curves) -> list[Markup]:
    """Draw the curves that there are."""
    found = []
    if curves.precision:
        found.append(_precision(curves.precision, curves.operating_point))
    bins = [one for one in curves.calibration if one.get("count", 0) > 0]
    if bins:
        found.append(_calibration(bins))
    return found


def _precision(precision: Sequence[float], point: Mapping[str, float] | None) -> Markup:
    last = max(len(precision) - 1, 1)
    line = " ".join(_xy(n / last, value) for n, value in enumerate(precision))
    parts = [
        el("polygon", class_="under", points=f"{_xy(0, 0)} {line} {_xy(1, 0)}"),
        el("polyline", class_="line", points=line),
    ]
    said = "IoU 0.5"
    if point:
        parts.append(el("circle", class_="point", cx=_x(point["recall"]), cy=_y(point["precision"]), r=4))
        said = (
            f"At score {figure(point['score'], '')}: precision {figure(point['precision'], '')}, "
            f"recall {figure(point['recall'], '')}."
        )
    return _plot("Precision and recall", said, parts, across="recall", up="precision")


def _calibration(bins: Sequence[Mapping[str, float]]) -> Markup:
    most = max(one["count"] for one in bins)
    line = " ".join(_xy(one["score"], one["precision"]) for one in bins)
    dots = [
        el(
            "circle", el("title", f"{one['count']:,.0f} detections of score {one['low']:.2f} to {one['high']:.2f}"),
            class_="bin", cx=_x(one["score"]), cy=_y(one["precision"]),
            r=1.5 + (MOST_RADIUS_PX - 1.5) * sqrt(one["count"] / most),
        )
        for one in bins
    ]  # fmt: skip
    diagonal = el("line", class_="ideal", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1))
    said = "Below the diagonal: surer than it is right. Larger dots stand for more detections."
    parts = [diagonal, el("polyline", class_="line thin", points=line), *dots]
    return _plot("Calibration", said, parts, across="score", up="precision")


def _plot(title: str, said: str, parts: list[Markup], *, across: str, up: str) -> Markup:
    middle_y = TOP + SIDE_Y / 2
    axes = [
        *(el("line", class_="grid", x1=_x(0), x2=_x(1), y1=_y(tick), y2=_y(tick)) for tick in TICKS),
        *(el("text", f"{tick:g}", x=LEFT - 5, y=_y(tick) + 3.5, text_anchor="end") for tick in TICKS),
        *(el("text", f"{tick:g}", x=_x(tick), y=TOP + SIDE_Y + 13, text_anchor="middle") for tick in TICKS),
        el("text", across, class_="axis", x=LEFT + SIDE_X / 2, y=TOP + SIDE_Y + 27, text_anchor="middle"),
        el("text", up, class_="axis", x=9, y=middle_y, text_anchor="middle", transform=f"rotate(-90 9 {middle_y:.0f})"),
    ]
    size = f"0 0 {LEFT + SIDE_X + RIGHT:.0f} {TOP + SIDE_Y + BOTTOM:.0f}"
    drawing = el("svg", axes, parts, viewBox=size, class_="plot", role="img", aria_label=title)
    return el("figure", el("figcaption", el("b", title), el("span", said)), drawing, class_="card")


def _x(value: float) -> float:
    return LEFT + SIDE_X * min(max(value, 0.0), 1.0)


def _y(value: float) -> float:
    return TOP + SIDE_Y * (1 - min(max(value, 0.0), 1.0))


def _xy(x: float, y: float) -> str:
    return f"{_x(x):.1f},{_y(y):.1f}"
