"""Queries that are written for people find exactly the frames that they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.operating import FactorSpec
from curation.core.operating.factors import bin_names
from curation.core.query import And, Equals, Field, Fields, Not, Range, parse
from curation.core.value_queries import inside, outside, text_query, unknown_query, value_query

FIELDS = Fields((Field("weather", "text"), Field("people", "number"), Field("indoor", "boolean"), Field("a", "number")))


def numeric(*edges):
    return FactorSpec("people", "numeric", values=bin_names(tuple(map(float, edges))), edges=tuple(map(float, edges)))


@pytest.mark.parametrize(
    "factor, value, query",
    [
        (FactorSpec("weather", "categorical"), "rain", "weather:rain"),
        (FactorSpec("weather", "categorical"), "light rain", 'weather:"light rain"'),
        (FactorSpec("weather", "categorical"), "4K", 'weather:"4K"'),
        (FactorSpec("weather", "categorical"), "AND", 'weather:"AND"'),
        (FactorSpec("weather", "categorical"), 'so-called "sun"\\', 'weather:"so-called \\"sun\\"\\\\"'),
        (FactorSpec("indoor", "boolean", values=("false", "true")), "true", "indoor:true"),
        (numeric(1, 3), "<1", "people:<1"),
        (numeric(1, 3), "1–3", "people:[1 TO 3}"),
        (numeric(1, 3), "≥3", "people:>=3"),
        (numeric(-2, 0.5), "<-2", 'people:<"-2"'),
        (numeric(-2, 0.5), "-2–0.5", "people:[-2 TO 0.5}"),
        (numeric(-2), "≥-2", 'people:>="-2"'),
    ],
)
def test_the_query_of_a_value(factor, value, query):
    assert value_query(factor, value) == query
    parse(query, FIELDS)


def test_a_bin_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no bin 'many'; it has <1"):
        value_query(numeric(1), "many")


@pytest.mark.parametrize(
    "query, within, without",
    [
        ("", "weather:rain", "weather:rain"),
        ("  ", "weather:rain", "weather:rain"),
        ("indoor:yes", "indoor:yes AND weather:rain", "weather:rain AND NOT indoor:yes"),
        ("people:>0 OR a:1", "(people:>0 OR a:1) AND weather:rain", "weather:rain AND NOT (people:>0 OR a:1)"),
        ("NOT a:1", "(NOT a:1) AND weather:rain", "weather:rain AND NOT (NOT a:1)"),
        ('weather:"a OR b"', 'weather:"a OR b" AND weather:rain', 'weather:rain AND NOT weather:"a OR b"'),
        ("weather:(a OR b)", "(weather:(a OR b)) AND weather:rain", "weather:rain AND NOT (weather:(a OR b))"),
    ],
)
def test_conditions_inside_and_outside_a_query(query, within, without):
    assert inside(query, "weather:rain") == within
    assert outside(query, "weather:rain") == without
    rain = parse("weather:rain", FIELDS)
    if query.strip():
        asked = parse(query, FIELDS)
        assert parse(within, FIELDS) in (And((asked, rain)), And((*getattr(asked, "parts", ()), rain)))
        assert parse(without, FIELDS) == And((rain, Not(asked)))


def test_what_is_not_known_has_a_query_too():
    assert isinstance(parse(unknown_query("weather"), FIELDS), Not)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_any_text_comes_back_as_it_was(text):
    assert parse(text_query("weather", text), FIELDS) == Equals(FIELDS.find("weather"), text)


numbers = st.floats(-1e30, 1e30)


@given(st.lists(numbers, min_size=1, max_size=5, unique=True).map(sorted), numbers)
def test_a_number_is_found_by_its_bins_query_alone(edges, number):
    names = tuple(map(str, range(len(edges) + 1)))
    factor = FactorSpec("people", "numeric", values=names, edges=tuple(edges))
    ranges = [parse(value_query(factor, name), FIELDS) for name in names]
    assert all(isinstance(span, Range) for span in ranges)
    holds = [
        (span.low is None or (number >= span.low if span.include_low else number > span.low))
        and (span.high is None or (number <= span.high if span.include_high else number < span.high))
        for span in ranges
    ]
    assert np.flatnonzero(holds).tolist() == [np.searchsorted(edges, number, side="right")]
