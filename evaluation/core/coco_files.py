"""Truth and detections from COCO's two JSON files, without a database."""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curation.core.errors import WinnowError
from curation.core.types import BoolArray, FloatArray, IntArray
from evaluation.core.boxes import Evidence, Found, Truths

_LISTS = ("images", "annotations", "categories")
_LONGEST = 60


class CocoFileError(WinnowError):
    """A file is not what COCO's evaluation expects. The message says where, and what would be right."""


@dataclass(frozen=True)
class CocoFiles:
    """What two files say. `notes`: what was left out, as pycocotools leaves it out too."""

    evidence: Evidence
    notes: tuple[str, ...] = ()


def read_coco_files(truth: Path, detections: Path) -> CocoFiles:
    """Read labelled images (COCO instances) and detections (COCO results). Raises CocoFileError."""
    return coco_evidence(_read(truth), _read(detections), truth_name=truth.name, detections_name=detections.name)


def coco_evidence(
    truth: Any, detections: Any, *, truth_name: str = "the truth", detections_name: str = "the detections"
) -> CocoFiles:
    """Check what two files held; each image is a group of its own, in order of id. Raises CocoFileError."""
    if isinstance(truth, list) or not (
        isinstance(truth, dict) and all(isinstance(truth.get(name), list) for name in _LISTS)
    ):
        raise CocoFileError(
            f"{truth_name} has no lists `images`, `annotations` and `categories`. "
            "Truth is a JSON object with these three, as COCO's instances have it."
        )
    if not isinstance(detections, list):
        raise CocoFileError(
            f"{detections_name} is not a list. Detections are a JSON list of "
            '{"image_id": …, "category_id": …, "bbox": [x, y, width, height], "score": …}, as COCO\'s results have it.'
        )
    images = _numbers(truth["images"], where=f"{truth_name}, images")
    labels = _numbers(truth["categories"], where=f"{truth_name}, categories")
    notes: list[str] = []
    truths = _truths(truth["annotations"], images, labels, where=f"{truth_name}, annotations", notes=notes)
    found = _found(detections, images, labels, where=detections_name, truth_name=truth_name, notes=notes)
    evidence = Evidence(_names(truth["categories"], labels), np.arange(len(images)), len(images), truths, found)
    return CocoFiles(evidence, tuple(notes))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise CocoFileError(f"{path} cannot be read: {error.strerror}. Name a JSON file.") from error
    except UnicodeDecodeError as error:
        raise CocoFileError(f"{path} is not text in UTF-8, so it is no JSON file.") from error
    except ValueError as error:  # JSONDecodeError, or a number of thousands of digits
        raise CocoFileError(f"{path} is no valid JSON: {error}. Is the file complete?") from error
    except RecursionError as error:
        raise CocoFileError(f"{path} is nested too deeply to be COCO's JSON.") from error


def _numbers(rows: Sequence[Any], *, where: str) -> dict[Hashable, int]:
    """Number the ids of rows in rising order."""
    ids = _column(rows, "id", where=where)
    try:
        return {one: number for number, one in enumerate(sorted(set(ids)))}
    except TypeError as error:
        raise CocoFileError(f"{where}: ids must be all numbers or all texts.") from error


def _names(categories: Sequence[Mapping[str, Any]], labels: Mapping[Hashable, int]) -> tuple[str, ...]:
    """Return the label of each category, its id added where a name is there twice or missing."""
    by_number = {labels[category["id"]]: category for category in categories}
    names = [str(by_number[number].get("name", "")) for number in range(len(labels))]
    return tuple(
        name if name and names.count(name) == 1 else f"{name} {by_number[number]['id']}".strip()
        for number, name in enumerate(names)
    )


def _truths(
    rows: Sequence[Any], images: Mapping[Hashable, int], labels: Mapping[Hashable, int], *, where: str, notes: list[str]
) -> Truths:
    image = _indices(_column(rows, "image_id", where=where), images)
    label = _indices(_column(rows, "category_id", where=where), labels)
    _note(image < 0, "annotations are of images that are not listed", notes)
    _note((image >= 0) & (label < 0), "annotations are of categories that are not listed", notes)
    xywh = _boxes(rows, where=where)
    sides = xywh[:, 2] * xywh[:, 3]
    given = [row.get("area") for row in rows]
    _note(np.array([area is None for area in given], bool), "annotations have no area: their boxes' are taken", notes)
    area = _floats([side if one is None else one for one, side in zip(given, sides, strict=True)], "area", where=where)
    is_crowd = np.array([bool(row.get("iscrowd")) for row in rows], bool)
    order = _order(image, label)
    is_crowd = is_crowd[order]
    return Truths(image[order], label[order], xywh[order], area[order], is_crowd, is_crowd)


