"""The panels of a round, the newest step first."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from frontend import human
from frontend.components import rounds_candidates
from frontend.components.panels import HIDDEN, SHOWN
from frontend.components.rounds import badge, round_list
from frontend.components.rounds_board import board
from frontend.components.rounds_now import now
from frontend.components.rounds_report import report
from frontend.components.rounds_work import labelling, training
from frontend.round_records import CandidateFilter, CandidatePage, RoundDetail, RoundRow, SeedCard
from frontend.site import PREFIX


def listed(rows: Sequence[RoundRow], *, chosen: int | None) -> html.Section:
    """List all rounds."""
    return html.Section(
        [html.Div(html.H2("All rounds"), className="panel-head"), round_list(rows, chosen=chosen)], className="panel"
    )


def head(detail: RoundDetail, *, can_write: bool) -> list[Any]:
    """Name a round, show the board of its steps, and say where it stands."""
    row = detail.row
    run = dcc.Link(
        f"test run {detail.test_run}", href=f"{PREFIX}tests?{urlencode({'run': detail.test_run})}", className="link"
    )
    title = f"Round {row.id}: {row.model} against {row.suite}"
    about = (
        f", about {', '.join(row.scenarios)}. Up to {human.some(row.budget, 'frame')}, strategy {row.strategy or '–'}."
    )
    return [
        html.Div([html.H2(title, className="cut", title=title), badge(row)], className="panel-head"),
        html.P(["From ", run, about], className="note round-about"),
        board(detail),
        now(detail, can_write=can_write),
    ]  # fmt: skip


def signature(detail: RoundDetail) -> list[Any]:
    """Give what the panels rest on: they are drawn again when it changes."""
    batches = [[one.id, *one.counts.values()] for one in detail.batches]
    training = [detail.training.state, len(detail.training.epochs)] if detail.training else []
    retest = [detail.retest.id, detail.retest.verdict] if detail.retest else []
    found = [sum(one.count for one in detail.seeds), detail.kept + detail.dropped, len(detail.notes)]
    return [detail.row.state, detail.work.state if detail.work else "", batches, training, retest, found]


def panels(
    detail: RoundDetail, *, page: CandidatePage, chosen: CandidateFilter, seeds: Sequence[SeedCard], can_change: bool
) -> list[Any]:
    """Show what each step did, the newest first."""
    work = [_panel("Labelling", *labelling(one)) for one in detail.batches if one.total]
    work += [_panel("Training", *training(detail.training))] if detail.training else []
    return [
        *([_panel("Before and after", report(detail.report))] if detail.report else []),
        *([html.Div(work, className="panels" if len(work) == 2 else "stack")] if work else []),
        _candidates(detail, page=page, chosen=chosen, can_change=can_change),
        *_seeds(detail, seeds),
        _about(detail),
    ]


def _panel(title: str, *children: Any) -> html.Section:
    return html.Section([html.Div(html.H2(title), className="panel-head"), *children], className="panel")


def _candidates(detail: RoundDetail, *, page: CandidatePage, chosen: CandidateFilter, can_change: bool) -> html.Section:
    cards = rounds_candidates.candidate_cards(
        page.cards, round=detail.row.id, can_change=can_change, is_narrowed=bool(chosen.to_words())
    )
    return _panel(
        "Candidates",
        rounds_candidates.filters(detail, chosen),
        html.Ul(cards, id="rounds-grid", className="grid candidates"),
        dmc.Button(
            "Show more candidates", id="rounds-more", variant="default", size="sm",
            style=HIDDEN if page.after is None else SHOWN,
        ),
        dcc.Store(id="rounds-after", data={"round": detail.row.id, "rank": page.after}),
    )  # fmt: skip


def _seeds(detail: RoundDetail, seeds: Sequence[SeedCard]) -> list[html.Section]:
    if not seeds:
        return []
    parts: list[Any] = []
    for name in dict.fromkeys(one.scenario for one in seeds):
        count = sum(one.count for one in detail.seeds if one.name == name)
        parts += [
            html.H3([name, html.Span(f" {human.some(count, 'seed')}", className="note")]),
            html.Ul(rounds_candidates.seed_cards(seeds, scenario=name), className="grid"),
        ]
    said = "What went wrong in the test. A round looks for more of this; these frames themselves are never taken."
    return [_panel("Seeds", html.P(said, className="note"), rounds_candidates.seed_key(), *parts)]


def _about(detail: RoundDetail) -> html.Section:
    lines = [
        html.Li(
            [
                html.Span(f"{str(row.get('at', ''))[:16].replace('T', ' ')} UTC", className="note number"),
                f" {row.get('state', '')}: {row.get('note', '')}",
                html.Span(f" {row['by']}", className="note") if row.get("by") else None,
            ]
        )
        for row in detail.history
    ]
    notes = [html.H3("Notes"), html.Ul([html.Li(note) for note in detail.notes], className="notes")]
    return _panel(
        "How it came about",
        *(notes if detail.notes else []),
        html.H3("History"),
        html.Ul(lines, className="notes"),
        html.Details(
            [html.Summary("The strategy", className="link"), html.Pre(detail.strategy_text, className="plan")]
        ),
    )  # fmt: skip
