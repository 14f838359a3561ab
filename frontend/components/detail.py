"""One frame at full size: boxes, tags with evidence, when and where, and the kept frames around it."""

from typing import Any

from dash import html

from frontend import human
from frontend.components.attributes import aria, changes_place, marked
from frontend.components.frames import picture
from frontend.components.icons import icon
from frontend.components.tags import evidence_table
from frontend.figures import box_colour
from frontend.place import Place
from frontend.records import FrameCard, FrameDetail


def frame_detail(detail: FrameDetail, *, place: Place) -> list[Any]:
    """Show a frame for the window that opens over the page."""
    card = detail.card
    return [
        html.Div(
            className="detail",
            children=[
                html.Div([picture(card, named=True), _neighbours(detail, place)], className="detail-left"),
                html.Div(
                    className="detail-right",
                    children=[
                        _facts(detail),
                        _boxes(card),
                        html.H3("Tags"),
                        evidence_table(card.tags, detail.evidence),
                    ],
                ),
            ],
        )
    ]


def title(detail: FrameDetail) -> html.Span:
    """Name a frame by its camera and its moment."""
    return html.Span([detail.card.camera, html.Span(human.clock(detail.card.pts_s), className="note number")])


def missing(frame_id: int) -> html.Div:
    """Say that a frame is gone."""
    return html.Div(
        f"Frame {frame_id} is not there any more. A rerun of its video may have replaced it.", className="quiet"
    )


def _facts(detail: FrameDetail) -> html.Dl:
    card = detail.card
    facts: list[tuple[str, Any]] = [
        ("Video", html.Span(card.video, title=card.video)),
        ("Into the video", human.clock(card.pts_s)),
        ("Recorded", human.moment(detail.recorded_at) if detail.recorded_at else "time not known"),
        ("Size", f"{card.width_px} × {card.height_px}"),
        ("Frame", str(card.id)),
    ]
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")


def _boxes(card: FrameCard) -> html.Div:
    if not card.boxes:
        return html.Div("No detector found anything in this frame.", className="note")
    return html.Div(
        [
            html.H3("Boxes"),
            html.Ul(
                [
                    html.Li([html.I(style={"background": box_colour(box.label)}), box.label, _score(box.score)])
                    for box in card.boxes
                ],
                className="box-list",
            ),
        ]
    )


def _score(score: float) -> html.Span:
    return html.Span(f"{score:.2f}", className="note number")


def _neighbours(detail: FrameDetail, place: Place) -> html.Nav:
    row = list(detail.neighbours)
    at = next((i for i, card in enumerate(row) if card.id == detail.card.id), 0)
    return html.Nav(
        className="neighbours",
        children=[
            _step("before", row[at - 1] if at else None, place),
            html.Ol([_thumbnail(card, place, steps=abs(i - at)) for i, card in enumerate(row)]),
            _step("after", row[at + 1] if at + 1 < len(row) else None, place),
        ],
        **aria(label="Kept frames around this one"),
    )


def _thumbnail(card: FrameCard, place: Place, *, steps: int) -> html.Li:
    current = steps == 0
    return html.Li(
        html.A(
            [html.Img(src=card.picture, alt=""), html.Span(human.clock(card.pts_s), className="number")],
            href=place.opening(card.id).search,
            className="current" if current else "",
            **changes_place(current=current),
        ),
        key=str(card.id),
        className="far" if steps > 1 else "",
    )


def _step(way: str, card: FrameCard | None, place: Place) -> html.A | html.Span:
    picked = icon("left" if way == "before" else "right")
    if card is None:
        return html.Span(picked, className="step off")
    return html.A(
        picked,
        href=place.opening(card.id).search,
        className="step",
        title=f"The kept frame {way} this one (arrow keys)",
        **changes_place(),
        **marked(step=way),
        **aria(label=f"The kept frame {way} this one"),
    )
