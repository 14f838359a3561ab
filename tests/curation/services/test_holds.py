"""What holds for a frame by its plain values is what SQL finds."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.query import QueryError
from curation.core.query.holds import FrameFacts, holds
from curation.models import Frame
from curation.services.filtering import frames_matching, parse_query
from tests.curation.services.test_filtering import START, TAGS, TREES
from tests.factories import CameraFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db

ODD = [
    *TAGS.values(),
    {"people": 1.0, "blur": 1e-7, "lighting": "", "has_people": 1, "floor": True, "place": "Ä 50%\nyard_\\"},
    {"people": True, "blur": 1e20, "lighting": None, "has_people": "yes", "objects": [1, None, "per%son"]},
    {"people": 10**18, "object_counts": [], "objects": {"person": 1}, "lighting": ["dark", "é"], "floor": None},
    {"object_counts": {"person": 1.0, "x": None, "cat": True}, "lighting": {"bb": 1, "a": "ü", "é": 0.5}, "blur": -0.5},
    {"object_counts": None, "people": -3, "lighting": "dark\n", "objects": ["dark"], "floor": 2.5},
]


@pytest.fixture
def facts():
    cameras = [
        CameraFactory(name="gate-1", attributes={"floor": 2, "place": "yard_50%", "12": "x"}),
        CameraFactory(name="lobby", attributes={"roofed": True}),
    ]
    made = []
    for number, tags in enumerate(ODD):
        at = None if number % 4 == 3 else START + timedelta(hours=number)
        video = VideoFactory(camera=cameras[number % 2], name=f"video_{number}.mp4", recorded_at=at)
        frame = FrameFactory(video=video, pts_us=number * 750_000, tags=tags)
        frame.refresh_from_db()
        made.append(
            FrameFacts(
                id=frame.pk, camera=frame.camera.name, video=video.name, video_id=video.pk, pts_us=frame.pts_us,
                recorded_at=frame.recorded_at, tags=frame.tags,
            )
        )  # fmt: skip
    return made


def agree(facts, query):
    parsed = parse_query(query)
    held = sorted(frame.id for frame in facts if holds(parsed, frame))
    assert held == sorted(frames_matching(parsed).values_list("pk", flat=True)), query


def test_trees_of_conditions_hold_for_the_frames_that_sql_finds(facts):
    @settings(max_examples=150)
    @given(TREES)
    def check(tree):
        agree(facts, tree[0])

    check()


FIELDS = [
    "id",
    "video",
    "camera",
    "recorded_at",
    "pts_s",
    "people",
    "blur",
    "lighting",
    "objects",
    "has_people",
    "floor",
]
CONDITIONS = st.tuples(
    st.sampled_from([*FIELDS, "count.person", "count.x", "count.cat", "place", "roofed", "motion", "12"]),
    st.sampled_from([":", ":", ":>", ":>=", ":<", ":<=", ":[", ":{"]),
    st.sampled_from(
        [
            *("0", "1", "1.0", "1.5", "2", "0.75", "-3", "1e-7", "1e20", "1e300", "9" * 19, "9" * 30),
            *("2026-01", "2026-01-05T10:00", "0001-01-01", "9999-12-30T23:59", "dark", "yes", "no", "*", "?*"),
            *(
                '"dark\n"',
                "d*k",
                "*0.5*",
                "*, *",
                "per%son",
                "p*n",
                "video_1.mp4",
                "v*_?.mp4",
                "gate-1",
                "*\\\\",
                "true",
            ),
        ]
    )
    | st.text("\\%_*?'\"{}[]a0é,: ", min_size=1, max_size=4),
).map(lambda c: c[0] + c[1] + c[2] + {":[": " TO *]", ":{": " TO *}"}.get(c[1], ""))


def test_whatever_parses_holds_for_the_frames_that_sql_finds(facts):
    @settings(max_examples=600)
    @given(CONDITIONS, st.booleans())
    def check(query, negated):
        try:
            agree(facts, f"NOT ({query})" if negated else query)
        except QueryError:
            return

    check()


@pytest.mark.parametrize("field", FIELDS)
def test_every_kind_of_condition_on_every_field(facts, field):
    bounds = "recorded_at:[2026-01-05T09:00 TO 2026-01-05T12:00}" if field == "recorded_at" else f"{field}:[1 TO 3]"
    for query in (f"_exists_:{field}", f"{field}:*", f"NOT {field}:1", f"{field}:1", bounds, f"{field}:*a*"):
        try:
            agree(facts, query)
        except QueryError:
            continue


def test_a_video_is_named_by_its_number_too(facts):
    for query in (f"video:{facts[1].video_id}", f"video:000{facts[1].video_id}", "video:0", 'video:""', "video:1é"):
        agree(facts, query)


def test_what_other_tables_know_is_refused():
    (frame,) = [FrameFacts(1, "gate", "a.mp4", 1, 0, None, {})]
    assert Frame.objects.count() == 0
    with pytest.raises(ValueError, match="run cannot be told"):
        holds(parse_query("run:1"), frame)
