"""Reading YOLO: data.yaml in its variants, lists of pictures, rows of boxes and of outlines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from curation.core.formats import checks
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.names import stem_of, unflat
from curation.core.formats.opening import Names, folder_of, open_tree, split_in
from curation.core.formats.own_fields import KEY
from curation.core.formats.picture_size import picture_size
from curation.core.formats.text_files import Unreadable, read_text
from curation.core.formats.tree import PICTURE_SUFFIXES, Tree, suffix
from curation.core.formats.yolo_rows import read_rows
from curation.core.labels import LabelledBox, LabelledPicture

_KEYS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_LISTS_OF_NAMES = ("classes.txt", "obj.names", "coco.names")
_EXPECTED = (
    "YOLO has a data.yaml with `names` and the folders `train` and `val`, or a classes.txt beside the label files"
)
_MOST_CLASSES = 100_000
_MOST_ENTRIES = 1000


@dataclass(frozen=True)
class _Plan:
    """What data.yaml says. `splits` is empty where it names no folders: then all pictures belong to the data."""

    file: str
    labels: Mapping[int, str]
    splits: Mapping[str, list[str]]
    base: str
    is_ours: bool = False
    points: int = 0
    """Numbers behind each box, of keypoints."""


def class_files(tree: Tree) -> list[str]:
    """Return the files that could name the classes, the likeliest first."""
    yamls = [name for name in tree.named(".yaml", ".yml") if b"names" in tree.head(name, 1 << 20)]
    yamls.sort(key=lambda name: (name.count("/"), "data" not in PurePosixPath(name).name, name))
    return yamls + [name for name in tree.names if PurePosixPath(name).name in _LISTS_OF_NAMES]


def read_yolo(root: Path) -> Reading:
    """Read the dataset below a root. Raises FormatError where no file names the classes."""
    skips = Skips()
    tree = open_tree(root, skips=skips)
    candidates, why = class_files(tree), "there is none of them"
    for name in candidates:
        try:
            plan = _plan(tree, name, skips=skips)
        except (Unreadable, FormatError) as error:
            why = f"{name}: {error}"
            skips.add(name, "file of class names that cannot be read")
            continue
        classes = list(dict.fromkeys(plan.labels[number] for number in sorted(plan.labels)))
        return Reading(_pictures(tree, plan, skips=skips), skips, classes)
    raise FormatError(f"{_EXPECTED}; {why}.")


def _plan(tree: Tree, name: str, *, skips: Skips) -> _Plan:
    text = read_text(tree, name)
    if suffix(name) not in (".yaml", ".yml"):
        lines = [line.strip() for line in text.splitlines()]
        return _Plan(name, _labels(lines, name=name, skips=skips), {}, folder_of(name))
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FormatError("it is not valid YAML") from error
    if not isinstance(content, dict):
        raise FormatError("it is no mapping")
    own = content.get(KEY)
    splits = own.get("splits") if isinstance(own, dict) else None
    is_ours = isinstance(splits, dict)
    if not isinstance(splits, dict):
        splits = {_KEYS[key]: value for key, value in content.items() if key in _KEYS}
        splits = _apart({split: _entries(value) for split, value in splits.items()})
    base = content.get("path")
    return _Plan(
        name,
        _labels(_listed(content), name=name, skips=skips),
        {checks.word(split): _entries(value) for split, value in splits.items()},
        base if isinstance(base, str) and not is_ours else "",
        is_ours,
        _points(content.get("kpt_shape")),
    )


def _entries(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [entry for entry in listed if isinstance(entry, str) and entry][:_MOST_ENTRIES]


def _apart(splits: dict[str, list[str]]) -> dict[str, list[str]]:
    """Give a folder that stands for several splits to the one it is named after, else to none of them."""
    found: dict[str, list[str]] = {}
    for entry in dict.fromkeys(entry for entries in splits.values() for entry in entries):
        owners = [split for split, entries in splits.items() if entry in entries]
        named = split_in(entry + "/x")
        split = owners[0] if len(owners) == 1 else named if named in owners and _is_plain_split(entry) else ""
        found.setdefault(split, []).append(entry)
    return found


def _is_plain_split(entry: str) -> bool:
    return any(part in _KEYS for part in PurePosixPath(entry).parts)


def _listed(content: dict[Any, Any]) -> dict[Any, Any] | list[Any]:
    names, count = content.get("names"), checks.whole(content.get("nc"))
    if isinstance(names, list | dict):
        return names
    if count is None or not 0 < count <= _MOST_CLASSES:
        raise FormatError("`names` is no list of names")
    return [f"class_{number}" for number in range(count)]  # as Ultralytics calls them


def _labels(listed: dict[Any, Any] | list[Any], *, name: str, skips: Skips) -> dict[int, str]:
    items = listed.items() if isinstance(listed, dict) else enumerate(listed)
    labels = {}
    for key, value in items:
        number = int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 10 else checks.whole(key)
        text = checks.label(str(value) if checks.number(value) is not None else value)
        if number is None or number < 0 or not text:
            if value != "":
                skips.add(
                    f"{name}: {checks.shown(key)}: {checks.shown(value)}", "class without a usable number and name"
                )
        else:
            labels[number] = text
    return labels


def _points(shape: object) -> int:
    sides = [checks.whole(side) for side in shape] if isinstance(shape, list) else []
    return sides[0] * sides[1] if len(sides) == 2 and sides[0] and sides[1] and 0 < sides[0] * sides[1] < 10_000 else 0


def _pictures(tree: Tree, plan: _Plan, *, skips: Skips) -> Iterator[LabelledPicture]:
    names, used, labels_used = Names(), set(), set()
    for split, folder, file in _files(tree, plan, skips=skips):
        if file in used:
            skips.add(file, "picture that two splits name; the first was taken")
            continue
        used.add(file)
        label_file = _label_file(file)
        labels_used.add(label_file)
        size = picture_size(tree, file)
        if size is None:
            skips.add(file, "picture that cannot be read")
            continue
        short = file.removeprefix(f"{folder}/") if folder else file
        name = names.take(unflat(short) if plan.is_ours else short, file)
        if not name:
            skips.add(file, "picture whose name is another's too")
            continue
        boxes = _boxes(tree, label_file, size=size, plan=plan, skips=skips)
        yield LabelledPicture(name, *size, boxes=boxes, split=split, picture_file=file)
    for file in tree.pictures:
        if file not in used:
            skips.add(file, "picture that no split names")
    for file in tree.named(".txt"):
        if "labels" in PurePosixPath(file).parts[:-1] and file not in labels_used:
            skips.add(file, "label file without a picture")


def _boxes(tree: Tree, file: str, *, size: tuple[int, int], plan: _Plan, skips: Skips) -> list[LabelledBox] | None:
    if file not in tree:
        return None
    try:
        text = read_text(tree, file)
    except Unreadable as error:
        skips.add(file, str(error))
        return None
    return list(read_rows(text, file=file, labels=plan.labels, size=size, points=plan.points, skips=skips))


def _label_file(picture: str) -> str:
    """Return where the labels of a picture lie: in `labels` instead of the last `images`, else beside it."""
    return stem_of("/labels/".join(f"/{picture}".rsplit("/images/", 1)))[1:] + ".txt"


def _files(tree: Tree, plan: _Plan, *, skips: Skips) -> Iterator[tuple[str, str, str]]:
    """Yield (split, folder, picture) of every picture that belongs to the data."""
    if not plan.splits:
        for file in tree.pictures:
            yield split_in(folder_of(file) + "/x"), folder_of(plan.file), file
    places = _Places(tree, plan)
    for split, entries in plan.splits.items():
        for entry in entries:
            place = places.find(entry)
            if place is None:
                skips.add(f"{plan.file}: {entry:.200}", "folder or list in data.yaml that is not there")
            elif place in tree:
                for line in places.lines(place, skips=skips):
                    yield split, folder_of(line), line
            else:
                for file in tree.pictures:
                    if not place or file.startswith(f"{place}/"):
                        yield split, place, file


class _Places:
    """Finds what data.yaml names. Paths are tried below `path`, the file's own folder and the root; of absolute paths,
    and of those that lead out with '..', the longest ending that is there counts: they were written elsewhere."""

    def __init__(self, tree: Tree, plan: _Plan) -> None:
        self.tree = tree
        own = folder_of(plan.file)
        self.bases = list(dict.fromkeys([_joined(own, plan.base), own, _joined("", plan.base), ""]))
        self.folders = {str(parent) for name in tree.names for parent in PurePosixPath(name).parents} - {"."}

    def find(self, entry: str) -> str | None:
        parts = [part for part in entry.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        is_elsewhere = entry.startswith(("/", "..")) or ":" in entry.split("/")[0]
        for start in range(len(parts) if is_elsewhere else 1):
            for base in self.bases:
                place = _joined(base, "/".join(parts[start:]))
                if place in self.folders or place in self.tree or (not place and self.tree.names):
                    return place
        return None

    def lines(self, name: str, *, skips: Skips) -> Iterator[str]:
        """Yield the pictures that a list names and that are there."""
        if suffix(name) in PICTURE_SUFFIXES:
            yield name
            return
        try:
            text = read_text(self.tree, name)
        except Unreadable as error:
            skips.add(name, str(error))
            return
        self.bases = list(dict.fromkeys([folder_of(name), *self.bases]))
        for line in filter(None, (line.strip() for line in text.splitlines())):
            place = self.find(line)
            if place is not None and place in self.tree and suffix(place) in PICTURE_SUFFIXES:
                yield place
            else:
                skips.add(f"{name}: {line:.200}", "picture in a list that is not there")


def _joined(base: str, path: str) -> str:
    return "/".join(part for part in f"{base}/{path}".split("/") if part not in ("", ".", ".."))
