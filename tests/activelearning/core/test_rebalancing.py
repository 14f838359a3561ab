"""Shares of a training set: exact on small tables, at least once each, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.rebalancing import rebalance
from curation.core.errors import SpecError


def mask(count, *rows):
    made = np.zeros(count, bool)
    made[list(rows)] = True
    return made


def test_a_share_is_raised_to_what_was_asked():
    found = rebalance({"dark": mask(10, 0)}, {"dark": 0.25}, count=10, seed=3)
    assert found.repeats.tolist() == [3, *[1] * 9]
    assert found.shares[0].to_dict() == {"query": "dark", "pictures": 1, "before": 0.1, "after": 0.25, "asked": 0.25}
    assert found.notes == ()


def test_what_happens_to_the_others_is_told():
    members = {"dark": mask(10, 0, 1), "rain": mask(10, 1, 2), "day": mask(10, *range(2, 10))}
    found = rebalance(members, {"dark": 0.5, "rain": None, "day": None}, count=10, seed=0)
    after = {one.query: one.after for one in found.shares}
    assert after["dark"] == pytest.approx(0.5)
    assert after["day"] == pytest.approx(0.5)
    assert after["rain"] > 0.2  # it shares a picture with what was raised
    assert [one.asked for one in found.shares] == [0.5, None, None]


def test_two_shares_at_once():
    count = 100
    members = {"a": mask(count, *range(10)), "b": mask(count, *range(5, 25))}
    found = rebalance(members, {"a": 0.3, "b": 0.4}, count=count, seed=1)
    assert [one.after for one in found.shares] == pytest.approx([0.3, 0.4], abs=0.01)
    assert found.repeats.min() == 1


def test_the_seed_says_which_of_equal_pictures_is_repeated():
    members = {"a": mask(40, *range(20))}
    repeats = [rebalance(members, {"a": 0.6}, count=40, seed=seed).repeats.tolist() for seed in (1, 1, 2)]
    assert repeats[0] == repeats[1]
    assert repeats[0] != repeats[2]
    assert sum(repeats[0]) == sum(repeats[2]) == 50


def test_wishes_that_contradict_each_other_are_met_as_nearly_as_possible_and_told():
    members = {"a": mask(10, 0, 1), "b": mask(10, 2, 3)}
    found = rebalance(members, {"a": 0.8, "b": 0.8}, count=10, seed=0)
    assert found.repeats.min() >= 1
    assert any("nearest" in note for note in found.notes)


def test_no_picture_is_repeated_without_end():
    found = rebalance({"a": mask(1000, 0)}, {"a": 0.9}, count=1000, seed=0, most_repeats=20)
    assert found.repeats.max() == 20
    assert "more than 20 times" in found.notes[0]


@pytest.mark.parametrize(
    "members, share, says",
    [(mask(4), 0.5, "No picture"), (mask(4, 0, 1, 2, 3), 0.5, "Every picture"), (mask(4, 0), 1.5, "less than 1")],
)
def test_what_no_list_can_have_is_refused(members, share, says):
    with pytest.raises(SpecError, match=says):
        rebalance({"a": members}, {"a": share}, count=4, seed=0)


def test_nothing_asked_leaves_everything_once():
    assert rebalance({}, {}, count=0, seed=0).length == 0
    found = rebalance({"a": mask(3, 1)}, {"a": None}, count=3, seed=0)
    assert found.repeats.tolist() == [1, 1, 1]
    assert found.shares[0].before == found.shares[0].after == pytest.approx(1 / 3)


@given(st.data())
def test_any_share_that_is_raised_is_met_to_within_two_pictures(draw):
    count = draw.draw(st.integers(2, 200))
    rows = draw.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=count - 1))
    before = len(rows) / count
    share = draw.draw(st.floats(before, 40 * before / (1 + 39 * before)))  # no picture more than 40 times
    found = rebalance({"a": mask(count, *rows)}, {"a": share}, count=count, seed=draw.draw(st.integers(0, 99)))
    assert found.repeats.min() >= 1
    assert found.shares[0].after == pytest.approx(share, abs=2 / found.length)
