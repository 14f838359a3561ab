"""A round as the board of its steps: what each did, in numbers, and where it stands."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from evaluation.core.reports.words import RUN_VERDICTS
from frontend import human
from frontend.components.attributes import aria
from frontend.round_records import RoundDetail, TrainingView
from frontend.site import PREFIX

ORDER = ("seeds", "candidates", "labelling", "dataset", "training", "retest")
NAMES = {
    "seeds": "Seeds", "candidates": "Candidates", "labelling": "Labelling", "dataset": "Dataset",
    "training": "Training", "retest": "Re-test",
}  # fmt: skip
SEED_WORDS = {"missed": "missed", "false_alarm": "false alarms", "low_confidence": "unsure"}
ARM_WORDS = {"strategy": "by the strategy", "control": "at random", "person": "by people"}
SIGNS = {"done": "✓", "failed": "!"}
STATUS_WORDS = {"done": "done", "now": "now", "failed": "failed", "later": "later"}


def board(detail: RoundDetail) -> html.Ol:
    """Show the steps in order."""
    return html.Ol([_step(detail, step) for step in ORDER], className="board", **aria(label="Steps of the round"))


def status_of(detail: RoundDetail, step: str) -> str:
    """Tell whether a step is done, now, failed or later."""
    state = detail.row.state
    if state == "closed":
        return "done"
    if state == "abandoned":
        return "done" if _figure(detail, step)[0] not in ("–", "0") else "later"
    at, mine = ORDER.index(state), ORDER.index(step)
    if mine == at:
        return "failed" if detail.work is not None and detail.work.state == "failed" else "now"
    return "done" if mine < at else "later"


def _step(detail: RoundDetail, step: str) -> html.Li:
    status = status_of(detail, step)
    value, words = _figure(detail, step) if status != "later" else ("–", "")
    return html.Li(
        [
            html.Div(
                [
                    html.Span(
                        SIGNS.get(status, str(ORDER.index(step) + 1)), className="board-mark", **aria(hidden="true")
                    ),
                    html.Span(NAMES[step]),
                    html.Span(f", {STATUS_WORDS[status]}", className="visually-hidden"),
                ],
                className="board-name",
            ),
            html.Div(value, className="value"),
            html.Div(words, className="note"),
        ],
        className=f"board-{status}",
        title=_when(detail, step),
    )


def _figure(detail: RoundDetail, step: str) -> tuple[Any, Any]:
    match step:
        case "seeds":
            return _seeds(detail)
        case "candidates":
            return _candidates(detail)
        case "labelling":
            return _labelling(detail)
        case "dataset":
            return _dataset(detail)
        case "training":
            return _training(detail.training)
        case _:
            return _retest(detail)


def _seeds(detail: RoundDetail) -> tuple[Any, Any]:
    by_kind: dict[str, int] = {}
    for one in detail.seeds:
        by_kind[one.kind] = by_kind.get(one.kind, 0) + one.count
    said = ", ".join(f"{human.count(count)} {SEED_WORDS.get(kind, kind)}" for kind, count in by_kind.items())
    return human.count(sum(by_kind.values())), said


def _candidates(detail: RoundDetail) -> tuple[Any, Any]:
    said = [f"{human.count(one.count)} {ARM_WORDS.get(one.kind, one.kind)}" for one in detail.candidates if one.count]
    said += [f"{human.count(detail.dropped)} dropped"] if detail.dropped else []
    return human.count(detail.kept), ", ".join(said)


def _labelling(detail: RoundDetail) -> tuple[Any, Any]:
    total = sum(one.total for one in detail.batches)
    if not total:
        return "–", "not sent yet"
    labelled, skipped = (sum(one.counts[name] for one in detail.batches) for name in ("labelled", "skipped"))
    said = [detail.batches[-1].via_words] + ([f"{human.count(skipped)} skipped"] if skipped else [])
    return f"{human.count(labelled)} of {human.count(total)}", ", ".join(said)


def _dataset(detail: RoundDetail) -> tuple[Any, Any]:
    if not detail.version:
        return "–", ""
    link = dcc.Link(
        detail.version, href=f"{PREFIX}datasets?{urlencode({'version': detail.version})}", className="link cut"
    )
    return human.count(detail.version_frames or 0), ["frames in ", link]


def _training(training: TrainingView | None) -> tuple[Any, Any]:
    if training is None:
        return "–", ""
    if training.state == "done":
        return headline(training), html.Span(training.name, className="cut", title=training.name)
    done = len(training.epochs)
    return (f"{done} of {training.of_epochs}" if training.of_epochs else f"{done}"), f"epochs; {training.state}"


def headline(training: TrainingView) -> str:
    """Say the figure that people ask for first, of the weights that were taken."""
    for name in ("map50", "mAP50", "ap50", "recall", *training.figures):
        value = training.figures.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"{name} {value:.3f}"
    return "done"


def _retest(detail: RoundDetail) -> tuple[Any, Any]:
    run = detail.retest
    if run is None:
        return "–", ""
    link = dcc.Link(f"Test run {run.id}", href=f"{PREFIX}tests?{urlencode({'run': run.id})}", className="link")
    if not run.verdict:
        return run.state, link
    return html.Span(RUN_VERDICTS.get(run.verdict, run.verdict), className=f"verdict verdict-{run.verdict}"), link


def _when(detail: RoundDetail, step: str) -> str:
    """Say when a step was done, and with what words it ended."""
    lines: Sequence[str] = [
        f"{row.get('at', '')[:16].replace('T', ' ')} {row.get('note', '')}"
        for row in detail.history
        if row.get("state") == step and row.get("note")
    ]
    return "\n".join(lines)
