"""What there is and what is lacking: gaps, factors beside what is expected, and combinations."""

from collections.abc import Sequence
from urllib.parse import urlencode

from dash import dcc, html

from curation.core.coverage import Coverage, CriticalCover
from curation.core.gaps import Difference, Gap
from curation.core.profile import Distribution, ValueShare
from curation.services.footage_shares import FootageShare, FootageShares
from frontend import human
from frontend.components.attributes import aria
from frontend.site import PREFIX

MAX_GAPS = 9
MAX_CLASSES = 8
KINDS = {"critical": "critical", "value": "share", "combination": "combination", "unknown": "not known"}


def frames_link(words: str, query: str, *, name: str = "", title: str = "") -> dcc.Link:
    """Link to the frames that a query finds."""
    return dcc.Link(words, href=f"{PREFIX}?{urlencode({'q': query})}", className=name, title=title or query)


def gap_list(gaps: Sequence[Gap], *, has_expected: bool) -> html.Div | html.Ol:
    """List what is lacking, the worst first."""
    if not gaps:
        words = (
            "Nothing that is expected is lacking."
            if has_expected
            else "No shares are expected yet, so nothing can be lacking. Give them in the operating conditions: "
            "manage.py conditions show --yaml, and conditions set FILE."
        )
        return html.Div(words, className="quiet")
    return html.Ol(
        [
            html.Li(
                [
                    html.Span(KINDS[gap.kind], className=f"badge gap-{gap.kind}"),
                    html.Span(gap.text, className="gap-text"),
                    frames_link("show" if not gap.elsewhere else f"find {human.count(gap.elsewhere)}", gap.query),
                ]
            )
            for gap in gaps[:MAX_GAPS]
        ],
        className="gaps",
    )


def difference_list(differences: Sequence[Difference], against: str) -> html.Div | html.Ol:
    """List how the frames differ from a dataset version, the largest difference first."""
    if not differences:
        return html.Div(f"These frames and {against} are distributed alike.", className="quiet")
    rows = [
        html.Li(
            [
                html.Span(one.factor, className="badge"),
                html.Span(one.text, className="gap-text"),
                frames_link("show", one.query),
            ]
        )
        for one in differences[:MAX_GAPS]
    ]
    return html.Ol(rows, className="gaps")


def critical_list(covers: Sequence[CriticalCover]) -> list[html.Li]:
    """Show each critical combination with how many of the wanted frames there are."""
    return [
        html.Li(
            [
                frames_link(cover.name, cover.query, name="cut"),
                _bar(min(1.0, cover.frames / cover.least_frames), "met" if not cover.short_by else "short"),
                html.Span(f"{human.count(cover.frames)} of {human.count(cover.least_frames)}", className="number note"),
            ]
        )
        for cover in covers
    ]


def factor_card(found: Distribution) -> html.Section:
    """Show one factor: each value's share as a bar, what is expected as a tick, another set as a second bar."""
    figures = [
        f"{name} {value:.3f}"
        for name, value in (("expected", found.divergence), ("set", found.other_divergence))
        if value is not None
    ]
    return html.Section(
        className="factor",
        children=[
            html.H3([found.factor.replace("_", " "), _divergence(found)], title=found.help),
            html.Ul([_value(value) for value in found.values if found.known])
            if found.known
            else html.Div("No frame has a value yet.", className="note"),
            _missing(found),
        ],
        **aria(label=f"{found.factor} {' '.join(figures)}".strip()),
    )


