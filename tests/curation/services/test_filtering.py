"""From query to SQL: rows that match, against a slow evaluator in Python, and the plans that Postgres makes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.query import QueryError
from curation.models import Frame
from curation.services.filtering import frames_matching
from tests.factories import CameraFactory, CascadeFactory, FrameFactory, KeepFactory, RunFactory, VideoFactory

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TAGS = {
    "empty": {},
    "dark": {"lighting": "dark", "people": 0, "has_people": False, "blur": 0.2, "objects": [], "object_counts": {}},
    "crowd": {
        **{"lighting": "bright", "people": 3, "has_people": True, "blur": 0.5, "floor": 2},
        **{"objects": ["person", "traffic light"], "object_counts": {"person": 3, "traffic light": 1}},
    },
    "one": {"lighting": "pitch_dark", "people": 1, "objects": ["person"], "object_counts": {"person": 1}},
    "odd": {"people": "many", "blur": None, "lighting": 7, "objects": "person", "object_counts": {"person": "x"}},
}


@pytest.fixture
def frames():
    gate = CameraFactory(name="gate-1", attributes={"floor": 2, "12": "x", "place": "yard_50%"})
    lobby = CameraFactory(name="lobby", attributes={"floor": 1, "roofed": True})
    cameras = {"empty": gate, "dark": gate, "crowd": lobby, "one": lobby, "odd": gate}
    made = {}
    for number, (name, tags) in enumerate(TAGS.items()):
        video = VideoFactory(camera=cameras[name], name=f"{name}.mp4", recorded_at=None if name == "odd" else START)
        extra = {"12": "x", "place": "yard_50%"} if cameras[name] is gate else {"roofed": True}
        made[name] = FrameFactory(video=video, pts_us=number * 1_500_000, tags={**tags, **extra})
    keep = KeepFactory(
        frame=made["one"], run=RunFactory(video=made["one"].video, cascade=CascadeFactory(name="people"))
    )
    KeepFactory(frame=made["one"], run=RunFactory(video=made["one"].video))
    made["run"] = keep.run
    return made


def names(query):
    return sorted(frame.video.name.removesuffix(".mp4") for frame in frames_matching(query).select_related("video"))


ALL = sorted(TAGS)


@pytest.mark.parametrize(
    "query, expected",
    [
        ("", ALL),
        ("*:* OR lighting:dark", ALL),
        ("NOT *:*", []),
        ("lighting:dark", ["dark"]),
        ("lighting:(dark OR pitch_dark)", ["dark", "one"]),
        ("NOT lighting:dark", ["crowd", "empty", "odd", "one"]),
        ("lighting:*dark", ["dark", "one"]),
        ("lighting:dar?", ["dark"]),
        ("lighting:pitch?dark", ["one"]),
        ("lighting:*", ["crowd", "dark", "odd", "one"]),
        ("people:>0", ["crowd", "one"]),
        ("people:>=0", ["crowd", "dark", "one"]),
        ("people:[1 TO 3}", ["one"]),
        ("people:{0 TO 3]", ["crowd", "one"]),
        ("people:1.0", ["one"]),
        ("people:<1e300", ["crowd", "dark", "one"]),
        ("people:[* TO *]", ["crowd", "dark", "one"]),
        ("NOT people:>0", ["dark", "empty", "odd"]),
        ("-people:>0 -people:0", ["empty", "odd"]),
        ("blur:[0.2 TO 0.5]", ["crowd", "dark"]),
        ("blur:>0.2", ["crowd"]),
        ("has_people:no", ["dark"]),
        ("has_people:yes", ["crowd"]),
        ('objects:"traffic light"', ["crowd"]),
        ("objects:person", ["crowd", "one"]),
        ("objects:traffic*", ["crowd"]),
        ("NOT objects:p*", ["dark", "empty", "odd"]),
        ("count.person:>1", ["crowd"]),
        ("count.person:1", ["one"]),
        ("count.person:0", ["dark"]),
        ("count.person:<2", ["dark", "one"]),
        (r"count.traffic\ light:>0", ["crowd"]),
        ("count.unicorn:0", ["crowd", "dark", "odd", "one"]),
        ("_exists_:count.person", ["crowd", "dark", "odd", "one"]),
        ("_exists_:has_people", ["crowd", "dark"]),
        ("camera:gate-1", ["dark", "empty", "odd"]),
        ("camera:l?bby", ["crowd", "one"]),
        ("camera:*", ALL),
        ("video:one.mp4", ["one"]),
        ("video:o*", ["odd", "one"]),
        ("video:99999999999999999999", []),
        ("recorded_at:2026-01-05", ["crowd", "dark", "empty", "one"]),
        ("recorded_at:<2026-01-05T08:00:02", ["dark", "empty"]),
        ("NOT recorded_at:2026-01-05", ["odd"]),
        ("_exists_:recorded_at", ["crowd", "dark", "empty", "one"]),
        ("recorded_at:[* TO *]", ["crowd", "dark", "empty", "one"]),
        ("pts_s:1.5", ["dark"]),
        ("pts_s:>1.5", ["crowd", "odd", "one"]),
        ("pts_s:[1.5 TO 4.5}", ["crowd", "dark"]),
        ("pts_s:>1e30", []),
        ("id:>1e30", []),
        ("id:<1e30", ALL),
        ("id:1.5", []),
        ("id:>0", ALL),
        ("cascade:people", ["one"]),
        ("cascade:p*", ["one"]),
        ("_exists_:cascade", ["one"]),
        ("NOT cascade:people", ["crowd", "dark", "empty", "odd"]),
        ("12:x", ["dark", "empty", "odd"]),
        ("12:?", ["dark", "empty", "odd"]),
        ('place:"yard_50%"', ["dark", "empty", "odd"]),
        ("place:yard_5*%", ["dark", "empty", "odd"]),
        ("place:yard?50*", ["dark", "empty", "odd"]),
        ("place:yardx5*", []),
        ("place:%", []),
        ("roofed:yes", ["crowd", "one"]),
        ("floor:2", ["crowd"]),
        ("people:>0 AND lighting:bright OR lighting:dark", ["crowd", "dark"]),
        ('camera:"\'; DROP TABLE curation_frame; --"', []),
    ],
)
def test_a_query_finds_the_frames_it_means(frames, query, expected):
    assert names(query) == expected


def test_a_run_and_a_video_are_found_by_number(frames):
    assert names(f"run:{frames['run'].pk}") == ["one"]
    assert names(f"run:>={frames['run'].pk}") == ["one"]
    assert names(f"run:>{frames['run'].pk + 1}") == []
    assert names(f"video:{frames['crowd'].video_id}") == ["crowd"]
    assert names(f"id:{frames['crowd'].pk}") == ["crowd"]


def test_fields_outside_the_allow_list_are_refused(frames):
    for name in ("video__sha256", "tags", "evidence", "keeps__run__spec", "camera__attributes", "object_counts"):
        with pytest.raises(QueryError):
            frames_matching(f"{name}:x")


LEAVES = {
    "people:>0": lambda t: is_number(t.get("people")) and t["people"] > 0,
    "blur:[0.2 TO 0.4]": lambda t: is_number(t.get("blur")) and 0.2 <= t["blur"] <= 0.4,
    "lighting:dark": lambda t: t.get("lighting") == "dark",
    "lighting:*dark": lambda t: str(t.get("lighting")).endswith("dark"),
    "objects:person": lambda t: isinstance(t.get("objects"), list) and "person" in t["objects"],
    "objects:*light": lambda t: isinstance(t.get("objects"), list) and "traffic light" in t["objects"],
    "has_people:yes": lambda t: t.get("has_people") is True,
    "_exists_:has_people": lambda t: "has_people" in t,
    "count.person:<2": lambda t: "object_counts" in t and is_number(n := t["object_counts"].get("person", 0)) and n < 2,
    "*:*": lambda t: True,
}
TREES = st.recursive(
    st.sampled_from(sorted(LEAVES)).map(lambda text: (text, LEAVES[text])),
    lambda inner: st.one_of(
        inner.map(lambda p: (f"NOT ({p[0]})", lambda t: not p[1](t))),
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]}) ({p[1][0]})", lambda t: p[0][1](t) and p[1][1](t))),
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]}) OR ({p[1][0]})", lambda t: p[0][1](t) or p[1][1](t))),
    ),
    max_leaves=6,
)


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def test_sql_and_a_slow_evaluator_agree(frames):
    @settings(max_examples=150, deadline=None)
    @given(TREES)
    def agree(tree):
        query, judge = tree
        assert names(query) == sorted(name for name, tags in TAGS.items() if judge(tags))

    agree()


CONDITIONS = st.tuples(
    st.sampled_from(
        [
            "id",
            "video",
            "camera",
            "recorded_at",
            "pts_s",
            "run",
            "cascade",
            "people",
            "lighting",
            "objects",
            "has_people",
            "count.x",
            "12",
        ]
    ),
    st.sampled_from([":", ":>", ":<=", ":[", ":{"]),
    st.sampled_from(
        ["0", "1.5", "1e300", "-3", "9" * 30, "2026-01", "0001-01-01", "9999-12-30T23:59", "dark", "yes", "*"]
    )
    | st.text("\\%_*?'\"{}[]a0é\U0001f600", min_size=1, max_size=4),
).map(lambda c: c[0] + c[1] + c[2] + {":[": " TO *]", ":{": " TO *}"}.get(c[1], ""))


def test_whatever_parses_is_valid_sql(frames):
    @settings(max_examples=300, deadline=None)
    @given(CONDITIONS, st.booleans())
    def run(query, negated):
        try:
            matching = frames_matching(f"NOT ({query})" if negated else query)
        except QueryError:
            return
        assert 0 <= matching.count() <= len(TAGS)

    run()


def test_two_tags_are_answered_by_the_gin_index():
    video = VideoFactory()
    lightings = ["bright"] * 50 + ["dark"]
    Frame.objects.bulk_create(
        Frame(
            video=video,
            camera=video.camera,
            pts_us=number,
            image="x",
            width_px=1,
            height_px=1,
            recorded_at=START + timedelta(seconds=number),
            tags={"lighting": lightings[number % 51], "people": number % 7, "note": f"frame {number}"},
        )
        for number in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE curation_frame")

    matching = frames_matching("lighting:dark AND people:3")

    assert "frame_tags" in matching.explain()
    assert matching.count() == sum(number % 51 == 50 and number % 7 == 3 for number in range(5000))
