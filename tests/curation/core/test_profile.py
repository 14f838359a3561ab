"""Distributions: small tables by hand, a slow obvious version beside them, and what always holds."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.operating import FactorSpec
from curation.core.profile import MAX_VALUES, camera_axis, combined, distribution, factor_axis, rows_of

LIGHTING = FactorSpec(
    "lighting", "categorical", values=("dark", "dim", "bright"), expected={"dark": 0.5, "bright": 0.5}
)
PEOPLE = FactorSpec("people", "numeric", values=("nobody", "some"), edges=(1.0,))
OPEN = FactorSpec("location", "categorical", expected={"roof": 0.25, "hall": 0.75})
FRAMES = pl.DataFrame(
    {
        "lighting": ["dark", "dark", "bright", None, "dim", "odd"],
        "people": [0.0, 2.0, None, 1.0, 0.0, 0.0],
        "location": ["hall", "yard", "hall", None, "hall", "hall"],
        "camera": ["b", "a", "b", "a", "a", "b"],
    }
)


def shown(found):
    return [(v.value, v.frames, v.share, v.expected) for v in found.values]


def test_values_in_order_with_shares_of_those_that_are_known():
    found = distribution(factor_axis(FRAMES, LIGHTING))
    assert shown(found) == [("dark", 2, 0.4, 0.5), ("dim", 1, 0.2, 0.0), ("bright", 1, 0.2, 0.5), ("odd", 1, 0.2, 0.0)]
    assert (found.known, found.missing, found.values_left_out) == (5, 1, 0)
    assert found.missing_query == "NOT _exists_:lighting"
    assert [v.query for v in found.values][:2] == ["lighting:dark", "lighting:dim"]
    assert 0 < found.divergence < 1
    assert (found.other_divergence, found.other_missing, found.values[0].other_share) == (None, None, None)


def test_a_factor_without_expected_shares_has_no_divergence():
    found = distribution(factor_axis(FRAMES, PEOPLE))
    assert shown(found) == [("nobody", 3, 0.6, None), ("some", 2, 0.4, None)]
    assert (found.divergence, found.missing) == (None, 1)


def test_an_expected_value_that_no_frame_has_is_listed():
    found = distribution(factor_axis(FRAMES, OPEN))
    assert shown(found) == [("hall", 4, 0.8, 0.75), ("yard", 1, 0.2, 0.0), ("roof", 0, 0.0, 0.25)]


def test_some_rows_beside_others():
    axis = factor_axis(FRAMES, LIGHTING)
    found = distribution(axis.taken(np.array([0, 1])), other=axis.taken(np.array([2, 3])))
    assert [(v.value, v.frames, v.other_frames, v.other_share) for v in found.values] == [
        ("dark", 2, 0, 0.0),
        ("dim", 0, 0, 0.0),
        ("bright", 0, 1, 1.0),
    ]
    assert (found.other_divergence, found.other_missing, found.missing) == (1.0, 1, 0)


def test_the_same_rows_have_no_divergence():
    axis = factor_axis(FRAMES, LIGHTING)
    assert distribution(axis, other=axis.taken(np.arange(6))).other_divergence == pytest.approx(0)


@pytest.mark.parametrize("rows", [np.zeros(0, np.int64), np.array([3])])
def test_nothing_known_has_no_shares_and_no_divergence(rows):
    axis = factor_axis(FRAMES, LIGHTING).taken(rows)
    found = distribution(axis, other=axis)
    assert [(v.value, v.frames, v.share) for v in found.values] == [(n, 0, None) for n in LIGHTING.values]
    assert (found.known, found.missing, found.divergence, found.other_divergence) == (0, len(rows), None, None)


def test_a_factor_that_was_never_tagged_is_missing_everywhere():
    found = distribution(factor_axis(FRAMES, FactorSpec("weather", "categorical", values=("rain",))))
    assert (shown(found), found.missing) == ([("rain", 0, None, None)], 6)


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_texts_are_no_values_of_a_number_or_a_yes_or_no(dtype):
    frames = pl.DataFrame({"people": pl.Series(["many", "2", None], dtype=dtype)})
    assert distribution(factor_axis(frames, PEOPLE)).missing == 3
    assert distribution(factor_axis(frames, FactorSpec("people", "boolean", values=("false", "true")))).missing == 3


def test_cameras_without_frames_among_the_rows_are_left_out():
    found = distribution(camera_axis(FRAMES).taken(np.array([0, 2])))
    assert [(v.value, v.frames, v.query) for v in found.values] == [("b", 2, "camera:b")]
    assert found.missing == 0


def test_of_too_many_values_the_most_frequent_are_listed_and_the_expected_always():
    names = [f"v{i:04}" for i in range(MAX_VALUES + 50)]
    frames = pl.DataFrame({"location": names + names[-3:] * 2})
    found = distribution(factor_axis(frames, FactorSpec("location", "categorical", expected={"roof": 1.0})))
    listed = [v.value for v in found.values]
    assert (len(listed), found.values_left_out) == (MAX_VALUES, 51)
    assert listed == [*names[: MAX_VALUES - 4], *names[-3:], "roof"]
    assert found.known == len(frames)


def test_all_rows_are_no_rows():
    assert rows_of(np.ones(3, bool)) is None
    assert rows_of(np.array([True, False, True])).tolist() == [0, 2]
    assert rows_of(np.zeros(2, bool)).tolist() == []


values = st.lists(
    st.tuples(st.sampled_from(["dark", "dim", "odd", None]), st.sampled_from([0.0, 1.0, 5.0, None])), max_size=30
)


@given(values, st.data())
def test_counts_are_those_of_counting_one_by_one(pairs, data):
    frames = pl.DataFrame(pairs, schema={"lighting": pl.String, "people": pl.Float64}, orient="row")
    chosen = data.draw(st.one_of(st.none(), st.sets(st.integers(0, max(0, len(pairs) - 1))))) if pairs else None
    rows = None if chosen is None else np.array(sorted(chosen), np.int64)
    left, right = (factor_axis(frames, factor).taken(rows) for factor in (LIGHTING, PEOPLE))
    mine = [pairs[i] for i in (range(len(pairs)) if rows is None else rows)]
    found = distribution(left)
    expected = Counter(value for value, _ in mine)
    assert {v.value: v.frames for v in found.values if v.frames} == {k: n for k, n in expected.items() if k}
    assert found.missing == expected[None]
    table = combined(left, right)
    names = [*left.names, None], [*right.names, None]
    told = Counter((a, None if b is None else "some" if b >= 1 else "nobody") for a, b in mine)
    assert {(names[0][i], names[1][j]): table[i, j] for i, j in np.argwhere(table)} == told
    if found.known:
        assert sum(v.share for v in found.values) == pytest.approx(1.0)
        assert 0 <= found.divergence <= 1
