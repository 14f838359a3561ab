"""Patterns, bounds of numbers, and values as they are stored: what SQL and the table in memory must agree on."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.query import Equals, Exists, Field, Like, Range, Wild
from curation.core.query.numbers import BIGGEST, float_bound, number_bounds, whole_bounds
from curation.core.query.patterns import compiled
from curation.core.query.stored import SIGNS, exact, judge, judge_count, read_stored, written

PEOPLE = Field("people", "number")
LIGHTING = Field("lighting", "text")
OBJECTS = Field("objects", "text_list")
ONE, MANY = Wild.ONE, Wild.MANY


def above(low, *, include=False):
    return Range(PEOPLE, low, None, include, False)


def below(high, *, include=False):
    return Range(PEOPLE, None, high, False, include)


@pytest.mark.parametrize(
    "pattern, fitting, others",
    [
        (("gate",), ["gate"], ["gates", "Gate", ""]),
        (("gate", MANY), ["gate", "gate-1"], ["a gate"]),
        ((MANY, "gate"), ["gate", "a gate", "gategate"], ["gates"]),
        ((MANY, "a", MANY, "b", MANY), ["ab", "xaxbx", "aab"], ["ba", ""]),
        ((ONE,), ["a", "é", "\n", "😀"], ["", "ab"]),
        ((ONE, MANY, ONE), ["ab", "abc"], ["a"]),
        ((MANY, "a", MANY, "a"), ["aa", "aba"], ["a"]),
        (("50%", MANY, "_"), ["50%_", "50% a_"], ["505_", "50%a"]),
        ((MANY, MANY), ["", "a"], []),
        ((), [""], ["a"]),
    ],
)
def test_a_pattern_fits_the_whole_text(pattern, fitting, others):
    fits = compiled(pattern).fullmatch
    assert [text for text in fitting + others if fits(text)] == fitting


def slow_fit(pattern, text):
    if not pattern:
        return not text
    piece, rest = pattern[0], pattern[1:]
    if piece is MANY:
        return any(slow_fit(rest, text[i:]) for i in range(len(text) + 1))
    if piece is ONE:
        return bool(text) and slow_fit(rest, text[1:])
    return text.startswith(piece) and slow_fit(rest, text[len(piece) :])


@given(st.lists(st.sampled_from(["a", "b", "ab", ONE, MANY]), max_size=6), st.text("ab", max_size=8))
def test_patterns_fit_as_a_slow_search_says(pattern, text):
    assert (compiled(tuple(pattern)).fullmatch(text) is not None) == slow_fit(pattern, text)


def test_many_wildcards_do_not_blow_up():
    # Tried in every way, this would not end while the earth stands.
    assert compiled((MANY, "a") * 200 + (MANY, "b")).fullmatch("a" * 5000) is None


@pytest.mark.parametrize(
    "leaf, scale, expected",
    [
        (Equals(PEOPLE, 2), 1, (2, 2)),
        (Equals(PEOPLE, 2.0), 1, (2, 2)),
        (Equals(PEOPLE, 2.5), 1, None),
        (Equals(PEOPLE, 1.1), 1_000_000, (1_100_000, 1_100_000)),
        (above(1.5), 1_000_000, (1_500_001, None)),
        (above(1.5, include=True), 1_000_000, (1_500_000, None)),
        (below(1.5), 1_000_000, (None, 1_499_999)),
        (above(1e30), 1, None),
        (below(1e30), 1, (None, None)),
        (above(-1e30), 1, (None, None)),
        (below(-1e30), 1, None),
        (Range(PEOPLE, 1.2, 1.8, True, True), 1, None),
        (Range(PEOPLE, None, None, False, False), 1, (None, None)),
        (Equals(PEOPLE, BIGGEST), 1, (BIGGEST, BIGGEST)),
        (Equals(PEOPLE, BIGGEST + 1), 1, None),
    ],
)
def test_whole_numbers_are_bounded_exactly(leaf, scale, expected):
    assert whole_bounds(leaf, scale=scale) == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**30), 10**30), st.sampled_from(sorted(SIGNS)))
def test_floats_are_compared_with_a_whole_number_as_their_decimals_are(stored, bound, sign):
    asked, number = float_bound(sign, bound)
    told = {">": stored > number, ">=": stored >= number, "<": stored < number, "<=": stored <= number}[asked]
    assert told == SIGNS[sign](Decimal(repr(stored)), Decimal(bound))


def test_a_range_without_ends_asks_nothing_of_a_number():
    assert number_bounds(Range(PEOPLE, None, None, False, False)) == []
    assert number_bounds(Range(PEOPLE, 1, 2, True, False)) == [(">=", 1), ("<", 2)]


@pytest.mark.parametrize(
    "leaf, holding, others",
    [
        (Equals(PEOPLE, 1), ["1", "1.0"], ["1.1", '"1"', "true", "null", "[1]"]),
        (Equals(PEOPLE, 0.1), ["0.1", "0.10"], ["0.1000000000000000055511151231257827"]),
        (above(2**53), ["9007199254740993"], ["9007199254740992", '"9"', "null"]),
        (Range(PEOPLE, None, None, False, False), ["0", "-1e400"], ["true", '"a"', "null", "{}"]),
        (Equals(LIGHTING, "dark"), ['"dark"'], ['["dark"]', "null"]),
        (Equals(LIGHTING, "7"), ['"7"'], ["7"]),
        (Like(LIGHTING, ("7", MANY)), ['"7"', "7", "7.50"], ["null", '"a7"', "[7]"]),
        (Like(LIGHTING, (MANY, "a", MANY)), ['"a"', '["a"]', '{"a": 1}', "false"], ["null", "true"]),
        (Like(LIGHTING, ("null",)), ['"null"'], ["null"]),
        (Equals(OBJECTS, "car"), ['["car"]', '["a", "car"]'], ['"car"', '[["car"]]', "[]", '{"car": 1}']),
        (Like(OBJECTS, ("c", MANY)), ['["car"]'], ['"car"', '[["car"]]', "[null]", "[]"]),
        (Like(OBJECTS, ("1", MANY)), ["[1.50]", '["1"]'], ["1", "[true]"]),
        (Exists(OBJECTS), ["null", "[]", "0"], []),
    ],
)
def test_a_condition_is_judged_by_the_stored_json(leaf, holding, others):
    holds = judge(leaf)
    assert [text for text in holding + others if holds(read_stored(text))] == holding


def test_a_label_that_was_not_seen_counts_zero_where_somebody_looked():
    count = Field("count.car", "number")
    none, some = judge_count(Equals(count, 0), "car"), judge_count(Range(count, 0, None, False, False), "car")
    assert [none(read_stored(t)) for t in ("{}", '{"car": 0}', '{"car": 2}', '{"car": "x"}', '{"car": null}', "7")] == [
        *(True, True, False, False, False, True)
    ]
    assert [some(read_stored(t)) for t in ("{}", '{"car": 2}', '{"car": "x"}')] == [False, True, False]
    assert judge_count(Exists(count), "car")(read_stored("null"))


def test_values_are_written_as_postgres_writes_them():
    text = '{"a": [1, 1.50, true, null, "x\\"\\n"], "é": {"b": 10000000000000000000000}}'
    assert written(read_stored(text)) == text
    assert exact(1e22) == 10**22
    assert not math.isfinite(float("1e400"))
    assert judge(above(1e300))(read_stored("1e400"))
