"""Kinds of errors: each by a drawn case, then against the definitions written out, then what must add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.core.error_kinds import NAMES, errors_of
from tests.evaluation.core.scenes import evidence, part, random_evidence, seen, truth
from tests.evaluation.core.slow_errors import kinds_of, names

PERSON = truth(0, "person", 0, 0, 10, 10)
CAR = truth(0, "car", 100, 0, 10, 10)


def kinds(truths, found, *, score=0.5, **asked):
    done = errors_of(part(evidence(truths, found), **asked), score=score)
    return names(done.found), names(done.truth)


@pytest.mark.parametrize(
    "truths, found, what, of_truth",
    [
        ([PERSON], [seen(0, "person", 0, 0, 10, 10)], ["found"], ["found"]),
        ([PERSON], [], [], ["missed"]),
        ([], [seen(0, "person", 0, 0, 10, 10)], ["background"], []),
        # IoU 1/3 with its own class; exactly 0.5 is a match; exactly 0.1 is near.
        ([PERSON], [seen(0, "person", 5, 0, 10, 10)], ["localisation"], ["localisation"]),
        ([PERSON], [seen(0, "person", 0, 0, 10, 5)], ["found"], ["found"]),
        ([PERSON], [seen(0, "person", 0, 0, 10, 1)], ["localisation"], ["localisation"]),
        ([PERSON], [seen(0, "person", 0, 0, 9, 1)], ["background"], ["missed"]),
        ([PERSON], [seen(0, "car", 0, 0, 10, 10)], ["class"], ["class"]),
        ([PERSON], [seen(0, "car", 5, 0, 10, 10)], ["both"], ["missed"]),
        (
            [PERSON],
            [seen(0, "person", 0, 0, 10, 9, 0.8), seen(0, "person", 0, 0, 10, 10, 0.9)],
            ["duplicate", "found"],
            ["found"],
        ),
        # Another class on an object that was found: TIDE calls it a class error all the same.
        ([PERSON], [seen(0, "person", 0, 0, 10, 10), seen(0, "car", 0, 0, 10, 10)], ["found", "class"], ["found"]),
        # What does not reach the score is not there.
        ([PERSON], [seen(0, "person", 0, 0, 10, 10, 0.4)], [""], ["missed"]),
        # Crowds and what is left out: neither right nor wrong, and any number of detections in a crowd.
        (
            [truth(0, "person", 0, 0, 40, 40, crowd=True)],
            [seen(0, "person", 0, 0, 9, 9), seen(0, "person", 20, 20, 9, 9)],
            ["ignored", "ignored"],
            ["ignored"],
        ),
        (
            [truth(0, "person", 0, 0, 10, 10, ignored=True)],
            [seen(0, "person", 0, 0, 10, 10), seen(0, "person", 0, 0, 10, 9)],
            ["ignored", "background"],
            ["ignored"],
        ),
        ([], [], [], []),
    ],
)
def test_each_kind(truths, found, what, of_truth):
    assert kinds(truths, found) == (what, of_truth)


def test_labels_outside_the_part_explain_but_are_not_counted():
    truths = [PERSON, CAR]
    found = [seen(0, "car", 0, 0, 10, 10), seen(0, "person", 100, 0, 10, 10)]
    assert kinds(truths, found, labels=("person",)) == (["", "class"], ["class", ""])


def test_images_outside_the_part_are_not_counted():
    truths, found = [PERSON, truth(1, "person", 0, 0, 10, 10)], [seen(1, "person", 50, 50, 10, 10)]
    assert kinds(truths, found, images=[0]) == ([""], ["missed", ""])


def test_what_is_outside_the_area_range_is_no_error():
    truths = [PERSON, truth(0, "person", 100, 100, 50, 50)]
    found = [seen(0, "person", 0, 0, 10, 10), seen(0, "person", 200, 0, 10, 10), seen(0, "person", 300, 0, 60, 60)]
    assert kinds(truths, found, area=(1000, 1e10)) == (["ignored", "ignored", "background"], ["ignored", "missed"])


def test_the_hundred_best_of_a_label_count_in_an_image():
    found = [seen(0, "person", 30 * n, 0, 10, 10, 0.9) for n in range(101)]
    assert kinds([], found)[0] == ["background"] * 100 + [""]


def test_which_truth_is_told():
    found = [seen(0, "car", 0, 0, 10, 9, 0.6), seen(0, "car", 0, 0, 10, 10, 0.8), seen(0, "bag", 50, 50, 5, 5)]
    done = errors_of(part(evidence([PERSON, CAR], found)), score=0.5)
    assert done.truth_of.tolist() == [0, 0, -1]
    assert done.found_of.tolist() == [1, -1]  # the better score took it


seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.sampled_from([0.0, 0.3, 0.6]), st.sampled_from([0.5, 0.75]), st.booleans(), st.booleans())
@settings(max_examples=150)
def test_kinds_are_those_of_the_definitions(seed, score, iou, few_labels, is_small):
    scene = random_evidence(np.random.default_rng(seed))
    asked = part(
        scene, images=[0, 1, 3], labels=("person",) if few_labels else (), area=(0, 30) if is_small else (0, 1e10)
    )
    done = errors_of(asked, score=score, iou=iou)
    assert (names(done.found), names(done.truth)) == kinds_of(asked, score=score, iou=iou)


@given(seeds)
@settings(max_examples=60)
def test_counts_add_up(seed):
    scene = random_evidence(np.random.default_rng(seed))
    done = errors_of(part(scene), score=0.3)
    assert not np.any(done.truth == 0)  # found, ignored, or a kind of missed
    assert np.array_equal(done.found == 0, scene.found.score < 0.3)
    right = np.flatnonzero(done.found == NAMES.index("found"))
    assert sorted(done.truth_of[right]) == np.flatnonzero(done.truth == NAMES.index("found")).tolist()
    assert np.array_equal(done.found_of[done.truth_of[right]], right)
