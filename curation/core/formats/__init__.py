"""The formats that labelled pictures come in and go out in. One more is one file here and one line in `FORMATS`."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from curation.core.formats.coco import Coco
from curation.core.formats.contract import Format, FormatError, Reading, Skipped, Skips
from curation.core.formats.tree import Tree

FORMATS: Mapping[str, type[Format]] = MappingProxyType({"coco": Coco})
"""In the order in which `detect` asks them: the more a format gives itself away, the earlier."""


def detect(root: Path) -> str | None:
    """Return the name of the format that a folder, a zip archive or a file looks like; None if like none of them."""
    try:
        tree = Tree(root)
    except (OSError, ValueError):
        return None
    return next((name for name, kind in FORMATS.items() if kind.reads and _fits(kind, tree)), None)


def _fits(kind: type[Format], tree: Tree) -> bool:
    try:
        return kind.fits(tree)
    except (OSError, ValueError):  # a file that cannot be read says nothing about its format
        return False


__all__ = ["FORMATS", "Format", "FormatError", "Reading", "Skipped", "Skips", "detect"]
