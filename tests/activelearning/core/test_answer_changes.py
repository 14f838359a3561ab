"""What annotators changed of a pre-annotation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.answer_changes import changes, quality
from tests.activelearning.core.answers import box, boxes

lists = st.lists(boxes, max_size=5)


def test_a_worked_frame():
    predicted = [box(0), box(30), box(60), box(90)]
    final = [box(0), box(32), box(60, label="car"), box(120, label="car")]
    told = changes(predicted, final)
    assert told == {
        "kept": 1, "moved": 1, "relabelled": 1, "added": 1, "removed": 1,
        "classes": {
            "car": {"relabelled_to": 1, "added": 1},
            "person": {"kept": 1, "moved": 1, "relabelled": 1, "removed": 1},
        },
    }  # fmt: skip
    person, car = quality([told])["person"], quality([told])["car"]
    assert (person.pre_annotated, person.there) == (4, 2)
    assert (person.precision, person.recall, person.share_kept) == (0.5, 1.0, 0.25)
    assert (car.precision, car.recall, car.share_kept) == (None, 0.0, None)


def test_a_box_that_was_only_rounded_is_kept():
    assert changes([box(0, side=100)], [box(0.3, side=100)])["kept"] == 1
    assert changes([box(0, side=100)], [box(3, side=100)])["moved"] == 1


def test_nothing_of_nothing():
    assert sum(changes([], [])[word] for word in ("kept", "added", "removed")) == 0
    assert quality([]) == quality([{}]) == {}


@given(lists, lists)
def test_every_box_is_counted_once(predicted, final):
    told = changes(predicted, final)
    met = told["kept"] + told["moved"] + told["relabelled"]
    assert met + told["removed"] == len(predicted)
    assert met + told["added"] == len(final)
    assert sum(one.pre_annotated for one in quality([told]).values()) == len(predicted)
    assert sum(one.there for one in quality([told]).values()) == len(final)
    for one in quality([told]).values():
        assert one.precision is None or 0 <= one.precision <= 1
        assert one.recall is None or 0 <= one.recall <= 1


@given(lists)
def test_what_nobody_touches_is_kept(predicted):
    apart = [box(100 * n, label=one.label) for n, one in enumerate(predicted)]
    assert changes(apart, apart)["kept"] == pytest.approx(len(predicted))
