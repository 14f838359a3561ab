"""What a round brought: every scenario before and after, those that got worse too, and the control arm beside."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from activelearning.core.round_report import Arm, Figure, RoundReport, ScenarioTurn
from activelearning.core.round_reports.words import control_sentence, price
from evaluation.core.reports.words import RUN_VERDICTS, figure, interval, number
from frontend import human
from frontend.components.tests import SHORT_WORDS
from frontend.figures import data_uri
from frontend.round_figures import change_svg
from frontend.site import PREFIX

CHANGE_WORDS = {"better": "better", "worse": "worse", "same": "the same", "unknown": "not clear"}
CHANGE_CLASS = {"better": "verdict-pass", "worse": "verdict-fail", "same": "", "unknown": "verdict-inconclusive"}
ARM_NAMES = {"strategy": "Strategy", "control": "Control, at random"}


def report(found: RoundReport) -> html.Div:
    """Show before and after, what the labels cost, and the control."""
    worse = [one.name for one in found.scenarios if _is_worse(one)]
    return html.Div(
        className="version",
        children=[
            html.P(_verdicts(found), className="verdict-line"),
            html.P(f"{price(found.spent)}.", className="note"),
            html.P(["Worse than before: ", html.B(", ".join(worse)), "."], className="error") if worse else None,
            html.Div(
                html.Table(
                    [_head(), html.Tbody([_row(one, found.retest) for one in _ordered(found.scenarios)])],
                    className="rows scenarios turns",
                ),
                className="wide",
            ),
            html.P("Pale: before. The shaded side of the line is good enough.", className="note legend"),
            *_control(found),
            *_shares(found),
        ],
    )


def _verdicts(found: RoundReport) -> list[Any]:
    def run(number: int, model: str, verdict: str) -> list[Any]:
        link = dcc.Link(model, href=f"{PREFIX}tests?{urlencode({'run': number})}", className="link cut", title=model)
        return [link, html.Span(RUN_VERDICTS.get(verdict, verdict), className=f"verdict verdict-{verdict}")]

    return [
        *run(found.test_run, found.model_before, found.verdict_before), html.Span("→", title="then"),
        *run(found.retest, found.model_after, found.verdict_after),
    ]  # fmt: skip


def _head() -> html.Thead:
    # What became of it stands first: on a phone what follows is out of sight.
    names = ("Scenario", "Before", "After", "", "Change", "Needed", "Fixed", "Broken")
    hints = {"Fixed": "Objects that only the new model finds", "Broken": "Objects that only the old one found"}
    numbers = ("Needed", "Fixed", "Broken")
    cells = [
        html.Th(name, scope="col", className="number" if name in numbers else "", title=hints.get(name, ""))
        for name in names
    ]
    return html.Thead(html.Tr(cells))


def _row(one: ScenarioTurn, retest: int) -> html.Tr:
    href = f"{PREFIX}tests?{urlencode({'run': retest, 'scenario': one.name})}"
    marks = [html.Span("target", className="badge", title="The round was about it")] if one.is_target else []
    marks += [html.Span("critical", className="badge")] if one.critical else []
    before, after = (_words(figure_, one) for figure_ in (one.before, one.after))
    picture = html.Img(
        src=data_uri(change_svg(one)), alt=f"{one.name}: before {before}, after {after}", className="interval change"
    )
    return html.Tr(
        [
            html.Th(
                [dcc.Link(one.name, href=href, className="link"), *marks, html.Div(one.metric, className="note")],
                scope="row",
            ),
            html.Td(_figure(one.before, one)),
            html.Td(_figure(one.after, one)),
            html.Td(picture),
            html.Td(_change(one)),
            html.Td(f"{'≥' if one.is_higher_better else '≤'} {figure(one.threshold, one.unit)}", className="number"),
            html.Td(human.count(one.fixed), className="number"),
            html.Td(human.count(one.broken), className="number"),
        ],
        className="worse" if _is_worse(one) else "",
    )


def _figure(shown: Figure, one: ScenarioTurn) -> list[Any]:
    words = figure(shown.value, one.unit, apart_from=one.threshold)
    return [
        html.Span(SHORT_WORDS[shown.verdict], className=f"verdict verdict-{shown.verdict}"),
        html.Span(words, className="number turn-value", title=interval(shown.low, shown.high, one.unit)),
    ]


def _words(shown: Figure, one: ScenarioTurn) -> str:
    ends = interval(shown.low, shown.high, one.unit)
    return f"{figure(shown.value, one.unit)} in {ends}, {SHORT_WORDS[shown.verdict]}"


def _change(one: ScenarioTurn) -> list[Any]:
    words = html.Span(CHANGE_WORDS[one.change], className=f"verdict {CHANGE_CLASS[one.change]}".strip())
    if one.difference is None:
        return [words]
    said = number(one.difference, one.unit, signed=True)
    return [words, html.Div(f"{said} {interval(one.low, one.high, one.unit)}", className="note number")]


def _is_worse(one: ScenarioTurn) -> bool:
    return one.change == "worse" or one.turn == "turned red"


def _ordered(scenarios: Sequence[ScenarioTurn]) -> list[ScenarioTurn]:
    """Put what the round was about first, then what got worse; the rest keeps the suite's order."""
    return sorted(scenarios, key=lambda one: (not one.is_target, not _is_worse(one)))


def _control(found: RoundReport) -> list[Any]:
    if not found.arms:
        return []
    targets = [one for one in found.targets if any(one.name in arm.figures for arm in found.arms)]
    head = html.Tr(
        [html.Th("Scenario", scope="col"), *(html.Th(ARM_NAMES[arm.name], scope="col") for arm in found.arms)]
    )
    rows = [
        html.Tr([html.Th(one.name, scope="row"), *(html.Td(_arm(arm, one)) for arm in found.arms)]) for one in targets
    ]
    labels = " and ".join(f"{human.count(arm.labels)} ({ARM_NAMES[arm.name].lower()})" for arm in found.arms)
    said = f"Two more models were taught, each with the labels of one arm alone: {labels}."
    return [
        html.H3("Was the strategy worth it?"),
        html.P(control_sentence(found) or said),
        html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="rows scenarios arms"), className="wide"),
    ]


def _arm(arm: Arm, one: ScenarioTurn) -> list[Any]:
    shown = arm.figures.get(one.name)
    if shown is None:
        return ["–"]
    return [*_figure(shown, one), html.Div(interval(shown.low, shown.high, one.unit), className="note number")]


def _shares(found: RoundReport) -> list[Any]:
    if not found.told_shares:
        return []
    rows = [
        html.Tr(
            [
                html.Th(str(one.get("query", "")), scope="row", className="query"),
                html.Td(human.count(int(one.get("pictures") or 0)), className="number"),
                *(html.Td(_share(one.get(key)), className="number") for key in ("before", "after", "asked")),
            ]
        )
        for one in found.told_shares
    ]
    head = html.Tr([html.Th(name, scope="col", className="number" if name != "Query" else "") for name in _SHARES])
    return [
        html.H3("Shares of the training set"),
        html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="rows shares"), className="wide"),
    ]


_SHARES = ("Query", "Pictures", "Before", "After", "Asked for")


def _share(value: Any) -> str:
    return human.percent(float(value)) if isinstance(value, int | float) else "–"
