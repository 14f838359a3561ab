"""What reviews do to truth: by hand, kind by kind, and to the figures that come of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from evaluation.core.boxes import Evidence, Found
from evaluation.core.error_kinds import errors_of
from evaluation.core.metrics.contract import BoxPart
from evaluation.models import LabelReview
from evaluation.services.reviewed_truth import left_out, without_reviewed
from evaluation.services.version_truth import VersionTruth
from tests.evaluation.core.slow_errors import names
from tests.evaluation.factories import LabelReviewFactory
from tests.factories import FrameFactory

BOXES = [(0, "person", (10, 20, 60, 120)), (0, "car", (100, 100, 140, 120)), (1, "person", (10, 20, 60, 120))]
Kind = LabelReview.Kind


@pytest.fixture
def frames(db):
    return [FrameFactory() for _ in range(2)]


@pytest.fixture
def truth(frames):
    labels = ("car", "person")
    xyxy = np.array([box for _, _, box in BOXES], float)
    none = np.zeros(len(BOXES), bool)
    return VersionTruth(
        version=None, shots=(), table=SimpleNamespace(ids=np.array([f.pk for f in frames])), labels=labels,
        is_picture=np.zeros(2, bool), image=np.array([i for i, _, _ in BOXES]),
        label=np.array([labels.index(name) for _, name, _ in BOXES]), xyxy=xyxy,
        area_px2=(xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1]), is_crowd=none, is_ignored=none.copy(),
        left_out=0,
    )  # fmt: skip


def review(frame, kind, label="person", box=(10, 20, 60, 120), **more):
    x1, y1, x2, y2 = box
    return LabelReviewFactory(frame=frame, kind=kind, label=label, x1=x1, y1=y1, x2=x2, y2=y2, **more)


def kinds(truth, seen, labels=("car", "person")):
    """Name what becomes of detections [(image, label, xyxy)] and of the truth."""
    xywh = np.array([(x1, y1, x2 - x1, y2 - y1) for _, _, (x1, y1, x2, y2) in seen], float).reshape(-1, 4)
    found = Found(
        np.array([s[0] for s in seen], np.int64), np.array([labels.index(s[1]) for s in seen], np.int64), xywh,
        np.full(len(seen), 0.9),
    )  # fmt: skip
    part = BoxPart(Evidence(labels, np.arange(2), 2, truth.truths(labels), found), np.ones(2, bool))
    done = errors_of(part, score=0.5)
    return names(done.found), names(done.truth)


def test_without_reviews_truth_is_as_it_was(truth):
    same, reviewed = without_reviewed(truth)
    assert same is truth
    assert reviewed.tolist() == [False] * 3


def test_a_label_that_may_be_none_is_ignored_in_its_frame_alone(truth, frames):
    review(frames[0], Kind.SPURIOUS)
    changed, reviewed = without_reviewed(truth)
    assert (changed.is_ignored.tolist(), reviewed.tolist()) == ([True, False, False], [True, False, False])
    assert not truth.is_ignored.any()
    assert kinds(changed, []) == ([], ["ignored", "missed", "missed"])


def test_where_the_label_is_in_doubt_any_label_is_ignored(truth, frames):
    review(frames[0], Kind.WRONG_LABEL)
    changed, reviewed = without_reviewed(truth)
    assert reviewed.sum() == 1
    for label in ("person", "car"):
        assert kinds(changed, [(0, label, (10, 20, 60, 120))])[0] == ["ignored"]


def test_where_the_box_is_in_doubt_detections_around_it_are_ignored(truth, frames):
    review(frames[0], Kind.WRONG_BOX)
    changed, reviewed = without_reviewed(truth)
    assert reviewed.sum() == 1
    assert kinds(changed, [(0, "person", (40, 40, 80, 150)), (0, "person", (300, 20, 350, 120))])[0] == [
        "ignored", "background"
    ]  # fmt: skip


def test_what_may_be_missing_is_ignored_until_a_version_has_it(truth, frames):
    review(frames[1], Kind.MISSING, "dog", (200, 20, 250, 60))
    review(frames[1], Kind.MISSING, "person", (11, 20, 61, 120))  # labelled in this version
    changed, reviewed = without_reviewed(truth)
    assert changed.labels == ("car", "dog", "person")
    assert [changed.labels[label] for label in changed.label] == ["person", "car", "person", "dog"]
    assert (changed.image.tolist(), reviewed.tolist()) == ([0, 0, 1, 1], [False, False, False, True])
    seen = [(1, "dog", (201, 20, 250, 60)), (1, "car", (200, 20, 250, 60))]
    assert kinds(changed, seen, changed.labels)[0] == ["ignored", "background"]


@pytest.mark.parametrize(
    "more, ignored",
    [
        ({"state": "open"}, True),
        ({"state": "wrong"}, True),
        ({"state": "right"}, False),
        ({"label": "car"}, False),  # the version calls it otherwise
        ({"box": (10.4, 20, 60, 120)}, True),
        ({"box": (11, 20, 60, 120)}, False),
    ],
)
def test_which_reviews_count(truth, frames, more, ignored):
    review(frames[0], Kind.SPURIOUS, **more)
    assert without_reviewed(truth)[0].is_ignored[0] == ignored


def test_what_is_left_out_is_listed_by_place_of_the_frame(frames):
    review(frames[1], Kind.SPURIOUS)
    review(FrameFactory(), Kind.SPURIOUS)
    (one,) = left_out([frames[0].pk, frames[1].pk])
    assert (one.image, one.kind, one.label, one.box) == (1, "spurious", "person", (10, 20, 60, 120))
    assert left_out([]) == []
