"""Where a round stands, in a sentence, and what a person can do about it now."""

from typing import Any

import dash_mantine_components as dmc
from dash import html

from frontend import human
from frontend.round_records import RoundDetail, WorkNow

ACT = "round-act"
"""Type of the buttons that move a round: {"type": ACT, "act": "go", "round": 7}."""


def now(detail: RoundDetail, *, can_write: bool) -> html.Div:
    """Say what is going on; those who may are offered what can be done."""
    said = _said(detail)
    acts = _acts(detail) if can_write else []
    return html.Div(
        [html.Div(said, className="now-words"), html.Div(acts, className="now-acts") if acts else None],
        className=f"now now-{'failed' if _failed(detail) else detail.row.state}",
    )


def act_id(act: str, round: int) -> dict[str, Any]:
    return {"type": ACT, "act": act, "round": round}


def _said(detail: RoundDetail) -> list[Any]:
    state, work = detail.row.state, detail.work
    if state == "closed":
        return [html.P(detail.row.sentence or "This round is closed.", className="round-sentence")]
    if state == "abandoned":
        return [html.P("This round was abandoned. What people labelled stays, and so do all models.")]
    if work is not None and work.state == "failed":
        return [
            html.P(work.error or "It failed, and its log says why.", className="error"),
            html.P("Nothing that was done before is lost; it goes on from this step.", className="note"),
        ]
    if work is not None and work.state == "cancelled":
        return [html.P("It was stopped. Nothing that was done before is lost; it goes on from this step.")]
    if work is not None and work.is_open:
        return _working(state, work)
    return [html.P(_waiting(detail))]


def _working(state: str, work: WorkNow) -> list[Any]:
    doing = work.doing or {"seeds": "looking for what went wrong"}.get(state, state)
    far = f"{human.count(work.done)} of {human.count(work.total)}" if work.total else ""
    waits = state == "labelling" and work.state == "queued"
    said = "waiting for annotators" if waits else "waiting for a worker" if work.state == "queued" else doing
    words = [html.Span(said[:1].upper() + said[1:]), html.Span(far, className="note number")]
    return [html.P(words, className="now-line"), *([_bar(work.done / work.total)] if work.total else [])]


def _bar(share: float) -> html.Div:
    return html.Div(
        html.Div(className="bar-fill", style={"width": f"{100 * min(share, 1):.1f}%"}), className="bar thin"
    )


def _waiting(detail: RoundDetail) -> str:
    kept = human.some(detail.kept, "frame")
    look = f"Look through the {kept} below: drop what is of no use, then send the rest to be labelled."
    return {
        "seeds": "It has not looked yet.",
        "candidates": look if detail.kept else "Nothing is left to be labelled. Restore some, or end the round.",
        "labelling": "It goes on once everything is labelled or skipped.",
    }.get(detail.row.state, "It waits for somebody to let it go on.")


def _acts(detail: RoundDetail) -> list[Any]:
    state, work, number = detail.row.state, detail.work, detail.row.id
    if state in ("closed", "abandoned") or detail.loop_is_at_work:
        return []
    end = html.Details(
        [
            html.Summary("Abandon …", className="link"),
            html.P("It ends where it stands. Labels that were made stay; frames that were not sent are free again."),
            dmc.Button("Abandon this round", id=act_id("abandon", number), color="red", variant="light", size="xs"),
        ],
        className="abandon",
    )
    can_skip = state == "labelling" and any(one.labelled for one in detail.batches)
    without = dmc.Button("Go on with what is labelled", id=act_id("early", number), variant="default", size="xs")
    early = [without] if can_skip else []
    if work is not None and work.is_open:
        return [*early, end]
    if _failed(detail) or (work is not None and work.state == "cancelled"):
        return [dmc.Button("Try again", id=act_id("go", number), size="xs"), end]
    if state == "candidates":
        way = "" if detail.via else " as files"
        send = f"Send {human.some(detail.kept, 'frame')}{way}"
        return [dmc.Button(send, id=act_id("go", number), size="xs", disabled=not detail.kept), end]
    return [dmc.Button("Go on", id=act_id("go", number), size="xs"), *early, end]


def _failed(detail: RoundDetail) -> bool:
    return detail.row.state not in ("closed", "abandoned") and detail.work is not None and detail.work.state == "failed"
