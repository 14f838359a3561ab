"""Truth without the labels that are in doubt: tests leave those objects out, as COCO leaves a crowd out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curation.core.types import BoolArray, FloatArray
from evaluation.core.overlaps import overlapping
from evaluation.models import LabelReview
from evaluation.services.version_truth import VersionTruth

SAME_PX = 0.5
"""A label is the one of a review if no side of its box is further off."""
SAME_IOU = 0.5
_Kind = LabelReview.Kind
_LEFT_OUT = (LabelReview.State.OPEN, LabelReview.State.WRONG)


@dataclass(frozen=True)
class LeftOut:
    """A label that tests leave out. `image` is the place of its frame; box is `xyxy`."""

    image: int
    kind: str
    label: str
    box: tuple[float, float, float, float]


def left_out(frame_ids: Sequence[int]) -> list[LeftOut]:
    """List the labels of frames that are under review or were found wrong, by place of the frame in frame_ids."""
    place = {int(frame_id): i for i, frame_id in enumerate(frame_ids)}
    doubted = LabelReview.objects.filter(state__in=_LEFT_OUT).order_by("id")
    columns = doubted.values_list("frame_id", "kind", "label", "x1", "y1", "x2", "y2")
    rows = [
        LeftOut(place[frame], kind, label, (x1, y1, x2, y2))
        for frame, kind, label, x1, y1, x2, y2 in columns
        if frame in place
    ]
    return sorted(rows, key=lambda one: one.image)


def without_reviewed(truth: VersionTruth) -> tuple[VersionTruth, BoolArray]:
    """Return a version's truth with all that is under review or was found wrong ignored, and (T,) which that is.

    T is the number of the new truth's objects: a missing one is added, ignored. Where the label is in doubt, a
    detection of any label is ignored there; where the box is, detections of the label around it. A review of a label
    that the version does not have (any more) changes nothing."""
    doubts = [one for one in left_out(truth.frame_ids.tolist()) if _applies(one, truth)]
    if not doubts:
        return truth, np.zeros(len(truth.label), np.bool_)
    labels = tuple(sorted({*truth.labels, *(one.label for one in doubts)}))
    number = {name: i for i, name in enumerate(labels)}
    reviewed = np.zeros(len(truth.label), np.bool_)
    extra: list[tuple[int, int, FloatArray, bool, bool]] = []
    for one in doubts:
        rows = _rows_of(one, truth)
        reviewed[rows] = True
        box = np.array(one.box, np.float64)
        if one.kind == _Kind.MISSING:
            extra.append((one.image, number[one.label], box, False, True))
        elif one.kind == _Kind.WRONG_LABEL:
            others = [i for name, i in number.items() if name != one.label]
            extra += [(one.image, other, box, False, False) for other in others]
        elif one.kind == _Kind.WRONG_BOX:
            extra.append((one.image, number[one.label], _grown(box), True, False))
    return _with(truth, labels, reviewed, extra)


def _with(
    truth: VersionTruth,
    labels: tuple[str, ...],
    reviewed: BoolArray,
    extra: Sequence[tuple[int, int, FloatArray, bool, bool]],
) -> tuple[VersionTruth, BoolArray]:
    number = np.array([labels.index(name) for name in truth.labels], np.int64)
    boxes = np.array([row[2] for row in extra], np.float64).reshape(-1, 4)
    image = np.concatenate([truth.image, np.array([row[0] for row in extra], np.int64)])
    order = np.argsort(image, kind="stable")
    label = np.concatenate([number[truth.label], np.array([row[1] for row in extra], np.int64)])
    area = np.concatenate([truth.area_px2, (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])])
    is_crowd = np.concatenate([truth.is_crowd, np.array([row[3] for row in extra], np.bool_)])
    is_ignored = np.concatenate([truth.is_ignored | reviewed, np.ones(len(extra), np.bool_)])
    told = np.concatenate([reviewed, np.array([row[4] for row in extra], np.bool_)])
    changed = replace(
        truth,
        labels=labels,
        image=image[order],
        label=label[order],
        xyxy=np.concatenate([truth.xyxy, boxes])[order],
        area_px2=area[order],
        is_crowd=is_crowd[order],
        is_ignored=is_ignored[order],
    )
    return changed, told[order]


def _applies(one: LeftOut, truth: VersionTruth) -> bool:
    if one.kind != _Kind.MISSING:
        return len(_rows_of(one, truth)) > 0
    # A version in which it was labelled has it.
    first, last = np.searchsorted(truth.image, (one.image, one.image + 1))
    rows = first + np.flatnonzero([truth.labels[label] == one.label for label in truth.label[first:last]])
    found, _, _ = overlapping(
        np.zeros(1, np.int64), _xywh(np.array([one.box])), np.zeros(len(rows), np.int64), _xywh(truth.xyxy[rows]),
        least_iou=SAME_IOU,
    )  # fmt: skip
    return len(found) == 0


def _rows_of(one: LeftOut, truth: VersionTruth) -> Sequence[int]:
    if one.kind == _Kind.MISSING:
        return []
    first, last = np.searchsorted(truth.image, (one.image, one.image + 1))
    is_near = (np.abs(truth.xyxy[first:last] - np.array(one.box)) <= SAME_PX).all(axis=1)
    return [int(t) for t in first + np.flatnonzero(is_near) if truth.labels[truth.label[t]] == one.label]


def _grown(box: NDArray[np.float64]) -> NDArray[np.float64]:
    """Grow a box by half its size to each side: detections about it lie mostly inside."""
    half = (box[2:] - box[:2]) / 2
    return np.concatenate([box[:2] - half, box[2:] + half])


def _xywh(xyxy: FloatArray) -> NDArray[np.float64]:
    return np.asarray(np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1), np.float64)
