"""The query language, without a database: what parses, what it means, and what a refusal says."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.core.query import (
    And,
    Equals,
    Everything,
    Exists,
    Field,
    Fields,
    Like,
    Not,
    Or,
    QueryError,
    Range,
    Wild,
    leaves,
    parse,
    render_error,
)

PEOPLE = Field("people", "number", aliases=("persons",))
BLUR = Field("blur", "number")
LIGHTING = Field("lighting", "text", choices=("pitch_dark", "dark", "dim", "normal", "bright"))
CAMERA = Field("camera", "text")
OBJECTS = Field("objects", "text_list")
MOTION = Field("motion", "boolean")
TIME = Field("recorded_at", "time")
FIELDS = Fields((PEOPLE, BLUR, LIGHTING, CAMERA, OBJECTS, MOTION, TIME), families={"count.": "number"})
DARK, DIM, SOME = Equals(LIGHTING, "dark"), Equals(LIGHTING, "dim"), Range(PEOPLE, 0, None, False, False)


def refusal(query):
    try:
        parse(query, FIELDS)
    except QueryError as error:
        return error
    return None


def day(*ymd):
    return datetime(*ymd, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", Everything()),
        ("  \t ", Everything()),
        ("*:*", Everything()),
        ("people:>0", SOME),
        ("persons:>0", SOME),
        ("PEOPLE:>0", SOME),
        ("people:>=2", Range(PEOPLE, 2, None, True, False)),
        ("people:<2", Range(PEOPLE, None, 2, False, False)),
        ("people:<=2", Range(PEOPLE, None, 2, False, True)),
        ("people:2", Equals(PEOPLE, 2)),
        ("people:-2", Equals(PEOPLE, -2)),
        ('people:>"-2"', Range(PEOPLE, -2, None, False, False)),
        ("people:[-2 TO *]", Range(PEOPLE, -2, None, True, False)),
        ("people:(>1 AND <3)", And((Range(PEOPLE, 1, None, False, False), Range(PEOPLE, None, 3, False, False)))),
        ("blur:[0.2 TO 0.5]", Range(BLUR, 0.2, 0.5, True, True)),
        ("blur:{0.2 TO 0.5]", Range(BLUR, 0.2, 0.5, False, True)),
        ("blur:[* TO 0.5}", Range(BLUR, None, 0.5, False, False)),
        ("blur:1e-2", Equals(BLUR, 0.01)),
        ("lighting:dark", DARK),
        ("lighting:Dark", DARK),
        ('lighting:"Pitch Dark"', Equals(LIGHTING, "pitch_dark")),
        ("lighting:gloomy", Equals(LIGHTING, "gloomy")),
        ("lighting:(dark OR dim)", Or((DARK, DIM))),
        ("lighting:(NOT dark)", Not(DARK)),
        ('objects:"traffic light"', Equals(OBJECTS, "traffic light")),
        (r"objects:traffic\ light", Equals(OBJECTS, "traffic light")),
        ("objects:(person car)", And((Equals(OBJECTS, "person"), Equals(OBJECTS, "car")))),
        ("camera:gate*", Like(CAMERA, ("gate", Wild.MANY))),
        ("camera:?ate*2", Like(CAMERA, (Wild.ONE, "ate", Wild.MANY, "2"))),
        (r"camera:gate\*", Equals(CAMERA, "gate*")),
        ('camera:"gate*"', Equals(CAMERA, "gate*")),
        ("camera:*", Exists(CAMERA)),
        ("_exists_:camera", Exists(CAMERA)),
        ("_exists_:(camera OR persons)", Or((Exists(CAMERA), Exists(PEOPLE)))),
        ("motion:yes", Equals(MOTION, True)),
        ("motion:FALSE", Equals(MOTION, False)),
        ("count.person:>1", Range(Field("count.person", "number"), 1, None, False, False)),
        (r"count.traffic\ light:1", Equals(Field("count.traffic light", "number"), 1)),
        ("NOT lighting:dark", Not(DARK)),
        ("-lighting:dark", Not(DARK)),
        ("+lighting:dark", DARK),
        ("NOT NOT lighting:dark", Not(Not(DARK))),
        ("people:>0 AND lighting:dark", And((SOME, DARK))),
        ("people:>0 lighting:dark", And((SOME, DARK))),
        ("people:>0 OR lighting:dark", Or((SOME, DARK))),
    ],
)
def test_parse_gives_the_meaning(query, meaning):
    assert parse(query, FIELDS) == meaning


@pytest.mark.parametrize("operator", [" ", " AND "])
def test_a_blank_binds_as_tightly_as_and(operator):
    tree = Or((SOME, And((DARK, Equals(MOTION, True))), DIM))

    assert parse(f"people:>0 OR lighting:dark{operator}motion:yes OR lighting:dim", FIELDS) == tree


@pytest.mark.parametrize(
    ("query", "low", "high"),
    [
        ("recorded_at:2026-01-31", day(2026, 1, 31), day(2026, 2, 1)),
        ("recorded_at:2026-12", day(2026, 12, 1), day(2027, 1, 1)),
        ("recorded_at:2026-01-31T08:15", day(2026, 1, 31, 8, 15), day(2026, 1, 31, 8, 16)),
        ("recorded_at:2026-01-31T08:15:07Z", day(2026, 1, 31, 8, 15, 7), day(2026, 1, 31, 8, 15, 8)),
        ("recorded_at:[2026-01-01 TO 2026-02-01]", day(2026, 1, 1), day(2026, 2, 2)),
        ("recorded_at:{2026-01-01 TO 2026-02-01}", day(2026, 1, 2), day(2026, 2, 1)),
        ("recorded_at:>2026-01-01", day(2026, 1, 2), None),
        ("recorded_at:>=2026-01-01", day(2026, 1, 1), None),
        ("recorded_at:<=2026-01-01", None, day(2026, 1, 2)),
        ("recorded_at:<2026-01-01", None, day(2026, 1, 1)),
        ('recorded_at:>="2026-01-01T00:00:00+02:00"', day(2025, 12, 31, 22), None),
    ],
)
def test_a_written_time_is_the_stretch_it_means(query, low, high):
    condition = parse(query, FIELDS)

    assert (condition.low, condition.high) == (low, high)
    assert (condition.include_low, condition.include_high) == (low is not None, False)


def test_a_time_without_offset_is_in_the_given_zone():
    condition = parse("recorded_at:>=2026-01-01", FIELDS, zone=timezone(timedelta(hours=5)))

    assert condition.low == day(2025, 12, 31, 19)


@pytest.mark.parametrize(
    ("query", "column", "near", "says"),
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


PIECES = st.sampled_from(
    'people lighting objects camera : : > <= 0 1.5 dark gate* ( ) [ ] { } - + " ~ ^ / \\ * ? _exists_ é TO'.split()
    + "recorded_at 2026-01-01 T10:00 yes count.x".split()
    + [" ", "\n", "\x00", " TO ", " AND ", " OR ", " NOT ", "9" * 50]
)


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


# The same query twice: as text for the parser, as a plain Python predicate for the judge.
FRAMES = [
    {"people": p, "lighting": light, "objects": objects, "motion": motion}
    for p in (None, 0, 1, 3)
    for light in (None, "dark", "dim")
    for objects in (None, [], ["person"], ["person", "traffic light"])
    for motion in (None, True, False)
]


def has(name, holds):
    return lambda frame: frame[name] is not None and holds(frame[name])


LEAVES = st.sampled_from(
    [
        ("people:>0", has("people", lambda v: v > 0)),
        ("people:[1 TO 3}", has("people", lambda v: 1 <= v < 3)),
        ("people:1", has("people", lambda v: v == 1)),
        ("lighting:dark", has("lighting", lambda v: v == "dark")),
        ("lighting:(dark OR dim)", has("lighting", lambda v: v in ("dark", "dim"))),
        ("lighting:d?m", has("lighting", lambda v: v == "dim")),
        ('objects:"traffic light"', has("objects", lambda v: "traffic light" in v)),
        ("objects:*son", has("objects", lambda v: any(x.endswith("son") for x in v))),
        ("motion:no", has("motion", lambda v: v is False)),
        ("_exists_:motion", has("motion", lambda v: True)),
    ]
)
PAIRS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda p: (f"NOT ({p[0]})", lambda f: not p[1](f))),
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]}) ({p[1][0]})", lambda f: p[0][1](f) and p[1][1](f))),
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]}) OR ({p[1][0]})", lambda f: p[0][1](f) or p[1][1](f))),
    ),
    max_leaves=6,
)


def holds(query, frame):
    """Evaluate a parsed query slowly and obviously."""
    match query:
        case Everything():
            return True
        case And(parts):
            return all(holds(part, frame) for part in parts)
        case Or(parts):
            return any(holds(part, frame) for part in parts)
        case Not(part):
            return not holds(part, frame)
    value = frame[query.field.name]
    if value is None:
        return False
    values = value if isinstance(value, list) else [value]
    match query:
        case Exists():
            return True
        case Equals(_, wanted):
            return any(v == wanted for v in values)
        case Like(_, pattern):
            regex = "".join({Wild.ONE: ".", Wild.MANY: ".*"}.get(p) or re.escape(p) for p in pattern)
            return any(re.fullmatch(regex, v, re.DOTALL) for v in values)
        case Range(_, low, high, include_low, include_high):
            above = low is None or value > low or (include_low and value == low)
            return above and (high is None or value < high or (include_high and value == high))
    raise AssertionError(query)


@settings(max_examples=300, deadline=None)
@given(PAIRS)
def test_a_parsed_query_means_what_its_text_says(pair):
    text, judge = pair
    tree = parse(text, FIELDS)

    assert [holds(tree, frame) for frame in FRAMES] == [judge(frame) for frame in FRAMES]
