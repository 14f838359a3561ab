"""The row of figures at the top: what came in, what was kept, what it saved."""

from dash import html

from frontend import human
from frontend.records import Funnel, Totals


def totals_row(totals: Totals, funnel: Funnel | None) -> html.Dl:
    """Show the totals; shares and savings are those of a funnel."""
    motion = funnel.interval_share("motion") if funnel else None
    people = funnel.interval_share("people", "people_fast") if funnel else None
    decoded = funnel.frames_decoded if funnel else 0
    kept = funnel.frames_kept if funnel else 0
    return html.Dl(
        className="totals",
        children=[
            _figure(
                "Footage",
                human.duration(totals.footage_s),
                f"{human.some(totals.videos, 'video')}, {human.some(totals.cameras, 'camera')}",
            ),
            _figure(
                "Kept frames",
                human.count(totals.frames_kept),
                f"{human.percent(kept / decoded)} of {human.some(decoded, 'frame')}"
                if decoded
                else "nothing looked at yet",
            ),
            _figure("With motion", human.percent(motion) or "–", "of the footage"),
            _figure(
                "With people",
                human.percent(people) or "–",
                "of the footage",
                hint="Somebody who stands still goes on being there, so this can be more than what moves.",
            ),
            _saved(funnel),
        ],
    )


def _saved(funnel: Funnel | None) -> html.Div:
    if funnel is None or funnel.saved_share is None or funnel.last is None or funnel.cpu_alone_s is None:
        return _figure("Compute saved", "–", "known after a cascade of several stages")
    alone, own = human.duration(funnel.cpu_alone_s), human.duration(funnel.cpu_s)
    cost_ms = 1000 * funnel.last.cpu_s / funnel.last.frames_in
    return _figure(
        "Compute saved",
        human.percent(funnel.saved_share),
        f"{own} of CPU, not {alone}",
        hint=f"{funnel.last.name} took {cost_ms:.0f} ms of CPU a frame, loading its model included. "
        f"On all {human.count(funnel.frames_seen)} frames that {funnel.stages[0].name} looked at that makes {alone}.",
    )


def _figure(label: str, value: str, note: str, *, hint: str = "") -> html.Div:
    return html.Div(
        [html.Dt(label), html.Dd([html.Span(value, className="value"), html.Span(note, className="note")])], title=hint
    )
