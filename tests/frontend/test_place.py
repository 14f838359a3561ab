"""The address bar's state, and queries built by clicks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.place import MAX_QUERY_CHARS, Place, place_at, place_of, terms, toggle


def test_an_address_is_read_as_it_was_written():
    place = Place(query='people:>0 AND video:"a & b.mp4"', frame=12)
    assert place_at(place.search) == place


def test_a_link_to_nothing_asked_still_leads_somewhere():
    assert Place().search == "?"


def test_asking_closes_the_open_frame_and_opening_keeps_the_query():
    assert Place("a:1", 3).asking("b:2") == Place("b:2")
    assert Place("a:1").opening(3) == Place("a:1", 3)


@pytest.mark.parametrize("frame", [None, "", "x", "-1", "1.5", "٣", "9" * 19, [1], {"a": 1}, True])
def test_a_frame_that_makes_no_sense_is_not_said(frame):
    assert place_of(query="a:1", frame=frame) == Place("a:1")


@pytest.mark.parametrize("query", [None, 3, ["a"], {"q": "a"}])
def test_a_query_that_is_no_text_is_not_said(query):
    assert place_of(query=query) == Place()


def test_a_query_is_cut_and_freed_of_what_postgres_refuses():
    assert place_of(query=" a\0b ").query == "ab"
    assert len(place_of(query="x" * 5000).query) == MAX_QUERY_CHARS


@given(st.text())
def test_any_address_is_read(search):
    place = place_at(search)
    assert place_at(place.search).frame == place.frame


@pytest.mark.parametrize(
    "query, found",
    [
        ("", []),
        ("a:1", ["a:1"]),
        ("a:1 AND b:2", ["a:1", "b:2"]),
        ("a:(1 AND 2) AND b:[3 TO 4]", ["a:(1 AND 2)", "b:[3 TO 4]"]),
        ('a:"x AND y" AND b:2', ['a:"x AND y"', "b:2"]),
        ("a:1 OR b:2 AND c:3", ["a:1 OR b:2 AND c:3"]),
        ("(a:1 OR b:2) AND c:3", ["(a:1 OR b:2)", "c:3"]),
    ],
)
def test_terms_are_split_at_the_top_only(query, found):
    assert terms(query) == found


@pytest.mark.parametrize(
    "query, term, after",
    [
        ("", "a:1", "a:1"),
        ("a:1", "a:1", ""),
        ("b:2 AND a:1", "a:1", "b:2"),
        ("b:2", "a:1", "b:2 AND a:1"),
        ("b:2 OR c:3", "a:1", "(b:2 OR c:3) AND a:1"),
    ],
)
def test_toggle(query, term, after):
    assert toggle(query, term) == after


@pytest.mark.parametrize("query", ["", "b:2", "b:2 AND c:3", "(b:2 OR c:3) AND d:4", "(b:2) OR (c:3)"])
def test_two_clicks_ask_what_was_asked_before(query):
    twice = toggle(toggle(query, "a:1"), "a:1")
    assert twice in (query, f"({query})")
