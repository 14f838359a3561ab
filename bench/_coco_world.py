"""10,000 made-up images with truth and two models' detections in COCO's form, and slices that overlap."""

from typing import Any

import numpy as np

from curation.core.types import BoolArray

IMAGES, LABELS = 10_000, 3
SIZES = (18.0, 60.0, 170.0)
"""Sides in pixels about which objects are small, medium, large."""


def truth_and_models(*, seed: int = 4) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return (truth, detections, detections of a model that is a little better): about 84,000 each."""
    chance = np.random.default_rng(seed)
    annotations: list[dict[str, Any]] = []
    for image in range(1, IMAGES + 1):
        for _ in range(chance.poisson(6)):
            width, height = chance.choice(SIZES) * chance.lognormal(0, 0.35, 2)
            x, y = chance.uniform(0, 1280), chance.uniform(0, 720)
            annotations.append({
                "id": len(annotations) + 1, "image_id": image, "category_id": int(chance.integers(1, LABELS + 1)),
                "bbox": [x, y, width, height], "area": width * height, "iscrowd": int(chance.random() < 0.01),
            })  # fmt: skip
    truth = {
        "images": [{"id": image, "file_name": f"{image}.jpg", "width": 1280, "height": 720}
                   for image in range(1, IMAGES + 1)],
        "annotations": annotations,
        "categories": [{"id": label, "name": f"label {label}"} for label in range(1, LABELS + 1)],
    }  # fmt: skip
    return truth, _detect(annotations, chance, spread=0.13), _detect(annotations, chance, spread=0.11)


def _detect(annotations: list[dict[str, Any]], chance: np.random.Generator, *, spread: float) -> list[dict[str, Any]]:
    """Find nine of ten objects, some twice, and two or three that are none in each image."""
    found = []
    for one in annotations:
        for _ in range(int(chance.choice([0, 1, 2], p=[0.1, 0.8, 0.1]))):
            x, y, width, height = one["bbox"]
            shift = chance.normal(0, spread, 4)
            box = [x + shift[0] * width, y + shift[1] * height, width * np.exp(shift[2]), height * np.exp(shift[3])]
            found.append(_detection(one["image_id"], one["category_id"], box, chance.beta(4, 2)))
    for image in range(1, IMAGES + 1):
        for _ in range(chance.poisson(2.4)):
            box = [*chance.uniform(0, 700, 2), *(chance.choice(SIZES) * chance.lognormal(0, 0.35, 2))]
            found.append(_detection(image, int(chance.integers(1, LABELS + 1)), box, chance.beta(2, 4)))
    return found


def _detection(image: int, label: int, box: list[float], score: float) -> dict[str, Any]:
    return {
        "image_id": image, "category_id": label, "bbox": [float(side) for side in box], "score": round(float(score), 4),
    }  # fmt: skip


def overlapping_slices(count: int, *, seed: int = 5) -> BoolArray:
    """Return (count, images) choices; their shares of the images go from 1% to 30%, small ones more often."""
    chance = np.random.default_rng(seed)
    shares = np.exp(chance.uniform(np.log(0.01), np.log(0.3), count))
    return np.stack([chance.random(IMAGES) < share for share in shares])
