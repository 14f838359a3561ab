"""Factors as codes: each value its place, each missing one MISSING."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.operating import MISSING, FactorSpec, codes_of

LIGHTING = FactorSpec("lighting", "categorical", values=("dark", "dim"))
PEOPLE = FactorSpec("people", "numeric", values=("none", "few", "many"), edges=(1.0, 4.0))
INDOOR = FactorSpec("indoor", "boolean", values=("false", "true"))


def coded(factor, values, dtype=None):
    return codes_of(pl.DataFrame({factor.name: pl.Series(values, dtype=dtype)}), factor)


def test_listed_values_keep_their_order_and_others_follow():
    found = coded(LIGHTING, ["dim", None, "zany", "dark", "bright"])
    assert found.names == ("dark", "dim", "bright", "zany")
    assert found.codes.tolist() == [1, MISSING, 3, 0, 2]
    assert found.counts().tolist() == [1, 1, 1, 1, 1]


def test_an_edge_belongs_to_the_bin_above_it():
    found = coded(PEOPLE, [0.0, 1.0, 3.9, 4.0, None, 99.0])
    assert found.codes.tolist() == [0, 1, 1, 2, MISSING, 2]


def test_booleans_are_false_and_true():
    assert coded(INDOOR, [True, False, None]).codes.tolist() == [1, 0, MISSING]


@pytest.mark.parametrize("factor", [LIGHTING, PEOPLE, INDOOR])
def test_no_frames_and_no_column_give_nothing(factor):
    dtype = {"numeric": pl.Float64, "boolean": pl.Boolean}.get(factor.kind, pl.String)
    assert coded(factor, [], dtype).codes.tolist() == []
    without = codes_of(pl.DataFrame({"id": [1, 2]}), factor)
    assert without.codes.tolist() == [MISSING, MISSING]
    assert without.counts().tolist() == [0] * len(factor.values) + [2]
    assert coded(factor, [None, None], dtype).codes.tolist() == [MISSING, MISSING]


WORDS = st.lists(st.one_of(st.none(), st.sampled_from(["dark", "dim", "x", "y", "ü"])))


@given(WORDS, st.sampled_from([pl.String, pl.Categorical]))
def test_every_code_stands_for_its_value(words, dtype):
    found = coded(LIGHTING, words, dtype)
    assert [None if code == MISSING else found.names[code] for code in found.codes] == words
    assert found.counts().sum() == len(words)


@given(st.lists(st.one_of(st.none(), st.floats(-10, 10))))
def test_every_number_is_in_the_bin_that_comparison_says(numbers):
    found = coded(PEOPLE, numbers, pl.Float64)
    slow = [MISSING if n is None else sum(n >= edge for edge in PEOPLE.edges) for n in numbers]
    assert found.codes.tolist() == slow
    assert found.codes.dtype == np.int16
