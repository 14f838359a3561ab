"""Metrics of boxes: counted by hand, weighted, beside pycocotools, and with nothing."""

import copy
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.params import build
from evaluation.core.coco_files import coco_evidence
from evaluation.core.events import FootageEvidence
from evaluation.core.metrics import METRICS
from evaluation.core.metrics.at_score import F1, Precision, Recall
from evaluation.core.metrics.average_precision import AP50, AP75, AveragePrecision
from evaluation.core.metrics.average_recall import AverageRecall
from evaluation.core.metrics.calibration_error import CalibrationError
from evaluation.core.metrics.contract import BoxPart, EventPart, Support, groups_of
from evaluation.core.metrics.count_error import CountError
from tests.evaluation.core.coco_cases import cases, evidence, peer_figures

BOX, FAR, BIG = (0, 0, 10, 10), (50, 50, 10, 10), (0, 0, 50, 50)
NAMES = [name for name, kind in METRICS.items() if kind.source == "boxes"]
NAN = pytest.approx(float("nan"), nan_ok=True)


def make(name):
    return build(METRICS[name], {"score": 0.5} if "score" in METRICS[name].__dataclass_fields__ else {}, where=name)


def everything(proof, **more):
    return BoxPart(proof, np.ones(proof.image_count, bool), **more)


def ones(proof):
    return np.ones((1, proof.group_count), np.int32)


def value(metric, part):
    return metric.measure(part, ones(part.evidence))[0]


def street():
    """Four images in three groups. Of label a: found, missed, and a false one; of b: one found, two false in an image
    without objects; a crowd with a box in it."""
    return evidence(
        [(0, 0, BOX, ""), (1, 0, BOX, ""), (1, 1, BIG, ""), (2, 1, BIG, "crowd")],
        [
            (0, 0, BOX, 0.9), (0, 0, FAR, 0.6), (1, 0, BOX, 0.3), (1, 1, BIG, 0.8),
            (2, 1, BOX, 0.95), (3, 1, FAR, 0.7), (3, 1, BOX, 0.55),
        ],
        images=4, labels=("a", "b"), group=[0, 1, 1, 2],
    )  # fmt: skip


def test_the_figures_counted_by_hand():
    part = everything(street())
    assert value(Precision(score=0.5), part) == pytest.approx(2 / 5)
    assert value(Recall(score=0.5), part) == pytest.approx(2 / 3)
    assert value(F1(score=0.5), part) == pytest.approx(2 * (2 / 5) * (2 / 3) / (2 / 5 + 2 / 3))
    assert value(Recall(score=0.2), part) == 1
    assert value(CountError(score=0.5), part) == pytest.approx((1 + 1 + 0 + 2) / 4)
    # Label a: right, false, right at scores 0.9, 0.6, 0.3; b: right, then two false.
    assert value(AP50(), part) == pytest.approx(((51 * 1 + 50 * 2 / 3) / 101 + 1) / 2)
    assert value(AverageRecall(), part) == 1
    assert value(AverageRecall(max_detections=1), part) == pytest.approx(1)


def test_calibration_is_the_weighted_gap_between_score_and_share_that_is_right():
    truths = [(0, 0, BOX, "")]
    found = [(0, 0, BOX, 0.85), (0, 0, FAR, 0.81), (0, 0, FAR, 0.3), (0, 0, FAR, 1.0)]
    part = everything(evidence(truths, found))
    assert value(CalibrationError(), part) == pytest.approx((abs(0.83 - 0.5) * 2 + 0.3 + 1) / 4)
    assert value(CalibrationError(bins=1), part) == pytest.approx(0.74 - 0.25)
    assert value(CalibrationError(least_score=0.81), part) == pytest.approx((abs(0.83 - 0.5) * 2 + 1) / 3)


def test_weights_count_groups_as_often_as_they_say():
    part = everything(street())
    weights = np.array([[1, 0, 0], [0, 0, 1], [2, 1, 0], [0, 0, 0]], np.int32)

    def figures(metric):
        return metric.measure(part, weights).tolist()

    assert figures(Precision(score=0.5)) == [0.5, 0, pytest.approx(3 / 5), NAN]
    assert figures(Recall(score=0.5)) == [1, NAN, pytest.approx(3 / 4), NAN]
    assert figures(CountError(score=0.5)) == [1, 2, pytest.approx((2 + 1 + 0) / 4), NAN]
    assert figures(AP50()) == [1, NAN, pytest.approx(((67 + 34 * 3 / 5) / 101 + 1) / 2), NAN]


def test_a_part_is_some_images_some_labels_and_some_sizes():
    proof = street()
    first_two = np.array([True, True, False, False])
    assert value(Precision(score=0.5), BoxPart(proof, first_two)) == pytest.approx(2 / 3)
    assert value(Precision(score=0.5), everything(proof, labels=("b",))) == pytest.approx(1 / 3)
    assert value(Recall(score=0.5), everything(proof, area_px2=(32**2, 96**2))) == 1
    assert value(Recall(score=0.5), everything(proof, area_px2=(0, 32**2))) == 0.5
    assert value(Recall(score=0.5), everything(proof, labels=("unheard of",))) == NAN


