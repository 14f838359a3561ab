"""What the numbers in COCO results stand for, from the file of truth that they were made for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.core.errors import WinnowError


class CocoIndexError(WinnowError):
    """A file lists no images and categories."""


@dataclass(frozen=True)
class Listed:
    """An image of the file: its name, and its size, 0 where the file does not say."""

    name: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class CocoIndex:
    """Images and labels by their id."""

    images: Mapping[Any, Listed]
    labels: Mapping[Any, str]


def read_coco_index(path: Path) -> CocoIndex:
    """Read `images` and `categories` of a COCO file. Raises CocoIndexError."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CocoIndexError(f"{path.name} cannot be read as COCO truth: {error}") from error
    images, categories = (content.get(k) if isinstance(content, dict) else None for k in ("images", "categories"))
    if not isinstance(images, list) or not isinstance(categories, list):
        raise CocoIndexError(
            f"{path.name} lists no images and categories. Name the COCO file of truth (instances) that the results "
            "were made for, or one that Winnow exported."
        )
    return CocoIndex(
        {one["id"]: _listed(one) for one in images if _is_usable(one, "file_name")},
        {one["id"]: one["name"] for one in categories if _is_usable(one, "name")},
    )


def _is_usable(one: object, name: str) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), int | str) and isinstance(one.get(name), str)


def _listed(image: Mapping[str, Any]) -> Listed:
    width_px, height_px = (
        side if isinstance(side := image.get(name), int) and side > 0 else 0 for name in ("width", "height")
    )
    own = image.get("winnow")
    said = own.get("name") if isinstance(own, dict) else None
    return Listed(said if isinstance(said, str) and said else image["file_name"], width_px, height_px)