def _found(
    rows: Sequence[Any],
    images: Mapping[Hashable, int],
    labels: Mapping[Hashable, int],
    *,
    where: str,
    truth_name: str,
    notes: list[str],
) -> Found:
    ids = _column(rows, "image_id", where=where)
    image = _indices(ids, images)
    if (image < 0).any():
        strange = list(dict.fromkeys(one for one, number in zip(ids, image, strict=True) if number < 0))
        shown = ", ".join(repr(one) for one in strange[:3]) + (", …" if len(strange) > 3 else "")
        raise CocoFileError(
            f"{where}: {int((image < 0).sum())} detections are on {len(strange)} images that {truth_name} does not "
            f"list: {shown}. Do both files speak of the same images, by the same ids?"
        )
    label = _indices(_column(rows, "category_id", where=where), labels)
    _note(label < 0, f"detections are of categories that {truth_name} does not list", notes)
    xywh, score = _boxes(rows, where=where), _floats(_column(rows, "score", where=where), "score", where=where)
    order = _order(image, label)
    return Found(image[order], label[order], xywh[order], score[order])


def _column(rows: Sequence[Any], name: str, *, where: str) -> list[Any]:
    try:
        column = [row[name] for row in rows]
        hash(tuple(column))
    except (TypeError, KeyError, IndexError):
        for position, row in enumerate(rows):
            if not isinstance(row, dict):
                raise CocoFileError(f"{where}[{position}] is {_shown(row)}; it must be a JSON object.") from None
            if name not in row:
                raise CocoFileError(f"{where}[{position}] has no `{name}`.") from None
            if not isinstance(row[name], Hashable):
                raise CocoFileError(
                    f"{where}[{position}]: `{name}` is {_shown(row[name])}; it must be a number or a text."
                ) from None
        raise
    return column


def _indices(ids: Sequence[Hashable], numbers: Mapping[Hashable, int]) -> IntArray:
    return np.array([numbers.get(one, -1) for one in ids], np.int64)


def _boxes(rows: Sequence[Any], *, where: str) -> FloatArray:
    """Return (N, 4) x, y, width, height."""
    boxes = [row.get("bbox") for row in rows]
    try:
        xywh = np.array(boxes, np.float64).reshape(len(rows), 4)
    except (TypeError, ValueError, OverflowError):
        xywh = np.zeros((0, 4))
    if len(xywh) == len(rows) and (np.isfinite(xywh).all(axis=1) & (xywh[:, 2:] >= 0).all(axis=1)).all():
        return xywh
    for position, box in enumerate(boxes):
        if not _is_box(box):
            raise CocoFileError(
                f"{where}[{position}]: `bbox` is {_shown(box)}; it must be [x, y, width, height] in pixels, "
                "four finite numbers, with sides of 0 or more."
            )
    return np.array([[float(side) for side in box] for box in boxes if box]).reshape(-1, 4)


def _is_box(box: Any) -> bool:
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(side, int | float) for side in box):
        return False
    try:
        sides = [float(side) for side in box]
    except OverflowError:
        return False
    return bool(np.isfinite(sides).all()) and min(sides[2:]) >= 0


def _floats(values: Sequence[Any], name: str, *, where: str) -> FloatArray:
    for position, value in enumerate(values):
        try:
            is_good = isinstance(value, int | float) and np.isfinite(float(value))
        except OverflowError:
            is_good = False
        if not is_good:
            raise CocoFileError(f"{where}[{position}]: `{name}` is {_shown(value)}; it must be a finite number.")
    return np.array(values, np.float64)


def _order(image: IntArray, label: IntArray) -> IntArray:
    """Return the rows to take, in order of image and otherwise as they were given."""
    order = np.argsort(image, kind="stable")
    taken: IntArray = order[(image[order] >= 0) & (label[order] >= 0)]
    return taken


def _note(is_so: BoolArray, what: str, notes: list[str]) -> None:
    if is_so.any():
        notes.append(f"{int(is_so.sum())} {what}.")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
