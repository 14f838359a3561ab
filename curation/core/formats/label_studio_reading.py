"""Reading Label Studio's JSON export: which annotation of a task counts, and which picture a task shows."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from curation.core.formats import checks
from curation.core.formats.contract import FormatError, Reading, Skips
from curation.core.formats.label_studio_regions import original_size, read_regions
from curation.core.formats.names import clean_name
from curation.core.formats.opening import Labels, Names, Shelf, each_file_once, folder_of, open_tree
from curation.core.formats.own_fields import KEY, read_own_fields
from curation.core.formats.picture_size import picture_size
from curation.core.formats.text_files import Unreadable, read_json
from curation.core.formats.tree import PICTURE_SUFFIXES, Tree, suffix
from curation.core.labels import LabelledPicture

_EXPECTED = "Label Studio's JSON is a list of tasks with `data` and `annotations` (export as JSON, not JSON-MIN)"
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")


def looks_like_tasks(head: bytes) -> bool:
    """Tell whether a file begins like a list of tasks, or like one task."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_task = b'"data"' in head and (b'"annotations"' in head or b'"predictions"' in head or b'"completions"' in head)
    return (start.startswith(b"[") and b'"data"' in head) or (
        start.startswith(b"{") and is_task and b'"image_id"' not in head
    )


def read_label_studio(root: Path) -> Reading:
    """Read every file of tasks below a root. Raises FormatError if there is none."""
    skips = Skips()
    tree = open_tree(root, skips=skips)
    found: list[tuple[str, list[Any]]] = []
    why = "there is no JSON file"
    for name in tree.named(".json"):
        try:
            content = read_json(tree, name)
        except Unreadable as error:
            why = f"{name} is a {error}"
            skips.add(name, str(error))
            continue
        tasks = content if isinstance(content, list) else [content]
        if all(not isinstance(task, dict) or not isinstance(task.get("data"), dict) for task in tasks) and tasks:
            why = f"{name} holds no tasks"
            skips.add(name, "JSON file without tasks")
        else:
            found.append((name, tasks))
    if not found:
        raise FormatError(f"{_EXPECTED}; {why}.")
    labels = Labels()
    return Reading(
        each_file_once(_pictures(tree, found, skips=skips, labels=labels), skips=skips), skips, labels.listed
    )


def _pictures(
    tree: Tree, files: list[tuple[str, list[Any]]], *, skips: Skips, labels: Labels
) -> Iterator[LabelledPicture]:
    names, shelf = Names(), Shelf(tree.pictures)
    for file, tasks in files:
        for position, task in enumerate(tasks):
            what = f"{file} task {position}"
            if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
                skips.add(what, "task without data")
                continue
            picture = _picture(tree, task, what=what, near=folder_of(file), names=names, shelf=shelf, skips=skips)
            if picture is not None:
                labels.add(box.label for box in picture.boxes or ())
                yield picture


def _picture(
    tree: Tree, task: dict[str, Any], *, what: str, near: str, names: Names, shelf: Shelf, skips: Skips
) -> LabelledPicture | None:
    said = task["data"].get(KEY)
    own = read_own_fields(said, what=what, skips=skips)
    path = _path(task["data"])
    if not path and "name" not in own:
        skips.add(what, "task whose data names no picture, or not safely")
        return None
    files = _files(path, near=near, shelf=shelf) if path else []
    if len(files) > 1:
        skips.add(f"{what}: {', '.join(files[:3])}", "picture that could be one of several files")
        return None
    regions = _regions(task, what=what, skips=skips)
    size = original_size(regions or [])
    if size is None and isinstance(said, dict):
        sides = checks.side(said.get("width")), checks.side(said.get("height"))
        size = (sides[0], sides[1]) if sides[0] and sides[1] else None
    size = size or (picture_size(tree, files[0]) if files else None)
    if size is None:
        skips.add(what, "picture without a usable width and height")
        return None
    name = names.take(own.pop("name", "") or path)
    if not name:
        skips.add(f"{what}: {path:.200}", "picture whose name is another's too")
        return None
    own.pop("boxes", None)
    picture = LabelledPicture(name, *size, picture_file=files[0] if files else "", **own)
    if regions is None:
        return picture
    boxes, tags = read_regions(regions, size=size, what=what, skips=skips)
    # What a person chose wins; but a list of one, and its only member, are the same choice.
    changed = {f: value for f, value in tags.items() if picture.tags.get(f) not in (value, [value])}
    return replace(picture, boxes=boxes, tags={**picture.tags, **changed})


def _regions(task: dict[str, Any], *, what: str, skips: Skips) -> list[Any] | None:
    """Return the regions of the annotation that counts: the ground truth, else the newest. None if there is none."""
    listed = task.get("annotations", task.get("completions"))  # completions: before version 1.0
    good = []
    for annotation in listed if isinstance(listed, list) else []:
        if not isinstance(annotation, dict) or not isinstance(annotation.get("result"), list):
            skips.add(what, "annotation without a result")
        elif annotation.get("was_cancelled") is True:
            skips.add(what, "annotation that its annotator skipped")
        else:
            good.append(annotation)
    predictions = task.get("predictions")
    if isinstance(predictions, list) and predictions:
        skips.add(what, "prediction, which is no label", count=len(predictions))
    if len(good) > 1:
        skips.add(what, "older annotation of a task that has several", count=len(good) - 1)
    newest = max(
        enumerate(good),
        key=lambda one: (one[1].get("ground_truth") is True, str(one[1].get("updated_at") or ""), one[0]),
        default=None,
    )
    return None if newest is None else list(newest[1]["result"])


def _path(data: dict[str, Any]) -> str:
    """Return the path in the address of a task's picture; empty where there is none that is safe."""
    texts = [data["image"]] if isinstance(data.get("image"), str) else [v for v in data.values() if isinstance(v, str)]
    for text in texts:
        try:
            parts = urlsplit(text)
        except ValueError:
            continue
        local = parse_qs(parts.query).get("d") if parts.path.endswith("/local-files/") else None
        path = local[0] if local else unquote(parts.path) if parts.scheme else text.partition("?")[0]
        if path.startswith("/data/upload/"):
            path = PurePosixPath(path).name
        name = clean_name(path.lstrip("/"))
        if name and suffix(name) in PICTURE_SUFFIXES:
            return name
    return ""


def _files(path: str, *, near: str, shelf: Shelf) -> list[str]:
    """Return the files that a path can mean: whole, its last part, or that without the prefix of an upload."""
    last = PurePosixPath(path).name
    for name in (path, last, _UPLOADED.sub("", last)):
        if files := shelf.find(name, near=near):
            return files
    return []
