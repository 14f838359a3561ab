"""Attributes whose names are no Python names."""

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """Spell aria(label="Pages") as {"aria-label": "Pages"}."""
    return {f"aria-{name}": value for name, value in values.items()}


def marked(**values: str) -> dict[str, Any]:
    """Spell marked(step="after") as {"data-step": "after"}: what our script looks for."""
    return {f"data-{name}": value for name, value in values.items()}


def changes_place(*, current: bool = False) -> dict[str, Any]:
    """Mark a link that changes only the query or the open frame: it needs no page load."""
    return marked(place="true") | (aria(current="true") if current else {})