def matrix(found: Coverage) -> html.Div:
    """Show the pairs of two factors as a table; a pair that no frame has is marked."""
    if not found.known:
        return html.Div("No frame has a value for both.", className="quiet")
    most = max(max(row) for row in found.counts)
    head = [html.Th(), *(html.Th(_words(value), scope="col") for value in found.second_values)]
    rows = [
        html.Tr([html.Th(_words(value), scope="row"), *(_cell(found, i, j, most) for j in range(len(row)))])
        for i, (value, row) in enumerate(zip(found.first_values, found.counts, strict=True))
    ]
    note = f"{human.some(found.absent_count, 'combination')} of {len(rows) * (len(head) - 1)} without a frame."
    unknown = f" {human.some(found.unknown, 'frame')} without a value for both." if found.unknown else ""
    return html.Div(
        [
            html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="matrix"), className="wide"),
            html.P(note + unknown, className="note"),
        ]
    )


def footage_list(shares: FootageShares) -> html.Div | html.Ul:
    """Show in how much of all footage there was motion, people and each class."""
    if not shares.done_videos:
        return html.Div("Known once a cascade has run over a video.", className="quiet")
    listed = [share for share in (shares.motion, *shares.classes[:MAX_CLASSES]) if share is not None]
    return html.Ul([_footage(share) for share in listed], className="footage-shares")


def _footage(share: FootageShare) -> html.Li:
    hint = f"{human.duration(share.seconds)} of {human.duration(share.footage_s)}"
    at_least = "at least " if share.by_the_way else ""
    return html.Li(
        [
            html.Span(share.name, className="cut"),
            _bar(share.share or 0.0, "met"),
            html.Span(f"{at_least}{human.percent(share.share) or '–'}", className="number note"),
        ],
        title=hint,
    )


def _divergence(found: Distribution) -> html.Span:
    parts = []
    if found.divergence is not None:
        parts.append(f"JSD {found.divergence:.3f}")
    if found.other_divergence is not None:
        parts.append(f"set {found.other_divergence:.3f}")
    hint = (
        "Jensen-Shannon divergence from what is expected, and from the set that is compared: 0 is the same, 1 is "
        "nothing in common."
    )
    return html.Span(", ".join(parts), className="note number", title=hint)


def _value(value: ValueShare) -> html.Li:
    share = human.percent(value.share) or "0%"
    expected = "" if value.expected is None else f" {human.percent(value.expected)} is expected."
    other = "" if value.other_share is None else f" {human.percent(value.other_share)} of the set."
    marks = [html.Span(className="bar-fill", style={"width": f"{100 * (value.share or 0):.2f}%"})]
    if value.other_share is not None:
        marks.append(html.Span(className="bar-other", style={"width": f"{100 * value.other_share:.2f}%"}))
    if value.expected is not None:
        marks.append(html.Span(className="bar-tick", style={"left": f"{100 * value.expected:.2f}%"}))
    words = f"{human.some(value.frames, 'frame')}, {share}.{expected}{other}"
    return html.Li(
        [
            frames_link(_words(value.value), value.query, name="cut", title=words),
            html.Span(marks, className="bar thin"),
            html.Span(share, className="number note"),
        ]
    )


def _missing(found: Distribution) -> html.P | None:
    if not found.missing:
        return None
    words = f"{human.some(found.missing, 'frame')} without a value"
    return html.P(frames_link(words, found.missing_query), className="note")


def _cell(found: Coverage, i: int, j: int, most: int) -> html.Td:
    count = found.counts[i][j]
    expected = None if found.expected is None else found.expected[i][j]
    hint = "" if expected is None else f"{human.percent(expected)} is expected"
    if not count:
        return html.Td("–", className="absent" if expected is None or expected > 0 else "", title=hint)
    # The eye sees areas: a square root keeps cells with few frames apart from empty ones.
    shade = f"color-mix(in srgb, var(--accent) {8 + 62 * (count / most) ** 0.5:.0f}%, transparent)"
    return html.Td(human.count(count), className="number", style={"background": shade}, title=hint)


def _bar(share: float, kind: str) -> html.Span:
    return html.Span(
        html.Span(className="bar-fill", style={"width": f"{100 * share:.2f}%"}), className=f"bar thin {kind}"
    )


def _words(value: str) -> str:
    return {"true": "yes", "false": "no"}.get(value, value.replace("_", " "))
