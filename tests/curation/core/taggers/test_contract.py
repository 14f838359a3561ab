"""Bins, and the list of all factors."""

import pytest

from curation.core.taggers import FACTORS, TAGGERS
from curation.core.taggers.contract import bin_of


@pytest.mark.parametrize("value, name", [(-1, "low"), (9.99, "low"), (10, "middle"), (20, "high"), (99, "high")])
def test_an_edge_belongs_to_the_bin_above_it(value, name):
    assert bin_of(value, edges=(10, 20), names=("low", "middle", "high")) == name


def test_two_equal_edges_leave_no_room_for_the_bin_between():
    assert [bin_of(v, edges=(10, 10), names=("low", "middle", "high")) for v in (9, 10)] == ["low", "high"]


def test_no_edge_is_one_bin():
    assert bin_of(5, edges=(), names=("all",)) == "all"


def test_no_two_taggers_tell_the_same_factor():
    told = [factor.name for kind in TAGGERS.values() for factor in kind.factors]
    assert sorted(told) == sorted(FACTORS)
