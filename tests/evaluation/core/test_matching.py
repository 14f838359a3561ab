"""Matching, by hand: which detection takes which truth, and what is ignored."""

import numpy as np
import pytest

from evaluation.core.matching import EVERYTHING, matched
from tests.evaluation.core.coco_cases import evidence

BOX, HALF, FAR = (0, 0, 10, 10), (0, 0, 10, 6), (50, 50, 10, 10)


def of(truths, found, *, ious=(0.5,), area_px2=EVERYTHING, labels=("a", "b"), images=2, most=100):
    proof = evidence(truths, found, images=images, labels=labels)
    return matched(proof, ious=ious, area_px2=area_px2, max_detections=most)


def test_the_best_score_takes_a_truth_and_the_next_one_is_false():
    done = of([(0, 0, BOX, "")], [(0, 0, HALF, 0.6), (0, 0, BOX, 0.9), (0, 0, FAR, 0.7)])
    assert done.index.tolist() == [1, 2, 0]
    assert done.hits.tolist() == [1, 0, 0]
    assert done.partner[:, 0].tolist() == [0, -1, -1]
    assert done.ignored.tolist() == [0, 0, 0]
    assert done.truth_taken.tolist() == [1]


def test_each_iou_has_a_bit_of_its_own():
    done = of([(0, 0, BOX, "")], [(0, 0, HALF, 0.9), (0, 0, BOX, 0.5)], ious=(0.5, 0.6, 0.75))
    assert done.hits.tolist() == [0b011, 0b100]
    assert done.truth_taken.tolist() == [0b111]
    assert done.bit(0.75) == 0b100


def test_of_equal_ious_the_last_truth_is_taken_and_of_equal_scores_the_first_detection_goes_first():
    done = of([(0, 0, BOX, ""), (0, 0, BOX, "")], [(0, 0, BOX, 0.5), (0, 0, BOX, 0.5)])
    assert done.index.tolist() == [0, 1]
    assert done.partner[:, 0].tolist() == [1, 0]


def test_labels_and_images_do_not_meet():
    done = of([(0, 0, BOX, "")], [(0, 1, BOX, 0.9), (1, 0, BOX, 0.9)])
    assert done.hits.tolist() == [0, 0]
    assert done.label_start.tolist() == [0, 1, 2]


def test_a_crowd_swallows_any_number_and_counts_by_the_detections_own_area():
    done = of([(0, 0, (0, 0, 100, 100), "crowd")], [(0, 0, BOX, 0.9), (0, 0, BOX, 0.8), (0, 0, (99, 0, 10, 10), 0.7)])
    assert done.ignored.tolist() == [1, 1, 0]
    assert done.hits.tolist() == [0, 0, 0]
    assert done.truth_counts.tolist() == [False]


def test_ignored_truth_takes_one_detection_and_only_where_no_other_truth_fits():
    truths = [(0, 0, BOX, "ignored"), (0, 0, HALF, "")]
    done = of(truths, [(0, 0, BOX, 0.9), (0, 0, BOX, 0.8), (0, 0, BOX, 0.7)])
    assert done.partner[:, 0].tolist() == [1, 0, -1]
    assert (done.hits.tolist(), done.ignored.tolist()) == ([1, 0, 0], [0, 1, 0])


def test_outside_the_area_truth_is_ignored_and_so_are_detections_that_match_nothing():
    truths = [(0, 0, BOX, ""), (0, 0, FAR, "")]
    found = [(0, 0, BOX, 0.9), (0, 0, (80, 80, 10, 10), 0.8), (0, 0, (0, 80, 40, 40), 0.7)]
    small = of(truths, found, area_px2=(0, 100))
    assert small.truth_counts.tolist() == [True, True]
    assert small.ignored.tolist() == [0, 0, 1]
    large = of(truths, found, area_px2=(100.5, 1e10))
    assert large.truth_counts.tolist() == [False, False]
    assert large.ignored.tolist() == [1, 1, 0]


def test_only_so_many_detections_of_an_image_and_label_are_looked_at():
    found = [(0, 0, FAR, 0.9), (0, 0, BOX, 0.8), (0, 1, BOX, 0.1), (1, 0, BOX, 0.2)]
    done = of([(0, 0, BOX, "")], found, most=1)
    assert done.index.tolist() == [0, 3, 2]
    assert done.truth_taken.tolist() == [0]
    assert of([(0, 0, BOX, "")], found).rank.tolist() == [0, 1, 0, 0]


def test_a_second_call_returns_the_first_ones_answer():
    proof = evidence([(0, 0, BOX, "")], [(0, 0, BOX, 0.5)])
    first = matched(proof, ious=(0.5,), area_px2=EVERYTHING)
    assert matched(proof, ious=(0.5,), area_px2=EVERYTHING) is first
    assert matched(proof, ious=(0.75,), area_px2=EVERYTHING) is not first


@pytest.mark.parametrize("truths, found", [([], []), ([(0, 0, BOX, "")], []), ([], [(0, 0, BOX, 0.5)])])
def test_nothing_is_matched_with_nothing(truths, found):
    done = of(truths, found)
    assert len(done.hits) == len(found) == len(done.partner)
    assert not done.hits.any()
    assert done.truth_taken.tolist() == [0] * len(truths)


@pytest.mark.parametrize("ious", [(), (0.0,), (1.1,), tuple(np.linspace(0.1, 0.9, 32))])
def test_ious_that_make_no_sense_are_refused(ious):
    with pytest.raises(ValueError, match="ious is"):
        of([], [], ious=ious)
