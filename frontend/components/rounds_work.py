"""Labelling and training of a round: how far they are, and how they went."""

from collections.abc import Sequence
from typing import Any

from dash import html

from frontend import human
from frontend.components.rounds_board import headline
from frontend.figures import data_uri
from frontend.round_figures import colours_of, lines_svg, series_of
from frontend.round_records import BatchView, TrainingView

LABELLING = ".venv/bin/python manage.py labelling"
PARTS = (
    ("labelled", "labelled", 0),
    ("skipped", "skipped", 1),
    ("gone", "deleted there", 2),
    ("sent", "with the annotators", 3),
    ("waiting", "not sent yet", 4),
)
Series = dict[str, list[float | None]]


def labelling(batch: BatchView) -> list[Any]:
    """Show how much of a batch is labelled, and lead to where people label it."""
    links: list[Any] = []
    if batch.address:
        words = f"Open {batch.project} in Label Studio"
        links.append(html.A(words, href=batch.address, className="link", target="_blank", rel="noopener noreferrer"))
    elif batch.via == "files" and batch.is_open:
        verbs = (("Out: ", f"export {batch.id} --out batch-{batch.id}.zip"), ("Back: ", f"import {batch.id} FILE"))
        links += [html.Span([way, html.Code(f"{LABELLING} {verb}")], className="note") for way, verb in verbs]
    counts = batch.counts
    shown = [(name, words, at) for name, words, at in PARTS if counts.get(name)]
    bar = [
        html.Span(className=f"split labels-{at}", style={"width": f"{100 * counts[name] / max(batch.total, 1):.2f}%"})
        for name, _, at in shown
    ]
    key = [
        html.Span([html.I(className=f"labels-{at}"), f"{human.count(counts[name])} {words}"])
        for name, words, at in shown
    ]
    far = f"{human.count(batch.labelled)} of {human.count(batch.total)}"
    return [
        html.P([html.Span(far, className="value"), " frames labelled"], className="big-line"),
        html.Div(bar, className="bar thin splits"),
        html.Div(key, className="key note wrap"),
        html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in _facts(batch)], className="facts pace"),
        html.Div(links, className="links") if links else None,
    ]


def _facts(batch: BatchView) -> list[tuple[str, str]]:
    facts = []
    if batch.labels_per_hour is not None:
        left = f", about {human.duration(batch.left_s)} of work left" if batch.left_s else ""
        facts.append(("Pace", f"{batch.labels_per_hour:,.0f} frames an hour{left}"))
    if batch.annotators:
        alike = f"; their boxes agree by {batch.agreement:.2f} (IoU)" if batch.agreement is not None else ""
        facts.append(("Annotators", f"{batch.annotators}{alike}"))
    if batch.cost_so_far is not None:
        whole = f" of about {batch.cost_expected:,.2f}" if batch.cost_expected is not None else ""
        facts.append(("Cost", f"{batch.cost_so_far:,.2f}{whole} {batch.currency}".rstrip()))
    if batch.compared:
        said = ", ".join(f"{human.count(count)} {word}" for word, count in batch.changes.items())
        facts.append(("Proposed", f"{said}; on {human.some(batch.compared, 'frame')}"))
    return facts


def training(one: TrainingView) -> list[Any]:
    """Show a training: its losses and figures for each epoch, and what it ended with."""
    facts = [
        ("Model", one.name),
        ("From", one.base or "scratch"),
        ("On", one.dataset),
        ("Trainer", f"{one.trainer}{f' on {one.device}' if one.device else ''}"),
        ("State", _state(one)),
    ]
    return [
        html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts"),
        html.P(one.error, className="error training-error") if one.error else None,
        html.Div(_curves(one), className="curves") if one.epochs else html.P(_no_curve(one), className="quiet"),
    ]


def _state(one: TrainingView) -> str:
    done = len(one.epochs)
    if one.state == "done":
        return f"done after {human.some(done, 'epoch')}, {headline(one)}" if done else f"done, {headline(one)}"
    return f"{one.state}, {f'{done} of {one.of_epochs} epochs' if one.of_epochs else human.some(done, 'epoch')}"


def _no_curve(one: TrainingView) -> str:
    if one.state in ("failed", "cancelled", "gone"):
        return "It ended before its first epoch."
    return (
        "Its trainer told nothing of its epochs." if one.state == "done" else "The curve begins with the first epoch."
    )


def _curves(one: TrainingView) -> list[html.Figure]:
    drawn: list[tuple[str, Series, float | None]] = []
    losses, figures = series_of(one.epochs, "losses"), series_of(one.epochs, "figures")
    if losses:
        drawn.append(("Losses", losses, None))
    if figures:
        shares = all(value is None or 0 <= value <= 1 for values in figures.values() for value in values)
        drawn.append(("Figures on the split val", figures, 1.0 if shares else None))
    return [_figure(name, series, most) for name, series, most in drawn]


def _figure(name: str, series: Series, most: float | None) -> html.Figure:
    lasts = {line: f"{line} {_last(values)}" for line, values in series.items()}
    key = [
        html.Span([html.I(style={"background": colour}), lasts[line]])
        for colour, line in zip(colours_of(series), series, strict=True)
    ]
    said = f"{name} by epoch; the last: {', '.join(lasts.values())}"
    picture = html.Img(src=data_uri(lines_svg(series, most=most)), alt=said, className="lines")
    return html.Figure([html.Figcaption(name), picture, html.Div(key, className="key note wrap")])


def _last(values: Sequence[float | None]) -> str:
    found = next((value for value in reversed(values) if value is not None), None)
    return "–" if found is None else f"{found:.3g}"
