"""A round for a pull request or a chat, what needs a look first."""

from activelearning.core.round_report import RoundReport, ScenarioTurn
from activelearning.core.round_reports.words import CHANGES, control_sentence, objects, price, shown, worst_first
from evaluation.core.reports.markdown_text import table, text
from evaluation.core.reports.words import RUN_VERDICTS, figure

HEAD = ("", "Scenario", "Metric", "Before", "After", "Objects", "Compared", "Verdict")
RIGHT = ("Before", "After", "Objects")
SIGNS = {"ready": "✅", "failed": "❌", "undecided": "❔"}


def render_markdown(report: RoundReport, *, width: int, color: bool) -> str:
    """Write a round for a comment on GitHub or GitLab. `width` and `color` have no meaning here."""
    before, after = RUN_VERDICTS[report.verdict_before], RUN_VERDICTS[report.verdict_after]
    lines = [
        f"### {SIGNS[report.verdict_after]} Round {report.round}: {before} → {after}",
        "",
        text(report.sentence),
        "",
        f"**{text(report.model_after)}** beside **{text(report.model_before)}** over suite **{text(report.suite)}**, "
        f"on **{text(report.dataset)}**; {price(report.spent)}; trained on **{text(report.training_version)}**.",
        "",
        *(f"> {text(note)}\n" for note in report.notes),
        *table(HEAD, map(_row, worst_first(report)), right=RIGHT),
    ]
    if report.arms:
        names = [text(one.name) for one in report.targets]
        lines += ["", *table(("Labels chosen by", "Labels", *names), _arms(report), right=("Labels", *names))]
        lines += ["", control_sentence(report)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(one: ScenarioTurn) -> tuple[str, ...]:
    name = f"**{text(one.name)}**" if one.is_target else text(one.name)
    figures = (shown(each, one.unit, threshold=one.threshold) for each in (one.before, one.after))
    return (
        "→" if one.is_target else "", name + (" (critical)" if one.critical else ""), text(one.metric), *figures,
        objects(one), CHANGES[one.change], one.turn,
    )  # fmt: skip


def _arms(report: RoundReport) -> list[tuple[str, ...]]:
    rows = []
    for arm in report.arms:
        found = [arm.figures.get(one.name) for one in report.targets]
        cells = [figure(each.value, one.unit) if each else "–" for each, one in zip(found, report.targets, strict=True)]
        rows.append(("the strategy" if arm.name == "strategy" else "chance (control)", f"{arm.labels:,}", *cells))
    return rows
