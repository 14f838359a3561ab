"""The strategies that ship, by name: activelearning/strategies/*.yaml."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from activelearning.core.strategy import Strategy, parse_strategy, read_yaml
from curation.core.errors import SpecError

FOLDER = Path(__file__).resolve().parent.parent / "strategies"
SHIPPED: Mapping[str, str] = MappingProxyType(
    {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
)
"""Each name's YAML text."""
DEFAULT = "default"


def shipped_text(name: str) -> str:
    """Return the YAML of a shipped strategy. Raises SpecError with the names that there are."""
    if name not in SHIPPED:
        raise SpecError(f"There is no strategy {name!r}. Valid ones: {', '.join(SHIPPED)}.")
    return SHIPPED[name]


def shipped(name: str) -> Strategy:
    """Return a shipped strategy. Raises SpecError with the names that there are."""
    return parse_strategy(read_yaml(shipped_text(name)))
