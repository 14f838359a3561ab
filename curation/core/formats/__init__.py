"""The formats that labelled pictures come in and go out in. One more is one file here and one line in `FORMATS`."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from curation.core.formats.coco import Coco
from curation.core.formats.contract import Format, FormatError, Reading, Skipped, Skips
from curation.core.formats.cvat import Cvat
from curation.core.formats.folder import Folder
from curation.core.formats.label_studio import LabelStudio
from curation.core.formats.mot import Mot
from curation.core.formats.tag_csv import TagCsv
from curation.core.formats.tag_parquet import TagParquet
from curation.core.formats.tree import Tree
from curation.core.formats.voc import Voc
from curation.core.formats.yolo import Yolo

FORMATS: Mapping[str, type[Format]] = MappingProxyType(
    {
        "mot": Mot,
        "cvat": Cvat,
        "voc": Voc,
        "label_studio": LabelStudio,
        "coco": Coco,
        "yolo": Yolo,
        "parquet": TagParquet,
        "csv": TagCsv,
        "folder": Folder,
    }
)
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
