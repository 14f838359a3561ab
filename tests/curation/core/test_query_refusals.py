"""What the query language refuses: each refusal points at the column and says what would be right."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.core.query import QueryError, leaves, parse, render_error
from tests.curation.core.query_fields import FIELDS


def refusal(query):
    try:
        parse(query, FIELDS)
    except QueryError as error:
        return error
    return None


@pytest.mark.parametrize(
    "query, column, near, says",
    [
        ("people>0", 1, "people>0", "Write people:>0."),
        ("lighting:dark AND persons>=2", 19, "persons>=2", "Write persons:>=2."),
        ("people=3", 1, "people=3", "Write people:3."),
        ("people!=3", 1, "people!=3", "Write NOT people:3."),
        ("peple>0", 1, "peple>0", "Near: people"),
        ("poeple:>0", 1, "poeple", "Near: people"),
        ("xyzzy:1", 1, "xyzzy", "The fields are: people, blur,"),
        ("lighting:dark peple:1", 15, "peple", "Near: people"),
        ("dark", 1, "dark", "Write lighting:dark."),
        ('"Pitch dark"', 1, '"Pitch dark"', "Write lighting:pitch_dark."),
        ("people", 1, "people", "write people:2"),
        ("walrus", 1, "walrus", "Write FIELD:walrus"),
        (">3", 1, ">3", "without a field"),
        ("[1 TO 2]", 1, "[1 TO 2]", "without a field"),
        ("a:1 and b:2", 1, "a", "no field 'a'"),
        ("people:1 and blur:2", 10, "and", "Write AND."),
        ("people:1 || blur:2", 10, "||", "Write OR."),
        ("!people:1", 1, "!people", "NOT people"),
        ("people:many", 8, "many", "people is a number"),
        ("people:1_000", 8, "1_000", "people is a number"),
        ("people:nan", 8, "nan", "people is a number"),
        ("people:1e999", 8, "1e999", "too large"),
        ("people:" + "9" * 60, 8, "9" * 60, "not a number"),
        ("people:1*", 8, "1*", "people is a number"),
        ("blur:[0.2 TO much]", 6, "[0.2 TO much]", "blur is a number"),
        ("blur:[0.5 TO 0.2]", 6, "[0.5 TO 0.2]", "[0.2 TO 0.5]"),
        ("motion:maybe", 8, "maybe", "write motion:yes"),
        ("lighting:>dark", 10, ">dark", "no order"),
        ("objects:[a TO b]", 9, "[a TO b]", "no order"),
        ("recorded_at:yesterday", 13, "yesterday", "recorded_at is a time"),
        ("recorded_at:2026-02-30", 13, "2026-02-30", "not a time"),
        ("recorded_at:>9999-12-31", 13, ">9999-12-31", "not a time"),
        ("recorded_at:2026-01-01T00:00:00+02:00", 13, "2026-01-01T00:00:00+02:00", "quotes"),
        ("lighting:(dark people:1)", 16, "people:1", "inside lighting"),
        ("lighting:(dark dim)", 16, "dim", "Write lighting:(dark OR dim)."),
        ("_exists_:>3", 10, ">3", "not a value"),
        ("_exists_:wether", 10, "wether", "no field 'wether'"),
        ("lighting:dork~2", 10, "dork~2", "Fuzzy"),
        ('lighting:"a b"~2', 10, '"a b"~2', "Proximity"),
        ("lighting:dark^2", 10, "dark^2", "Boosting"),
        ("camera:/ga.*/", 8, "/ga.*/", "Regular"),
        ("lighting:dark)", 14, ")", "not expected"),
        ("lighting:()", 11, ")", "nothing between"),
        ("lighting:(dark", 15, "the end", "too early"),
        ("people:", 8, "the end", "too early"),
        ('camera:"gate', 8, '"', "closing quote"),
        ("people:>-5", 9, "-", '>"-5"'),
        ("camera:a/b:c", 8, "a/b:c", "quotes"),
        ("camera:g\x00te", 9, "", "U+0000"),
        ("camera:\ud800", 8, "", "U+D800"),
    ],
)
def test_a_refusal_points_at_the_column_and_says_what_would_be_right(query, column, near, says):
    with pytest.raises(QueryError) as caught:
        parse(query, FIELDS)

    assert (caught.value.column, caught.value.near) == (column, near)
    assert says in caught.value.message


@pytest.mark.parametrize(
    "query",
    [
        "(" * 200 + "people:1" + ")" * 200,
        "NOT " * 200 + "people:1",
        "-" * 3000 + "people:1",
        "people:" * 400 + "1",
        " ".join(["people:1"] * 441),
        " OR ".join(["people:1"] * 5000),
        "people:1 " * 444 + ")",
        '"' * 3999,
        "\\" * 3999,
        "recorded_at:<0001-01-01",
        "camera:../x",
    ],
)
def test_a_hostile_query_is_a_query_error(query):
    try:
        tree = parse(query, FIELDS)
    except QueryError:
        return
    assert len(list(leaves(tree))) <= 500


def test_render_error_puts_carets_under_the_fault():
    query = "lighting:dark AND people>0"
    with pytest.raises(QueryError) as caught:
        parse(query, FIELDS)

    shown = render_error(query, caught.value).split("\n")

    assert shown[:2] == [query, " " * 18 + "^" * 8]
    assert shown[2].startswith("column 19: ")


def test_render_error_of_a_long_query_shows_the_part_around_the_fault():
    query = "lighting:dark " * 100 + "peple:1" + " lighting:dark" * 100
    with pytest.raises(QueryError) as caught:
        parse(query, FIELDS)

    line, carets, _ = render_error(query, caught.value).split("\n")

    assert len(line) < 110
    assert line[carets.index("^") :].startswith("peple")


def test_render_error_counts_wide_signs_as_two_columns():
    query = "camera:門 peple:1"
    with pytest.raises(QueryError) as caught:
        parse(query, FIELDS)

    assert render_error(query, caught.value).split("\n")[1] == " " * 10 + "^" * 5


WORDS = (
    *(
        "people",
        "lighting",
        "objects",
        "camera",
        "recorded_at",
        "count.x",
        "_exists_",
        "TO",
        "yes",
        "dark",
        "gate*",
        "é",
    ),
    *(" TO ", " AND ", " OR ", " NOT ", " ", "\n", "\x00", "0", "1.5", "9" * 50, "2026-01-01", "T10:00"),
    *':>([{}])"~^/\\*?-+<',
)
PIECES = st.sampled_from(WORDS)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join)))
@example("*:")
@example("[*TO*]")
@example("people:[TO TO TO]")
def test_random_text_parses_or_is_a_query_error(query):
    error = refusal(query)

    if error is not None:
        assert 1 <= error.column <= len(query) + 1
        assert error.message
        assert render_error(query, error)
