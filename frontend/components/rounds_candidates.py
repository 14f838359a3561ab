"""Candidates as pictures with why, to be dropped and brought back; seeds as pictures with what went wrong."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from frontend import human
from frontend.components.rounds import address
from frontend.components.rounds_board import ARM_WORDS
from frontend.figures import data_uri
from frontend.round_figures import CANDIDATE_COLOUR, SEED_COLOURS, marks_svg
from frontend.round_records import CandidateCard, CandidateFilter, Corners, ReasonView, RoundDetail, SeedCard, Shot
from frontend.site import PREFIX

CARD, CHANGE = "candidate-card", "candidate-change"
"""Types of a candidate's card, and of the button on it that drops it or brings it back."""
FILTER_NAMES = {"arm": "Chosen", "sampler": "Found by", "scenario": "For", "dropped": "Show"}
OTHER_COLOUR = "#9aa6b5"
SEED_KINDS = {"missed": "missed", "false_alarm": "false alarm", "low_confidence": "unsure"}
NONE_FIT = "No candidate fits these filters."
NONE_YET = "No candidates yet. They come as soon as the seeds are gathered and the footage is looked through."


def filters(detail: RoundDetail, chosen: CandidateFilter) -> html.Div:
    """Offer what candidates can be narrowed down by; each is a link."""
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        ("arm", [(one.kind, ARM_WORDS.get(one.kind, one.kind)) for one in detail.candidates]),
        ("sampler", [(name, name.replace("_", " ")) for name in detail.samplers]),
        ("scenario", [(name, name) for name in detail.row.scenarios]),
        ("dropped", [("yes", "dropped"), ("no", "not dropped")] if detail.dropped else []),
    ]
    shown = [(name, values) for name, values in groups if len(values) > 1 or getattr(chosen, name)]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(FILTER_NAMES[name], className="note"),
                    *(_chip(detail.row.id, chosen, name, value, words) for value, words in values),
                ],
                className="chips",
            )
            for name, values in shown
        ],
        className="candidate-filters",
    )


def candidate_cards(
    cards: Sequence[CandidateCard], *, round: int, can_change: bool, is_narrowed: bool
) -> list[html.Li]:  # fmt: skip
    """Show candidates; where there are none, say why."""
    if not cards:
        return [html.Li(NONE_FIT if is_narrowed else NONE_YET, className="quiet")]
    return [
        html.Li(
            candidate(card, round=round, can_change=can_change),
            id={"type": CARD, "round": round, "frame": card.shot.frame},
            key=str(card.shot.frame),
            className=card_class(card),
        )
        for card in cards
    ]


def card_class(card: CandidateCard) -> str:
    return "frame candidate dropped" if card.is_dropped else "frame candidate"


def candidate(card: CandidateCard, *, round: int, can_change: bool) -> list[Any]:
    """Show a candidate's picture, the box that it is about, and why it was chosen."""
    reason = card.reasons[0] if card.reasons else ReasonView("no reason was kept")
    more = card.reasons[1:]
    boxes = [(one.box, OTHER_COLOUR) for one in more if one.box] + (
        [(reason.box, CANDIDATE_COLOUR)] if reason.box else []
    )
    notes = [html.Span(ARM_WORDS[card.arm], className=f"badge arm-{card.arm}")] if card.arm != "strategy" else []
    notes += [html.Span(reason.scenario, className="badge cut", title=reason.scenario)] if reason.scenario else []
    if more:
        told = "\n".join(one.text for one in more)
        notes.append(html.Span(f"and {human.some(len(more), 'reason')}", className="note", title=told))
    return [
        _picture(card.shot, boxes, said=reason.text),
        _line(card.shot, f"{card.score:.2f}"),
        html.P(reason.text, className="why clamp", title=reason.text),
        html.Div(notes, className="badges") if notes else None,
        html.Div(_change(card, round) if can_change else _dropped(card), className="candidate-acts"),
    ]


def seed_cards(cards: Sequence[SeedCard], *, scenario: str) -> list[html.Li]:
    """Show what went wrong in a scenario."""
    return [
        html.Li(
            [
                _picture(card.shot, [(card.box, SEED_COLOURS[card.kind])] if card.box else [], said=_seed_words(card)),
                _line(card.shot, f"{card.score:.2f}" if card.score is not None else ""),
                html.P(_seed_words(card), className="note"),
            ],
            className="frame",
        )
        for card in cards
        if card.scenario == scenario
    ]


def seed_key() -> html.Div:
    return html.Div(
        [html.Span([html.I(style={"background": SEED_COLOURS[kind]}), words]) for kind, words in SEED_KINDS.items()],
        className="key note",
    )


def _seed_words(card: SeedCard) -> str:
    return f"{card.label}, {SEED_KINDS.get(card.kind, card.kind)}"


def _chip(round: int, chosen: CandidateFilter, name: str, value: str, words: str) -> dcc.Link:
    said = chosen.to_words()
    is_on = said.get(name) == value
    said = {key: word for key, word in said.items() if key != name} if is_on else {**said, name: value}
    return dcc.Link(words, href=address(round, **said), className="chip on" if is_on else "chip", title=words)


def _picture(shot: Shot, boxes: Sequence[tuple[Corners, str]], *, said: str) -> dcc.Link:
    shown: list[Any] = [html.Img(src=shot.picture, alt=f"{shot.camera}, {shot.video}: {said}")]
    if boxes:
        svg = marks_svg(boxes, width_px=shot.width_px, height_px=shot.height_px)
        shown.append(html.Img(src=data_uri(svg), alt="", className="boxes"))
    return dcc.Link(html.Div(shown, className="picture"), href=f"{PREFIX}?{urlencode({'frame': shot.frame})}")


def _line(shot: Shot, score: str) -> html.Div:
    return html.Div(
        [
            html.Span(shot.camera, className="cut", title=f"{shot.camera}, {shot.video}"),
            *([html.Span(score, className="score", title="Score")] if score else []),
            html.Span(human.clock(shot.pts_s), className="number"),
        ],
        className="frame-line",
    )


def _change(card: CandidateCard, round: int) -> list[Any]:
    to, words, variant = ("restore", "Restore", "light") if card.is_dropped else ("drop", "Drop", "default")
    button = dmc.Button(
        words,
        id={"type": CHANGE, "to": to, "round": round, "frame": card.shot.frame},
        variant=variant,
        size="compact-xs",
    )
    return [button, *_dropped(card)]


def _dropped(card: CandidateCard) -> list[Any]:
    if not card.is_dropped and not card.note:
        return []
    words = f"dropped {card.note}".strip() if card.is_dropped else card.note
    return [html.Span(words, className="note cut", title=words)]
