"""The query language, without a database: what parses, what it means, and what a refusal says."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.query import And, Equals, Everything, Exists, Field, Like, Not, Or, Range, Wild, parse
from tests.curation.core.query_fields import BLUR, CAMERA, FIELDS, LIGHTING, MOTION, OBJECTS, PEOPLE

DARK, DIM, SOME = Equals(LIGHTING, "dark"), Equals(LIGHTING, "dim"), Range(PEOPLE, 0, None, False, False)


def day(*ymd):
    return datetime(*ymd, tzinfo=UTC)


@pytest.mark.parametrize(
    "query, meaning",
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
    "query, low, high",
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
