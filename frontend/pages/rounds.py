"""Rounds: from a red scenario to the next model, a step at a time."""

import uuid
from functools import partial
from typing import Any

from dash import ALL, MATCH, Input, Output, Patch, State, callback, ctx, dcc, html, no_update, set_props
from dash.exceptions import PreventUpdate
from django.db import transaction

from activelearning.core.shipped import DEFAULT, SHIPPED, shipped, shipped_text
from activelearning.services.rounds import abandon, drop_candidates, find_round, go_on, restore_candidates, start_round
from curation.doorbell import ring_job
from curation.services.jobs import cancel_job
from evaluation.services.test_records import find_run
from frontend import queries
from frontend.components import rounds, rounds_page
from frontend.components.panels import HIDDEN, SHOWN
from frontend.components.rounds_candidates import CARD, CHANGE, candidate, candidate_cards, card_class
from frontend.components.rounds_now import ACT
from frontend.components.rounds_start import start_form
from frontend.page import Page
from frontend.place import words_of
from frontend.round_records import CandidateFilter
from frontend.writing import tell, write, writer

PAGE = Page(name="Rounds", path="/rounds", title="Rounds · Winnow", order=4)
CANDIDATES, SEEDS_EACH = 24, 4
TICK_MS = 2500
MAX_WORD = 120


def layout(**_: object) -> html.Div:
    """Lay the page out; callbacks fill it."""
    return html.Div(
        className="page",
        children=[
            dcc.Location(id="rounds-url", refresh=False),
            dcc.Store(id="rounds-seen"),
            dcc.Store(id="rounds-acted"),
            dcc.Interval(id="rounds-tick", interval=TICK_MS, disabled=True),
            html.Div(html.H1("Rounds"), className="title"),
            html.Div(id="rounds-new"),
            html.Section(id="rounds-head", className="panel", style=HIDDEN),
            html.Div(id="rounds-panels"),
            html.Div(id="rounds-list"),
        ],
    )


@callback(
    Output("rounds-head", "children"),
    Output("rounds-head", "style"),
    Output("rounds-panels", "children"),
    Output("rounds-list", "children"),
    Output("rounds-seen", "data"),
    Output("rounds-tick", "disabled"),
    Input("rounds-url", "search"),
    Input("rounds-acted", "data"),
    Input("rounds-tick", "n_intervals"),
    State("rounds-seen", "data"),
)
def show(search: object, _acted: object, _ticks: object, seen: object) -> tuple[Any, ...]:
    """Show the round that the address names, the newest if it names none. What did not change is left alone."""
    rows = queries.rounds()
    if not rows:
        return [], HIDDEN, [], rounds.no_rounds(queries.red_runs()), None, True
    number = words_of(search).get("round", "") or str(rows[0].id)
    detail = queries.round_detail(number)
    if detail is None:
        return [rounds.missing_round(number[:20])], SHOWN, [], rounds_page.listed(rows, chosen=None), None, True
    can_write = writer() is not None
    chosen = _filter(search)
    now_seen = [detail.row.id, chosen.to_words(), *rounds_page.signature(detail)]
    is_over = detail.work is None or not detail.work.is_open
    head = rounds_page.head(detail, can_write=can_write)
    if now_seen == seen:
        return head, SHOWN, no_update, no_update, no_update, is_over
    page = queries.candidates(detail.row.id, chosen=chosen, limit=CANDIDATES)
    panels = rounds_page.panels(
        detail,
        page=page,
        chosen=chosen,
        seeds=queries.seeds(detail.row.id, each=SEEDS_EACH),
        can_change=can_write and detail.row.state == "candidates",
    )
    return head, SHOWN, panels, rounds_page.listed(rows, chosen=detail.row.id), now_seen, is_over


@callback(Output("rounds-new", "children"), Input("rounds-url", "search"))
def offer(search: object) -> Any:
    """Offer to start a round to those who may, where there is something red."""
    reds = queries.red_runs() if writer() is not None else []
    if not reds:
        return []
    strategies = {name: shipped(name).description for name in SHIPPED}
    chosen = words_of(search).get("from", "")
    return start_form(
        reds,
        chosen=chosen,
        strategies=strategies,
        usual=DEFAULT,
        ways=queries.ways(),
        is_open=bool(chosen) or not queries.rounds(),
    )


@callback(Output("rounds-about-strategy", "children"), Input("rounds-strategy", "value"), prevent_initial_call=True)
def describe(name: object) -> str:
    return shipped(name).description if isinstance(name, str) and name in SHIPPED else ""


