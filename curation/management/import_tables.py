"""What an import read, made and skipped, as people read it."""

import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

MOST_REASONS = 12
PIPED_COLUMNS = 160


def imported(report: Mapping[str, Any]) -> str:
    """Say what an import did."""
    every = counted(report["pictures"], "picture")
    new, known = report["pictures_new"], report["pictures_known"]
    lines = [
        f"[bold]{escape(report['name'])}[/bold] was read as {report['format']}: {every}.",
        f"  {new:,} new, {known:,} known already, {report['pictures'] - new - known:,} skipped.",
        f"  {counted(report['boxes_stored'], 'box', 'boxes')} stored{_of_boxes(report)}.",
    ]
    if report["tags"]:
        lines.append(f"  {counted(report['tags'], 'tag')} that the files carry.")
    if report["unlabelled"]:
        lines.append(f"  {counted(report['unlabelled'], 'picture')} without labels: nobody said what is in them.")
    if report["held_out"]:
        lines.append(f"  {report['held_out']:,} belong to a hold-out, and are kept away from everything else.")
    if report["labelled"]:
        lines.append("Look at what is labelled: manage.py search 'annotated:true'")
    return printed([*lines, *_skipped(report), *_notes(report)])


def foreseen(report: Mapping[str, Any]) -> str:
    """Say what an import would do."""
    labels = ", ".join(f"{label} {count:,}" for label, count in list(report["labels"].items())[:12])
    lines = [
        f"[bold]{escape(report['name'])}[/bold] reads as {report['format']}: {counted(report['total'], 'picture')} "
        f"would come in, {report['labelled']:,} of them labelled.",
        f"  Boxes: {escape(labels) or 'none'}.",
        "Nothing was written. Whether each picture can be decoded shows when it is imported.",
    ]
    return printed([*lines, *_skipped(report), *_notes(report)])


def counted(count: int, one: str, many: str = "") -> str:
    """Say how many, in words: counted(1, "box", "boxes") -> "1 box"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _of_boxes(report: Mapping[str, Any]) -> str:
    parts = []
    if report["boxes_known"]:
        parts.append(f"{report['boxes_known']:,} there already")
    if report["boxes_removed"]:
        parts.append(f"{report['boxes_removed']:,} of the earlier import replaced")
    labels = list(report["labels"].items())
    if labels:
        more = f" and {len(labels) - 8} more labels" if len(labels) > 8 else ""
        parts.append(", ".join(f"{escape(label)} {count:,}" for label, count in labels[:8]) + more)
    return f" ({'; '.join(parts)})" if parts else ""


def _skipped(report: Mapping[str, Any]) -> list[str]:
    reasons = report["skipped"]
    if not reasons:
        return ["Nothing was skipped."]
    lines = ["[bold]Skipped:[/bold]"]
    for one in reasons[:MOST_REASONS]:
        examples = ", ".join(one["examples"][:3])
        more = ", …" if one["count"] > 3 else ""
        lines.append(f"  {one['count']:,} × {escape(one['why'])}: {escape(examples)}{more}")
    if len(reasons) > MOST_REASONS:
        lines.append(f"  and {len(reasons) - MOST_REASONS} more reasons; --json lists all of them.")
    return lines


def _notes(report: Mapping[str, Any]) -> list[str]:
    return [f"Note: {one['count']:,} {escape(one['text'])}." for one in report["notes"]]


def printed(lines: list[str]) -> str:
    """Lay out lines with rich's markup as text; plain where nobody looks."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
    with console.capture() as printed:
        for line in lines:
            console.print(line, soft_wrap=not sys.stdout.isatty())
    return printed.get().rstrip("\n")
