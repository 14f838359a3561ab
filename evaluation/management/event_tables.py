"""What `manage.py events` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType

from curation.management.tables import plain_table

SHOWN = 12
NAMES = {
    "event_recall": "event recall",
    "false_alarms": "false alarms",
    "time_to_detection": "mean time to detection",
}


def list_text(sets: Sequence[Mapping[str, Any]], *, width: int | None) -> str:
    """List sets of events."""
    if not sets:
        return (
            "There are no sets of events yet. Say who was in view when (docs/events.md shows how), and take it in:\n"
            "  manage.py events import NAME FILE.json\n"
        )
    table = plain_table("name", ">videos", ">events", ">looked through", "note")
    for one in sets:
        table.add_row(one["name"], str(one["videos"]), str(one["events"]), _hours(one["looked_s"]), one["note"])
    return _printed([table], width=width)


def show_text(brief: Mapping[str, Any], truth: Sequence[Mapping[str, Any]], *, width: int | None) -> str:
    """Show a set: each video and label with its events, the first few written out."""
    table = plain_table("video", "label", ">looked through", ">events", "in view, in seconds")
    for entry in truth:
        looked_s = sum(end - start for start, end in entry["looked"])
        shown = ", ".join(f"{start:g}–{end:g}" for start, end in entry["intervals"][:SHOWN])
        more = f" and {len(entry['intervals']) - SHOWN} more" if len(entry["intervals"]) > SHOWN else ""
        table.add_row(entry["video"], entry["label"], _hours(looked_s), str(len(entry["intervals"])), shown + more)
    title = f"{brief['name']}: {brief['events']} events in {brief['videos']} videos. {brief['note']}".strip()
    return _printed([title, table], width=width)


def figures_text(measured: Mapping[str, Any], *, width: int | None) -> str:
    """Lay out a model's figures with their intervals."""
    table = plain_table("figure", ">value", "95% interval", ">groups")
    for one in measured["figures"]:
        unit = f" {one['unit']}" if one["unit"] else ""
        ends = "–" if one["low"] is None else f"{one['low']:.2f} to {one['high']:.2f}"
        value = "nothing to measure" if one["value"] is None else f"{one['value']:.2f}{unit}"
        table.add_row(NAMES[one["kind"]], value, ends, str(one["groups"]))
    said = (
        f"{measured['model']} against {measured['events']}, at score {measured['score']:g}: "
        f"{measured['looks']} looks, {measured['fps']:g} each second."
    )
    return _printed([said, table], width=width)


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds:.1f} s"


def _printed(parts: Sequence[RenderableType], *, width: int | None) -> str:
    console = Console(highlight=False, markup=False, width=width)
    with console.capture() as printed:
        for part in parts:
            console.print(part)
    return "\n".join(line.rstrip() for line in printed.get().splitlines()) + "\n"
