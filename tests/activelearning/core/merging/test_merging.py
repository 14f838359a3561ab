"""Several answers made one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.merging import MERGES, merge_answers, read_merge
from activelearning.core.merging.contract import Merged
from curation.core.errors import SpecError
from tests.activelearning.core.answers import answer, answers, box

policies = pytest.mark.parametrize("name", MERGES)


def merged(name, *given_answers, **options):
    return merge_answers(given_answers, read_merge({"policy": name, **options}))


def drawn(found):
    return [(one.label, one.box) for one in found.boxes]


def test_nothing_said_is_newest_and_what_is_wrong_is_said():
    assert read_merge({}).kind == "newest"
    for wrong, says in (
        ({"policy": "best"}, "newest, majority, union, first"),
        ({"policy": []}, "one of"),
        ({"policy": "majority", "iou": 2}, "0 to 1"),
        ({"iou": 0.5}, "no parameter 'iou'"),
    ):
        with pytest.raises(SpecError, match=says):
            read_merge(wrong)


@policies
def test_one_answer_is_taken_as_it_is(name):
    found = merged(name, answer("ada", box(region="r1"), box(50, label="car"), tags={"weather": "rain"}))
    assert drawn(found) == [("person", (0, 0, 10, 10)), ("car", (50, 0, 60, 10))]
    assert (found.boxes[0].answer, found.boxes[0].region, found.boxes[0].by) == (0, "r1", ("ada",))
    assert (found.tags, found.tag_answer) == ({"weather": "rain"}, {"weather": 0})


@policies
def test_skips_say_nothing(name):
    skip = answer("bob", box(30), is_skip=True)
    assert drawn(merged(name, answer("ada", box()), skip)) == [("person", (0, 0, 10, 10))]
    assert merged(name, skip) == merged(name) == Merged()


@policies
def test_ground_truth_decides_alone(name):
    found = merged(name, answer("ada", box()), answer("eve", box(50), is_truth=True), answer("bob", box(2)))
    assert drawn(found) == [("person", (50, 0, 60, 10))]
    assert found.boxes[0].answer == 1


def test_newest_and_first():
    both = answer("ada", box(), tags={"weather": "rain"}), answer("bob", tags={"weather": "clear"})
    assert merged("newest", *both) == Merged((), {"weather": "clear"}, {"weather": 1})
    assert drawn(merged("first", *both)) == [("person", (0, 0, 10, 10))]


def test_majority_keeps_what_more_than_half_drew_at_their_median():
    three = (
        answer("ada", box(0, region="a"), box(50), tags={"weather": "rain"}),
        answer("bob", box(2, region="b"), tags={"weather": "clear"}),
        answer("eve", box(1, region="e"), box(80, label="car"), tags={"weather": "rain"}),
    )
    found = merged("majority", *three)
    assert drawn(found) == [("person", (1, 0, 11, 10))]
    assert (found.boxes[0].answer, found.boxes[0].region, found.boxes[0].by) == (2, "e", ("ada", "bob", "eve"))
    assert (found.tags, found.tag_answer) == ({"weather": "rain"}, {"weather": 2})
    assert len(merged("union", *three).boxes) == 3


def test_one_of_two_is_no_majority():
    two = answer("ada", box(), box(50)), answer("bob", box(50))
    assert drawn(merged("majority", *two)) == [("person", (50, 0, 60, 10))]
    assert drawn(merged("majority", answer("ada", box()), answer("bob", box(label="car")))) == []


def test_how_far_boxes_must_overlap_is_a_parameter():
    two = answer("ada", box()), answer("bob", box(5))  # an IoU of a third
    assert drawn(merged("majority", *two)) == []
    assert drawn(merged("majority", *two, iou=0.3)) == [("person", (2.5, 0, 12.5, 10))]


def test_who_answers_twice_has_one_vote():
    three = answer("ada", box(50)), answer("ada", box()), answer("bob", box())
    assert drawn(merged("majority", *three)) == [("person", (0, 0, 10, 10))]


@policies
@given(given_answers=st.lists(answers, max_size=5), iou=st.sampled_from([0.3, 0.7]))
def test_whatever_comes_out_was_drawn_by_those_it_names(name, given_answers, iou):
    options = {"iou": iou} if name in ("majority", "union") else {}
    found = merged(name, *given_answers, **options)
    assert found == merged(name, *given_answers, **options)
    for one in found.boxes:
        source = given_answers[one.answer]
        assert not source.is_skip
        assert source.annotator == one.by[-1]
        assert one.label in {drawn_box.label for drawn_box in source.boxes}
        assert one.box[0] < one.box[2]
        assert one.box[1] < one.box[3]
    for factor, place in found.tag_answer.items():
        assert given_answers[place].tags[factor] == found.tags[factor]


@given(st.lists(answers, min_size=1, max_size=5))
def test_the_majority_is_among_the_union_and_all_who_agree_agree_with_it(given_answers):
    union, majority = merged("union", *given_answers), merged("majority", *given_answers)
    assert {one.box for one in majority.boxes} <= {one.box for one in union.boxes}
    same = [answer(name, *given_answers[0].boxes) for name in "abc"]
    assert len(merged("majority", *same).boxes) == len(merged("union", *same).boxes) == len(given_answers[0].boxes)
