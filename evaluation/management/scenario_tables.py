"""What `manage.py scenarios` prints besides reports."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from curation.management.tables import plain_table
from evaluation.core.reports.terminal import RUN_STYLES, printed
from evaluation.models import Suite, TestRun

SHOWN_RUNS = 20


def list_text(*, width: int, color: bool) -> str:
    """List suites, and the newest test runs."""
    suites = list(Suite.objects.annotate(newest=Max("versions__number")).order_by("name"))
    if not suites:
        return (
            "There are no suites yet. Write one (docs/scenarios.md shows how) and hold a model against it:\n"
            "  manage.py scenarios run --model NAME --suite FILE.yaml --dataset NAME@N\n"
        )
    parts: list[RenderableType] = [_suites(suites)]
    runs = list(
        TestRun.objects.select_related("suite__suite", "model", "version__dataset", "job").order_by("-id")[:SHOWN_RUNS]
    )
    if runs:
        parts += ["", _runs(runs)]
    return printed(parts, width=width, color=color)


def discovery_text(result: Mapping[str, Any], *, width: int, color: bool) -> str:
    """Lay out the slices in which a model is worst."""
    parts: list[RenderableType] = [
        Text.assemble((result["model"], "bold"), " on ", (result["dataset"], "bold")),
        f"{result['overall']:.3f} of all objects are right: found, and neither missed nor seen where there are none "
        f"(at score {result['score']:.2f}). {result['tested']:,} slices were compared with the rest.",
        "",
    ]
    if not result["slices"]:
        return printed(
            [*parts, "No slice is worse than the rest for sure. Smaller ones: --least-images, --least-groups."],
            width=width,
            color=color,
        )
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("slice", overflow="fold", ratio=1)
    for name in ("right", "elsewhere", "frames", "groups", "missed", "false", "q"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in result["slices"]:
        table.add_row(
            Text(one["name"]), f"{one['rate']:.3f}", f"{one['rest_rate']:.3f}", f"{one['images']:,}",
            f"{one['groups']:,}", f"{one['missed']:,}", f"{one['false_alarms']:,}", f"{one['q']:.2g}",
        )  # fmt: skip
    said = "q: of the slices that are at least as sure, at most this share is expected to be chance."
    return printed([*parts, table, "", Text(said, style="dim")], width=width, color=color)


def _suites(suites: Sequence[Suite]) -> Table:
    table = plain_table("suite", ">versions")
    for suite in suites:
        table.add_row(suite.name, str(getattr(suite, "newest", 0) or 0))
    return table


def _runs(runs: list[TestRun]) -> Table:
    table = plain_table(">run", "model", "suite", "dataset", "when", "verdict")
    for run in runs:
        state = run.verdict or (run.job.state if run.job else "gone")
        table.add_row(
            str(run.pk), str(run.model), str(run.suite), str(run.version or ""), f"{run.created_at:%Y-%m-%d %H:%M}",
            Text(state, style=RUN_STYLES.get(state, "")),
        )  # fmt: skip
    return table
