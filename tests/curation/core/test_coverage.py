"""Coverage matrices and critical combinations: by hand, and beside counting one by one."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.coverage import MAX_ABSENT, coverage, critical_cover, pair_counts
from curation.core.operating import Critical, FactorSpec
from curation.core.profile import combined, factor_axis

LIGHTING = FactorSpec("lighting", "categorical", values=("dark", "bright"), expected={"dark": 0.25, "bright": 0.75})
WEATHER = FactorSpec("weather", "categorical", values=("dry", "rain"), expected={"dry": 0.8, "rain": 0.2})
PLAIN = FactorSpec("weather", "categorical", values=("dry", "rain", "snow"))
FRAMES = pl.DataFrame(
    {
        "lighting": ["dark", "bright", "bright", None, "bright", "dark"],
        "weather": ["dry", "rain", "dry", "rain", None, "dry"],
    }
)


def axes(*factors, frames=FRAMES, rows=None):
    return {factor.name: factor_axis(frames, factor).taken(rows) for factor in factors}


def test_pairs_are_counted_and_absent_ones_weighed_by_what_is_expected():
    found = coverage(*axes(LIGHTING, WEATHER).values())
    assert (found.first_values, found.second_values) == (("dark", "bright"), ("dry", "rain"))
    assert found.counts == ((2, 0), (1, 1))
    assert (found.known, found.unknown) == (4, 2)
    assert found.expected == (pytest.approx((0.2, 0.05)), pytest.approx((0.6, 0.15)))
    (absent,) = found.absent
    assert (absent.first, absent.second, absent.weight) == ("dark", "rain", pytest.approx(0.05))
    assert absent.query == "lighting:dark AND weather:rain"
    assert (found.absent_count, found.weights_are_expected) == (1, True)


def test_without_expected_shares_the_found_ones_weigh():
    found = coverage(*axes(LIGHTING, PLAIN).values())
    assert (found.expected, found.weights_are_expected) == (None, False)
    # dark is 25% expected; of the five known weathers two are rain, none snow
    assert [(a.first, a.second, a.weight) for a in found.absent] == [
        ("dark", "rain", pytest.approx(0.25 * 0.4)),
        ("dark", "snow", 0.0),
        ("bright", "snow", 0.0),
    ]


def test_no_frames_are_all_absent_and_weigh_what_is_expected():
    nothing = np.zeros(0, np.int64)
    found = coverage(*axes(LIGHTING, WEATHER, rows=nothing).values())
    assert (found.counts, found.known, found.absent_count) == (((0, 0), (0, 0)), 0, 4)
    assert [a.weight for a in found.absent] == pytest.approx([0.6, 0.2, 0.15, 0.05])
    assert [a.weight for a in coverage(*axes(PLAIN, LIGHTING, rows=nothing).values()).absent] == [0.0] * 6


def test_a_value_whose_partner_is_never_known_is_listed_all_the_same():
    frames = pl.DataFrame({"a": ["x", None], "b": [None, "y"]})
    found = coverage(*axes(FactorSpec("a", "categorical"), FactorSpec("b", "categorical"), frames=frames).values())
    assert (found.first_values, found.second_values, found.counts) == (("x",), ("y",), ((0,),))
    assert (found.known, found.unknown, found.absent[0].weight) == (0, 2, 1.0)


def test_of_many_absent_combinations_the_weightiest_are_listed():
    names = [f"v{i:02}" for i in range(20)]
    frames = pl.DataFrame({"a": names, "b": names})
    found = coverage(*axes(FactorSpec("a", "categorical"), FactorSpec("b", "categorical"), frames=frames).values())
    assert (found.absent_count, len(found.absent)) == (380, MAX_ABSENT)


@pytest.mark.parametrize(
    "when, least, rows, frames, short_by",
    [
        ({"lighting": "dark"}, 2, None, 2, 0),
        ({"lighting": "dark"}, 3, None, 2, 1),
        ({"lighting": "dark", "weather": "rain"}, 50, None, 0, 50),
        ({"lighting": "bright", "weather": "rain"}, 1, np.array([0, 2]), 0, 1),
        ({"lighting": "bright", "weather": "rain"}, 1, np.array([1]), 1, 0),
        ({"lighting": "bright"}, 1, np.zeros(0, np.int64), 0, 1),
        ({"weather": "hail"}, 7, None, 0, 7),  # an open-ended factor whose value no frame has
    ],
)
def test_critical_combinations_are_met_or_fall_short(when, least, rows, frames, short_by):
    (found,) = critical_cover([Critical("it", when, least)], axes(LIGHTING, WEATHER, rows=rows))
    assert (found.frames, found.short_by, found.least_frames) == (frames, short_by, least)
    assert found.query == " AND ".join(f"{factor}:{value}" for factor, value in when.items())


pairs = st.lists(
    st.tuples(st.sampled_from(["dark", "bright", None]), st.sampled_from(["dry", "rain", "fog", None])), max_size=30
)


@given(pairs)
def test_it_is_what_counting_one_by_one_gives(seen):
    frames = pl.DataFrame(seen, schema={"lighting": pl.String, "weather": pl.String}, orient="row")
    found = coverage(*axes(LIGHTING, WEATHER, frames=frames).values())
    for i, first in enumerate(found.first_values):
        for j, second in enumerate(found.second_values):
            assert found.counts[i][j] == seen.count((first, second))
    assert found.known == sum(None not in pair for pair in seen)
    assert found.known + found.unknown == len(seen)
    assert found.absent_count == sum(count == 0 for row in found.counts for count in row) == len(found.absent)
    both = axes(LIGHTING, WEATHER, frames=frames).values()
    told = pair_counts(*both, combined(*both))
    assert told == {pair: seen.count(pair) for pair in set(seen) if None not in pair}