def test_never_wrong_in_few_groups_leaves_room_for_one_object_in_each():
    part = everything(street())
    assert CountError(score=0.5).step(part) == 3 / 4
    assert CountError(score=0.5).step(BoxPart(street(), np.zeros(4, bool))) is None


def test_images_without_truth_count_for_false_alarms():
    proof = street()
    assert value(Precision(score=0.5), BoxPart(proof, np.array([False, False, False, True]))) == 0


def test_support_counts_the_groups_that_the_figure_speaks_of():
    part = everything(street())
    assert Recall(score=0.5).support(part) == Support(images=4, instances=3, groups=2)
    assert AP75().support(part).groups == 2
    assert Precision(score=0.5).support(part).groups == CountError(score=0.5).support(part).groups == 3
    assert Precision(score=0.85).support(part).groups == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_is_content_with_nothing(name):
    metric = make(name)
    part = everything(evidence([], [], images=2))
    assert np.isnan(metric.measure(part, np.ones((3, 2), np.int32))).tolist() == [name != "count_error"] * 3
    assert metric.support(part).instances == 0
    nobody = BoxPart(street(), np.zeros(4, bool))
    assert np.isnan(metric.measure(nobody, ones(street()))).all()
    assert metric.support(nobody) == Support(0, 0, 0)
    assert metric.measure(part, np.zeros((0, 2), np.int32)).shape == (0,)


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_refuses_footage(name):
    footage = EventPart(FootageEvidence((), np.zeros(0, np.int64), 0), np.zeros(0, bool))
    for ask in (lambda: make(name).measure(footage, np.ones((1, 0), np.int32)), lambda: make(name).support(footage)):
        with pytest.raises(SpecError, match="over frames"):
            ask()


@pytest.mark.parametrize("name", [name for name in NAMES if hasattr(METRICS[name], "score")])
def test_a_metric_at_a_score_asks_for_one(name):
    with pytest.raises(SpecError, match="needs a score"):
        METRICS[name]().measure(everything(street()), ones(street()))


def test_ious_of_average_precision():
    assert AveragePrecision().title == "AP at IoU 0.5 to 0.95"
    assert AveragePrecision(iou_from=0.75, iou_to=0.75).title == AP75().title
    part = everything(street())
    assert value(AveragePrecision(0.05, 0.95), part) == value(AveragePrecision(), part)
    with pytest.raises(SpecError, match="at least iou_from"):
        build(AveragePrecision, {"iou_from": 0.8, "iou_to": 0.5}, where="toy")


@given(cases())
@settings(max_examples=50)
def test_figures_of_all_images_are_those_of_pycocotools(case):
    truth, detections = case
    part = everything(coco_evidence(truth, detections).evidence)
    peer = peer_figures(truth, detections)
    ours = [value(metric, part) for metric in (AveragePrecision(), AP50(), AP75())]
    ours += [value(AverageRecall(max_detections=most), part) for most in (1, 10, 100)]
    assert np.allclose(np.nan_to_num(ours, nan=-1), peer[[0, 1, 2, 6, 7, 8]], rtol=0, atol=1e-12)


@given(cases(unlike_scores=True), st.lists(st.integers(0, 3), min_size=4, max_size=4))
@settings(max_examples=60)
def test_an_image_drawn_so_often_is_so_many_copies_of_it_to_pycocotools(case, drawn):
    truth, detections = case
    proof = coco_evidence(truth, detections).evidence
    weights = np.array([drawn[: proof.image_count]], np.int32)
    peer = peer_figures(*with_copies(truth, detections, weights[0]))
    ours = [AveragePrecision().measure(everything(proof), weights)[0]]
    ours += [AverageRecall(max_detections=most).measure(everything(proof), weights)[0] for most in (1, 100)]
    assert np.allclose(np.nan_to_num(ours, nan=-1), peer[[0, 6, 8]], rtol=0, atol=1e-12)


def with_copies(truth, detections, often):
    """Write the n-th image (by id) often[n] times, under ids of its own."""
    images = [
        (image, image + 100 * copy_)
        for image, count in zip(sorted(one["id"] for one in truth["images"]), often, strict=True)
        for copy_ in range(count)
    ]
    annotations = copied(truth["annotations"], images)
    for number, one in enumerate(annotations, start=1):
        one["id"] = number
    return {**truth, "images": [{"id": new} for _, new in images], "annotations": annotations}, copied(
        detections, images
    )


def copied(rows, images):
    return [{**copy.deepcopy(row), "image_id": new} for old, new in images for row in rows if row["image_id"] == old]


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_many_samples_at_once_are_what_each_is_alone(case, chance):
    proof = coco_evidence(*case).evidence
    group = np.array([chance.randrange(3) for _ in proof.group], np.int64)
    part = everything(dataclasses.replace(proof, group=group, group_count=3))
    weights = np.array([[chance.randrange(4) for _ in range(3)] for _ in range(70)], np.int32)
    assert set(groups_of(part)) <= {0, 1, 2}
    for name in NAMES:
        together = make(name).measure(part, weights)
        alone = [make(name).measure(part, row[None])[0] for row in weights[:3]]
        assert together[:3].tolist() == pytest.approx(alone, nan_ok=True)
