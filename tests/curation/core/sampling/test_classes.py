"""Under-sampling from the rarest class up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.core.sampling.classes import fill_classes
from curation.core.sampling.contract import Cut, Supply
from curation.core.sampling.levels import fill_evenly


def fill(members, available, *, size=None, cuts=()):
    counts, limit = fill_classes(
        np.asarray(members, bool), Supply(np.asarray(available, np.int64), tuple(cuts)), size=size
    )
    return counts.tolist(), limit


def test_all_of_the_rarest_and_of_the_others_as_many_as_of_the_next_rarest():
    assert fill(np.eye(4), [900, 40, 300, 100]) == ([100, 40, 100, 100], 100)


def test_with_a_size_the_limit_goes_on():
    # 40 + 100 + 130 + 130
    assert fill(np.eye(4), [900, 40, 300, 100], size=400) == ([130, 40, 130, 100], 130)
    assert fill(np.eye(4), [900, 40, 300, 100], size=10_000) == ([900, 40, 300, 100], 900)
    counts, _ = fill(np.eye(4), [900, 40, 300, 100], size=50)
    assert sum(counts) == 50
    assert min(counts) == 12


def test_frames_of_the_rarest_class_count_for_what_else_they_show():
    # dog 20 (10 of them with a person), person 500: the limit is 500 without a size, since there are two classes.
    dog_person = [[1, 1, 0], [0, 1, 1]]  # cells: dog, dog and person, person
    assert fill(dog_person, [10, 10, 490]) == ([10, 10, 490], 500)
    assert fill(dog_person, [10, 10, 490], size=40) == ([10, 10, 20], 30)


def test_frames_that_put_no_other_class_above_its_limit_come_first():
    # cat 3, dog 5 and person 50: the limit is 5. Dogs come alone first; only where they do not suffice, with people.
    members = [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]  # cells: cat, dog, dog with person, person
    counts, limit = fill(members, [3, 4, 1, 49])
    assert limit == 5
    assert counts == [3, 4, 1, 4]


def test_a_common_class_that_is_in_every_rare_frame_goes_above_the_limit():
    members = [[1, 0, 0], [0, 1, 0], [1, 1, 1]]  # cat and dog are only seen with people
    counts, limit = fill(members, [3, 8, 100])
    assert (counts, limit) == ([3, 8, 0], 8)


def test_one_class_none_and_nothing():
    assert fill([[1]], [7]) == ([7], 7)
    assert fill(np.zeros((0, 0)), []) == ([], 0)
    assert fill(np.eye(2), [0, 0]) == ([0, 0], 0)
    assert fill(np.eye(3), [0, 5, 9]) == ([0, 5, 9], 9)


def test_cuts_hold():
    cut = Cut(np.asarray([True, True, False]), 4, "")
    counts, _ = fill(np.eye(3), [10, 10, 10], size=30, cuts=[cut])
    assert counts[0] + counts[1] == 4
    assert counts[2] == 10


@given(available=st.lists(st.integers(0, 30), min_size=1, max_size=6), size=st.integers(1, 80))
def test_of_classes_that_never_meet_with_a_size_it_is_filling_evenly(available, size):
    counts, _ = fill(np.eye(len(available)), available, size=size)
    even = fill_evenly(Supply(np.asarray(available)), size=size)
    assert sorted(counts) == sorted(even.tolist())


@given(
    members=st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=4),
    available=st.lists(st.integers(0, 9), min_size=5, max_size=5),
    size=st.none() | st.integers(1, 30),
)
def test_no_class_lacks_frames_that_there_are_below_the_limit(members, available, size):
    members, available = np.asarray(members), np.asarray(available)
    counts, limit = fill_classes(members, Supply(available), size=size)
    assert ((counts >= 0) & (counts <= available)).all()
    assert size is None or counts.sum() <= size
    # Frames that show none of the classes are of no use.
    assert not counts[~members.any(axis=0)].any()
    if size is None or counts.sum() < size:
        assert (members @ counts >= np.minimum(members @ available, limit)).all()
