"""Kept frames: pictures with boxes over them, as cards in a grid."""

from collections.abc import Sequence
from typing import Any

from dash import html

from frontend import human
from frontend.components.attributes import changes_place
from frontend.components.tags import badges
from frontend.figures import boxes_svg, data_uri
from frontend.place import Place
from frontend.records import FrameCard, FramePage

NOTHING_FITS = "No kept frame fits this query. Take a condition out, or try one of the examples."
NOTHING_KEPT = "No frames kept yet. They appear here as soon as a run has found something."


def grid(cards: Sequence[FrameCard], *, place: Place) -> list[html.Li]:
    """Show frames as cards that open them; where there are none, say what to do."""
    if not cards:
        return [html.Li(NOTHING_FITS if place.query else NOTHING_KEPT, className="quiet")]
    return [_card(card, place=place) for card in cards]


def count_words(page: FramePage) -> str:
    """Say how many frames there are, and whether only some of them are shown on purpose."""
    found = human.some(page.count, "frame")
    return f"{len(page.cards)} of {found}, spread over all footage" if page.next_cursor == "" else found


def picture(card: FrameCard, *, named: bool = False) -> html.Div:
    """Show a frame with its boxes laid over it; `named` writes what they are."""
    overlay = boxes_svg(card.boxes, width_px=card.width_px, height_px=card.height_px, named=named)
    children: list[Any] = [html.Img(src=card.picture, alt=describe(card))]
    if card.boxes:
        children.append(html.Img(src=data_uri(overlay), alt="", className="boxes"))
    return html.Div(children, className="picture")


def describe(card: FrameCard) -> str:
    """Say what a frame shows, for those who do not see it."""
    labels = [box.label for box in card.boxes]
    seen = ", ".join(f"{label} × {labels.count(label)}" for label in dict.fromkeys(labels)) or "nothing found"
    return f"{card.camera}, {human.clock(card.pts_s)} into {card.video}: {seen}"


def _card(card: FrameCard, *, place: Place) -> html.Li:
    score = [html.Span(f"{card.score:.2f}", className="score", title="Likeness")] if card.score is not None else []
    return html.Li(
        key=str(card.id),
        className="frame",
        children=html.A(
            href=place.opening(card.id).search,
            children=[
                picture(card),
                html.Div(
                    className="frame-line",
                    children=[
                        html.Span(card.camera, className="cut", title=f"{card.camera}, {card.video}"),
                        *score,
                        html.Span(human.clock(card.pts_s), className="number"),
                    ],
                ),
                badges(card.tags),
            ],
            **changes_place(),
        ),
    )
