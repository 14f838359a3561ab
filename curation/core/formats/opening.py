"""What all readers begin with: the tree, the pictures in it, and names that are given once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from curation.core.formats.contract import FormatError, Skips
from curation.core.formats.tree import Tree
from curation.core.labels import LabelledPicture

_SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
    "testing": "test",
}  # fmt: skip


def open_tree(root: Path, *, skips: Skips) -> Tree:
    """Open what is to be read, and note what in it cannot be. Raises FormatError."""
    try:
        tree = Tree(root)
    except (OSError, ValueError) as error:
        raise FormatError(f"{error} Name a folder, a zip archive or an annotation file.") from error
    for what, why in tree.refused:
        skips.add(what, why)
    return tree


def split_in(path: str) -> str:
    """Return the split that a path speaks of: "instances_train2017.json" and "train/labels.json" -> "train"."""
    for part in reversed(PurePosixPath(path).with_suffix("").parts):
        for word in part.replace("-", "_").replace(".", "_").lower().split("_"):
            if (found := word.rstrip("0123456789")) in _SPLITS:
                return _SPLITS[found]
    return ""


def each_file_once(pictures: Iterable[LabelledPicture], *, skips: Skips) -> Iterator[LabelledPicture]:
    """Pass pictures on, each file once: two that lead to one file are one that is there twice, or a wrong guess."""
    used: set[str] = set()
    for picture in pictures:
        if picture.picture_file and picture.picture_file in used:
            skips.add(f"{picture.name}: {picture.picture_file}", "picture whose file is another's too")
        else:
            used.add(picture.picture_file)
            yield picture


class Names:
    """Names that were given; each can be given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def take(self, *wishes: str) -> str:
        """Take the first of some names that is still free; empty if none is."""
        for wish in wishes:
            if wish and wish not in self._given:
                self._given.add(wish)
                return wish
        return ""


class Labels:
    """Labels in the order in which they appear."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._known: set[str] = set()

    def add(self, labels: Iterable[str]) -> None:
        """Note those that are new."""
        for label in labels:
            if label not in self._known:
                self._known.add(label)
                self.listed.append(label)


class Shelf:
    """Finds the file that an annotation names, wherever in the tree it lies."""

    def __init__(self, files: tuple[str, ...]) -> None:
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for file in files:
            self._by_name[PurePosixPath(file).name].append(file)

    def find(self, name: str, *, near: str = "", split: str = "") -> list[str]:
        """Return the files that a name can mean; more than one only where nothing tells them apart.

        near: the folder of the annotations. Closer files win: below `near`, then in a folder of the split's name."""
        found = [f for f in self._by_name.get(PurePosixPath(name).name, ()) if f == name or f.endswith("/" + name)]
        below = f"{near}/" if near else ""
        for narrower in (
            [f for f in found if f == below + name],
            [f for f in found if f == below + "images/" + name],
            [f for f in found if split and split_in(str(PurePosixPath(f).parent)) == split],
            [f for f in found if below and f.startswith(below)],
        ):
            if len(narrower) == 1:
                return narrower
        return found


def folder_of(name: str) -> str:
    """Return the folder of a name; empty at the root."""
    parent = PurePosixPath(name).parent.as_posix()
    return "" if parent == "." else parent
