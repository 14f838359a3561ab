"""Models and their predictions in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from curation.management.tables import plain_table
from evaluation.models import ModelVersion, PredictionRun

INDENT = (0, 0, 0, 2)
MOST_LABELS, MOST_REASONS = 12, 12


def models_table(models: Sequence[ModelVersion]) -> Table:
    """List models, one line each. They come with `run_count`."""
    table = plain_table("model", "weights", ">labels", "trained on", "parent", ">predictions")
    for model in models:
        table.add_row(
            model.name, escape(model.detector) or "none here", f"{len(model.labels):,}" if model.labels else "?",
            str(model.trained_on or ""), str(model.parent or ""), f"{getattr(model, 'run_count', 0):,}",
        )  # fmt: skip
    return table


def model_sections(model: ModelVersion, runs: Sequence[PredictionRun]) -> Iterator[RenderableType]:
    """Show a model: its weights, labels, where it comes from, and its predictions, the newest first."""
    yield Text(model.name, "bold")
    facts = {
        "weights": model.detector or "none here: it is known by predictions that were made elsewhere",
        "SHA-256": model.weights_sha256,
        "labels": _some(model.labels) or "not known",
        "mapped": _some([f"{own} → {theirs or 'nothing'}" for own, theirs in sorted(model.label_map.items())]),
        "trained on": str(model.trained_on or ""),
        "parent": str(model.parent or ""),
        "notes": model.notes,
        "added": f"{model.created_at:%Y-%m-%d %H:%M}" + (f" by {model.created_by}" if model.created_by else ""),
    }
    for name, value in facts.items():
        if value:
            yield Padding(Text(f"{name:10} {value}"), INDENT)
    if not runs:
        yield Text(f"\nIt has no predictions yet: manage.py predict {model} --dataset NAME@N --wait")
        return
    table = plain_table(">run", "frames", ">count", ">boxes", "made", "state")
    for run in runs:
        table.add_row(
            str(run.pk), escape(str(run.version or run.query or "all frames")), f"{run.frame_count:,}",
            f"{run.box_count:,}", run.get_origin_display(), state_of(run),
        )  # fmt: skip
    yield Padding(table, (1, 0, 0, 2))


def run_sections(run: PredictionRun) -> Iterator[RenderableType]:
    """Show a prediction run: over which frames, how far it is, and of an import what came in and what did not."""
    what = str(run.version or (f"frames of {run.query!r}" if run.query else "all frames"))
    yield Text.assemble((run.model.name, "bold"), f" over {what}: ", f"{run.frame_count:,} frames, ", _end(run))
    if held := run.report.get("held_out"):
        yield Padding(Text(f"{held:,} frames that match are held out, and were left out."), INDENT)
    if "rows" in run.report:
        yield from _read_in(run.report, source=run.source)


def state_of(run: PredictionRun) -> str:
    """Say in a word how a run stands: done, or what its job is."""
    return "done" if run.is_done else run.job.state if run.job else "broken off"


def _end(run: PredictionRun) -> str:
    if run.is_done:
        return f"{run.box_count:,} boxes."
    job = f"job {run.job.pk} is {run.job.state}" if run.job else "its job is gone"
    return f"{job}."


def _read_in(report: Mapping[str, Any], *, source: str) -> Iterator[RenderableType]:
    yield Padding(
        Text(
            f"{source}: {report['rows']:,} rows read, {report['stored']:,} boxes stored in "
            f"{report['frames_with_boxes']:,} frames; {report['frames_without_boxes']:,} frames show nothing, by the "
            "model's word."
        ),
        INDENT,
    )
    if not report["skipped"]:
        yield Padding(Text("Nothing was skipped."), INDENT)
        return
    yield Padding(Text("Skipped:", "bold"), INDENT)
    for one in report["skipped"][:MOST_REASONS]:
        examples = ", ".join(one["examples"][:3]) + (", …" if one["count"] > 3 else "")
        yield Padding(Text(f"{one['count']:,} × {one['why']}: {examples}"), (0, 0, 0, 4))


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - MOST_LABELS} more" if len(words) > MOST_LABELS else ""
    return ", ".join(words[:MOST_LABELS]) + more
