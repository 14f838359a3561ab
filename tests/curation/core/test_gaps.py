"""Gaps: which there are, in which order, what is said of them, and which query finds frames against them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.coverage import coverage, critical_cover
from curation.core.divergence import jensen_shannon
from curation.core.gaps import (
    LEAST_PART,
    Place,
    combination_gaps,
    critical_gap,
    differences,
    percent,
    unknown_gap,
    value_gaps,
    worst_first,
)
from curation.core.operating import Critical, FactorSpec
from curation.core.profile import distribution, factor_axis

EVERYWHERE = Place("")
GATE = Place("camera:gate OR camera:yard", free="held_out:false")


def lighting(expected, **counts):
    values = [name for name, count in counts.items() for _ in range(count)]
    spec = FactorSpec("lighting", "categorical", values=("dark", "dim", "bright"), expected=expected)
    return factor_axis(pl.DataFrame({"lighting": pl.Series(values, dtype=pl.String)}), spec)


def test_too_few_of_a_value_says_how_many_more_it_takes():
    found = distribution(lighting({"dark": 0.5, "bright": 0.5}, dark=10, bright=90))
    (gap,) = value_gaps(found, place=EVERYWHERE, elsewhere={})
    assert gap.text == (
        "lighting: dark is 10.0% of the frames, 50.0% is expected: 80 more would make it so. "
        "Take in footage that shows it."
    )
    assert (gap.kind, gap.query, gap.elsewhere) == ("value", "lighting:dark", 0)
    assert (10 + 80) / (100 + 80) == 0.5


def test_frames_elsewhere_are_counted_and_found():
    found = distribution(lighting({"dark": 0.5, "bright": 0.5}, dark=10, bright=90))
    (gap,) = value_gaps(found, place=GATE, elsewhere={"dark": 1200})
    assert gap.text.endswith("1,200 more are in the collection outside this query.")
    assert gap.query == "lighting:dark AND held_out:false AND NOT (camera:gate OR camera:yard)"
    (gap,) = value_gaps(found, place=GATE, elsewhere={"dark": 1})
    assert "1 more is in the collection" in gap.text
    (gap,) = value_gaps(found, place=GATE, elsewhere={"dark": 0})
    assert gap.text.endswith("The rest of the collection has none: take in footage that shows it.")
    assert gap.query == "(camera:gate OR camera:yard) AND lighting:dark"


def test_too_many_is_no_gap_of_its_own_nor_is_next_to_nothing():
    found = distribution(lighting({"dark": 0.33, "bright": 0.67}, dark=32, bright=68))
    assert value_gaps(found, place=EVERYWHERE, elsewhere={}) == []
    assert value_gaps(distribution(lighting({}, dark=5)), place=EVERYWHERE, elsewhere={}) == []
    assert value_gaps(distribution(lighting({"dark": 1.0})), place=EVERYWHERE, elsewhere={}) == []


def test_the_only_expected_value_cannot_be_reached_by_more_frames():
    (gap,) = value_gaps(distribution(lighting({"dark": 1.0}, dark=1, dim=1)), place=EVERYWHERE, elsewhere={})
    assert "100.0% is expected." in gap.text


def test_a_value_that_is_known_of_few_frames_is_told_of_those():
    axis = lighting({"dark": 0.5, "bright": 0.5}, bright=10)
    blank = pl.DataFrame({"lighting": ["bright"] * 10 + [None] * 90})
    spec = FactorSpec("lighting", "categorical", values=("dark", "bright"), expected={"dark": 0.5, "bright": 0.5})
    assert "of the frames," in value_gaps(distribution(axis), place=EVERYWHERE, elsewhere={})[0].text
    found = distribution(factor_axis(blank, spec))
    assert "of the frames of which it is known," in value_gaps(found, place=EVERYWHERE, elsewhere={})[0].text
    gap = unknown_gap(found, "people", place=GATE)
    assert gap.text == "lighting is not known of 90.0% of the frames (90). Tag them by hand."
    assert gap.query == "(camera:gate OR camera:yard) AND NOT _exists_:lighting"
    assert (gap.kind, gap.severity) == ("unknown", 0.45)


def test_a_factor_that_nothing_is_known_of_says_so():
    found = distribution(factor_axis(pl.DataFrame({"a": [1, 2]}), FactorSpec("weather", "categorical")))
    gap = unknown_gap(found, "prompts", place=EVERYWHERE)
    assert gap.text.startswith("weather is not known of any frame. Run a cascade that embeds them")


def test_few_unknown_ones_are_no_gap_nor_are_none_at_all():
    mostly = pl.DataFrame({"lighting": ["dark"] * 99 + [None]})
    spec = FactorSpec("lighting", "categorical")
    assert unknown_gap(distribution(factor_axis(mostly, spec)), "tagger", place=EVERYWHERE) is None
    assert unknown_gap(distribution(factor_axis(mostly[:0], spec)), "tagger", place=EVERYWHERE) is None


def test_a_critical_combination_says_what_it_has_of_what_it_wants():
    axis = lighting({}, dark=12)
    short, met = critical_cover([Critical("night", {"lighting": "dark"}, 50), Critical("n", {"lighting": "dark"}, 12)],
                                {"lighting": axis})  # fmt: skip
    gap = critical_gap(short, place=EVERYWHERE, elsewhere=0)
    assert gap.text.startswith("Critical: night (lighting:dark) has 12 of at least 50 frames.")
    assert gap.severity == pytest.approx(1 + 38 / 50)
    assert critical_gap(met, place=EVERYWHERE, elsewhere=0) is None


def _pair(rows, expected_lighting=None):
    frames = pl.DataFrame(rows, schema={"lighting": pl.String, "weather": pl.String}, orient="row")
    first = FactorSpec("lighting", "categorical", values=("dark", "bright"), expected=expected_lighting or {})
    second = FactorSpec("weather", "categorical", values=("dry", "rain", "snow"))
    return coverage(factor_axis(frames, first), factor_axis(frames, second))


def test_an_absent_combination_of_values_that_are_there():
    matrix = _pair([("dark", "dry")] * 20 + [("bright", "dry")] * 20 + [("bright", "rain")] * 20)
    (gap,) = combination_gaps(matrix, place=EVERYWHERE, elsewhere={("dark", "rain"): 7})
    assert gap.text.startswith("No frame has lighting:dark AND weather:rain, though 11.1% would be likely.")
    assert (gap.severity, gap.elsewhere) == (pytest.approx(1 / 18), 7)  # no frame has snow: said once, elsewhere


def test_an_absence_that_chance_explains_is_no_gap():
    assert combination_gaps(_pair([("dark", "dry"), ("bright", "rain")]), place=EVERYWHERE, elsewhere={}) == []
    assert combination_gaps(_pair([]), place=EVERYWHERE, elsewhere={}) == []


def test_the_worst_comes_first_and_critical_ones_before_all():
    value = value_gaps(distribution(lighting({"dark": 0.5, "bright": 0.5}, bright=9)), place=EVERYWHERE, elsewhere={})
    (short,) = critical_cover([Critical("c", {"lighting": "dim"}, 100)], {"lighting": lighting({}, dim=99)})
    critical = critical_gap(short, place=EVERYWHERE, elsewhere=0)
    assert [gap.kind for gap in worst_first([*value, critical])] == ["critical", "value"]
    assert worst_first([]) == ()


def test_differences_point_at_what_only_one_of_the_two_has():
    axis = lighting({}, dark=30, bright=70)
    found = distribution(axis, other=axis.taken(np.arange(28, 100)))
    dark, bright = differences(found, place=GATE, other='dataset:"roads@2"')
    assert dark.text == "lighting: dark is 30.0% of these frames and 2.8% of roads@2."
    assert dark.query == '(camera:gate OR camera:yard) AND lighting:dark AND NOT dataset:"roads@2"'
    assert bright.query == 'dataset:"roads@2" AND lighting:bright AND NOT (camera:gate OR camera:yard)'
    assert dark.part > bright.part
    assert differences(distribution(axis), place=GATE, other="dataset:a") == []


@pytest.mark.parametrize(
    "share, shown",
    [(0, "0.0%"), (0.0001, "<0.1%"), (0.123, "12.3%"), (0.9995, ">99.9%"), (1, "100.0%"), (0.999, "99.9%")],
)
def test_shares_never_look_like_nothing_or_all_when_they_are_not(share, shown):
    assert percent(share) == shown


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3), st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_gaps_are_the_values_that_fall_short_and_their_parts_are_the_divergences(counts, weights):
    if not any(weights):
        return
    names = ("dark", "dim", "bright")
    expected = {name: weight / sum(weights) for name, weight in zip(names, weights, strict=True)}
    found = distribution(lighting(expected, **dict(zip(names, counts, strict=True))))
    gaps = value_gaps(found, place=EVERYWHERE, elsewhere={})
    short = {
        name for name, count in zip(names, counts, strict=True) if sum(counts) and count / sum(counts) < expected[name]
    }
    assert {gap.query.removeprefix("lighting:") for gap in gaps} <= short
    assert sum(gap.severity for gap in gaps) <= (jensen_shannon(counts, weights) or 0) + 1e-12
    assert all(gap.severity >= LEAST_PART for gap in gaps)
