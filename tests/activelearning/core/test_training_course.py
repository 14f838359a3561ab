"""How far a training is: told from what is known, and from nothing else."""

import math

import pytest

from activelearning.core.training_course import Course, numbers, whole


class Clock:
    s = 100.0

    def __call__(self):
        return self.s


@pytest.fixture
def course():
    made = Course(10, now_s=Clock())
    made.begin(after=0, total=0)
    return made


def test_before_the_first_epoch_nothing_is_promised(course):
    assert course.said() == "loading the network and the pictures"
    course.step({"box": 1.234, "cls": 2.0})
    assert course.said() == "epoch 1/10 · box loss 1.23"


def test_what_is_left_is_told_from_the_last_epochs(course):
    for epoch, seconds in enumerate([100.0, *[10.0] * 5], start=1):
        course.end_epoch(epoch, seconds, {"box": 1.0})
    assert course.said() == "epoch 7/10 · box loss 1.00 · 40 s left"
    course.now_s.s += 4
    assert course.said().endswith("36 s left")
    course.now_s.s += 1000
    assert course.said().endswith("30 s left")


def test_long_times_are_told_in_minutes_and_hours():
    for seconds, says in ((60.0, "10 min left"), (3600.0, "10.0 h left")):
        course = Course(11, now_s=Clock())
        course.end_epoch(1, seconds, {})
        assert course.said().endswith(says)


def test_a_resumed_one_counts_on_and_the_last_epoch_is_the_end(course):
    course.begin(after=9, total=10)
    course.step({})
    assert course.said() == "epoch 10/10"
    course.end_epoch(10, 1.0, {})
    assert course.said() == "finishing"


def test_without_a_total_no_end_is_promised():
    course = Course(0)
    course.end_epoch(3, 1.0, {"loss": 2.0})
    assert course.said() == "epoch 4 · loss loss 2.00"


def test_only_numbers_are_believed():
    assert numbers({"a": 1, "b": math.nan, "c": None, "d": "2", "e": math.inf}) == {"a": 1.0}
    assert numbers([1]) == numbers(None) == {}
    assert [whole(said) for said in (3, 0, -1, True, "3", None, 2.0)] == [3, 0, 0, 0, 0, 0, 0]
