"""Truth and detections of a few images, written down box by box."""

import numpy as np

from evaluation.core.boxes import Evidence, Found, Truths
from evaluation.core.metrics.contract import BoxPart

LABELS = ("person", "car", "bag")


def truth(image, label, x, y, w, h, *, crowd=False, ignored=False, area=None):
    return (image, LABELS.index(label), (x, y, w, h), w * h if area is None else area, crowd, ignored or crowd)


def seen(image, label, x, y, w, h, score=0.9):
    return (image, LABELS.index(label), (x, y, w, h), score)


def evidence(truths=(), found=(), *, images=None, group=None):
    """Rows may come in any order of images."""
    truths, found = sorted(truths, key=lambda row: row[0]), sorted(found, key=lambda row: row[0])
    count = images or max([1, *(row[0] + 1 for row in [*truths, *found])])
    group = np.arange(count) if group is None else np.array(group)
    image, label, xywh, area, crowd, ignored = columns(truths, 6)
    d_image, d_label, d_xywh, score = columns(found, 4)
    return Evidence(
        LABELS,
        group,
        int(group.max()) + 1,
        Truths(
            np.array(image, np.int64), np.array(label, np.int64), np.array(xywh, float).reshape(-1, 4),
            np.array(area, float), np.array(crowd, bool), np.array(ignored, bool),
        ),
        Found(
            np.array(d_image, np.int64), np.array(d_label, np.int64), np.array(d_xywh, float).reshape(-1, 4),
            np.array(score, float),
        ),
    )  # fmt: skip


def columns(rows, width):
    return list(zip(*rows, strict=True)) or [()] * width


def part(scene, *, images=None, labels=(), area=(0.0, 1e10)):
    chosen = np.ones(scene.image_count, bool)
    if images is not None:
        chosen[:] = False
        chosen[list(images)] = True
    return BoxPart(scene, chosen, labels, area)


def random_evidence(random, *, images=4, most_truths=5, most_found=8, grid=12):
    """Boxes on a coarse grid with few scores: ties, equal boxes, crowds, empty images, labels that are missing."""
    truths, found = [], []
    for image in range(images):
        for _ in range(random.integers(0, most_truths + 1)):
            x, y, w, h = random.integers(0, grid, 2).tolist() + random.integers(1, grid, 2).tolist()
            crowd, ignored = random.random() < 0.1, random.random() < 0.1
            truths.append(truth(image, random.choice(LABELS[:2]), x, y, w, h, crowd=crowd, ignored=ignored))
        for _ in range(random.integers(0, most_found + 1)):
            if truths and random.random() < 0.6:
                x, y, w, h = truths[random.integers(len(truths))][2]
                x, w = x + int(random.integers(-1, 2)), w + int(random.integers(0, 2))
            else:
                x, y, w, h = random.integers(0, grid, 2).tolist() + random.integers(1, grid, 2).tolist()
            found.append(seen(image, random.choice(LABELS), x, y, w, h, float(random.integers(0, 5)) / 5))
    return evidence(truths, found, images=images)