@callback(
    Output("rounds-url", "search", allow_duplicate=True),
    Output("rounds-acted", "data", allow_duplicate=True),
    Input("rounds-start", "n_clicks"),
    State("rounds-run", "value"),
    State("rounds-budget", "value"),
    State("rounds-strategy", "value"),
    State("rounds-via", "value"),
    State("rounds-acted", "data"),
    prevent_initial_call=True,
)
def start(clicks: object, run: object, budget: object, strategy: object, via: object, acted: object) -> tuple[Any, Any]:
    """Start a round, and show it."""
    if not clicks:
        raise PreventUpdate
    if not isinstance(budget, int) or isinstance(budget, bool):
        tell("Say how many frames may be labelled: a whole number.")
        return no_update, no_update
    way, _, project = str(via).partition(":")

    def begin(user: Any) -> int:
        made = start_round(
            test_run=find_run(str(run)),
            budget=budget,
            strategy_text=shipped_text(str(strategy)),
            via=way,
            labelling={"project": int(project)} if project.isascii() and project.isdecimal() else {},
            user=user,
        )
        assert made.job is not None
        transaction.on_commit(partial(ring_job, made.job.pk))
        return made.pk

    number = write(begin)
    return (no_update, no_update) if number is None else (rounds.address(number), _next(acted))


@callback(
    Output("rounds-acted", "data", allow_duplicate=True),
    Input({"type": ACT, "act": ALL, "round": ALL}, "n_clicks"),
    State("rounds-acted", "data"),
    prevent_initial_call=True,
)
def act(clicks: object, acted: object) -> Any:
    """Move a round: on, on without what is not labelled yet, or to its end."""
    asked = _triggered(clicks)
    verb = str(asked.get("act"))

    def move(user: Any) -> bool:
        round = find_round(str(asked.get("round")))
        if verb == "abandon":
            abandon(round=round, user=user)
            return True
        via = "" if round.via else "files"
        if verb == "early" and round.job is not None and round.job.is_open:
            cancel_job(job=round.job)  # it waits for the annotators
        job = go_on(round=round, early=verb == "early", via=via, user=user)
        transaction.on_commit(partial(ring_job, job.pk))
        return True

    return _next(acted) if verb in ("go", "early", "abandon") and write(move) else no_update


@callback(
    Output({"type": CARD, "round": MATCH, "frame": MATCH}, "children"),
    Output({"type": CARD, "round": MATCH, "frame": MATCH}, "className"),
    Input({"type": CHANGE, "to": ALL, "round": MATCH, "frame": MATCH}, "n_clicks"),
    prevent_initial_call=True,
)
def change(clicks: object) -> tuple[Any, Any]:
    """Drop a candidate, or bring it back; its card and the counts above follow."""
    asked = _triggered(clicks)
    number, frame = asked.get("round"), asked.get("frame")
    if not (isinstance(number, int) and isinstance(frame, int)):
        raise PreventUpdate

    def edit(user: Any) -> bool:
        round = find_round(number)
        if asked.get("to") == "drop":
            drop_candidates(round=round, frame_ids=[frame], user=user)
        else:
            restore_candidates(round=round, frame_ids=[frame])
        return True

    if not write(edit):
        return no_update, no_update
    card = queries.candidate(number, frame)
    if card is None:
        raise PreventUpdate
    # Written into the store and not into the head itself: buttons that set_props brings are not found by callbacks.
    set_props("rounds-acted", {"data": f"{asked['to']} {frame} {uuid.uuid4().hex}"})
    return candidate(card, round=number, can_change=True), card_class(card)


@callback(
    Output("rounds-grid", "children", allow_duplicate=True),
    Output("rounds-after", "data", allow_duplicate=True),
    Output("rounds-more", "style", allow_duplicate=True),
    Input("rounds-more", "n_clicks"),
    State("rounds-after", "data"),
    State("rounds-url", "search"),
    prevent_initial_call=True,
)
def more(clicks: object, after: object, search: object) -> tuple[Any, ...]:
    """Add the next candidates to the grid."""
    if not clicks or not isinstance(after, dict):
        raise PreventUpdate
    number, rank = after.get("round"), after.get("rank")
    detail = queries.round_detail(str(number))
    if detail is None or not isinstance(rank, int) or abs(rank) > 2**31:
        raise PreventUpdate
    page = queries.candidates(detail.row.id, chosen=_filter(search), limit=CANDIDATES, after=rank)
    can_change = detail.row.state == "candidates" and writer() is not None
    added = Patch()
    added.extend(candidate_cards(page.cards, round=detail.row.id, can_change=can_change, is_narrowed=True))
    return added, {"round": detail.row.id, "rank": page.after}, HIDDEN if page.after is None else SHOWN


def _filter(search: object) -> CandidateFilter:
    said = words_of(search)
    return CandidateFilter(
        **{name: said.get(name, "")[:MAX_WORD] for name in ("arm", "sampler", "scenario", "dropped")}
    )  # fmt: skip


def _triggered(clicks: object) -> dict[str, Any]:
    """Return the id of the button that was pressed; nothing goes on where none was, since it only came to be."""
    asked = ctx.triggered_id
    if not (isinstance(clicks, list) and any(clicks) and isinstance(asked, dict)):
        raise PreventUpdate
    return dict(asked)


def _next(acted: object) -> int:
    return acted + 1 if isinstance(acted, int) else 1
