"""A round in a terminal: before and after, and at the end, which is what one sees, what it brought."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from activelearning.core.round_report import RoundReport, ScenarioTurn
from activelearning.core.round_reports.words import CHANGES, control_sentence, objects, price, shown, worst_last
from evaluation.core.reports.terminal import NARROW, RUN_STYLES, printed, table
from evaluation.core.reports.words import RUN_VERDICTS, clean, figure

STYLES = {
    "turned green": "bold green", "still green": "green", "turned red": "bold red", "still red": "red",
    "undecided": "yellow",
}  # fmt: skip


def render_terminal(report: RoundReport, *, width: int, color: bool) -> str:
    """Lay a round out for a terminal of `width` columns."""
    return printed(_parts(report, width), width=width, color=color)


def _parts(report: RoundReport, width: int) -> Iterator[RenderableType]:
    yield Text.assemble(
        (f"Round {report.round}", "bold"), f": {clean(report.model_after)} beside {clean(report.model_before)} over "
        f"suite {clean(report.suite)}, on {clean(report.dataset)}",
    )  # fmt: skip
    yield Text(f"{price(report.spent)}; trained on {clean(report.training_version)}", style="dim")
    for note in report.notes:
        yield Text(clean(note), style="dim")
    yield ""
    yield _scenarios(report, width)
    if any(one.is_target for one in report.scenarios):
        yield Text("→ what the round was about   * critical", style="dim")
    if report.arms:
        yield ""
        yield _arms(report, width)
        yield Text(control_sentence(report))
    yield from _shares(report)
    yield ""
    before, after = RUN_VERDICTS[report.verdict_before], RUN_VERDICTS[report.verdict_after]
    yield Text.assemble((f"{before} → {after}. ", RUN_STYLES[report.verdict_after]), clean(report.sentence))


def _scenarios(report: RoundReport, width: int) -> Table:
    listed = table(width)
    listed.add_column("scenario", overflow="fold", ratio=1, min_width=8)
    is_wide = width >= NARROW + 20
    for name in ("before", "after", *(("objects",) if is_wide else ())):
        listed.add_column(name, justify="right", no_wrap=True)
    listed.add_column("compared" if is_wide else "", no_wrap=True)
    listed.add_column("verdict", no_wrap=True)
    for one in worst_last(report):
        cells = _cells(one, is_wide=is_wide)
        name = ("→ " if one.is_target else "  ") + clean(one.name) + (" *" if one.critical else "")
        style = "bold" if one.is_target else ""
        change = CHANGES[one.change] if is_wide else CHANGES[one.change][0]
        listed.add_row(Text(name, style=style), *cells, Text(change), Text(one.turn, style=STYLES[one.turn]))
    return listed


def _cells(one: ScenarioTurn, *, is_wide: bool) -> list[Text]:
    if not is_wide:
        return [Text(figure(one.before.value, one.unit)), Text(figure(one.after.value, one.unit))]
    figures = [shown(each, one.unit, threshold=one.threshold) for each in (one.before, one.after)]
    return [*map(Text, figures), Text(objects(one))]


def _arms(report: RoundReport, width: int) -> Table:
    listed = table(width)
    listed.add_column("labels chosen by", no_wrap=True)
    listed.add_column("labels", justify="right")
    for one in report.targets:
        listed.add_column(clean(one.name), justify="right", overflow="fold")
    for arm in report.arms:
        cells = [
            figure(found.value, one.unit) if (found := arm.figures.get(one.name)) else "–" for one in report.targets
        ]
        named = "the strategy" if arm.name == "strategy" else "chance (control)"
        listed.add_row(named, f"{arm.labels:,}", *cells)
    return listed


def _shares(report: RoundReport) -> Iterator[RenderableType]:
    if not report.told_shares:
        return
    yield ""
    yield Text("Shares of the training set", style="bold")
    for one in report.told_shares:
        raised = f" (asked for {one['asked']:.1%})" if one.get("asked") is not None else ""
        yield Text(f"  {clean(str(one['query']))}: {one['before']:.1%} → {one['after']:.1%}{raised}")
