"""What the pages read, and with how many queries."""

from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontend import queries
from frontend.records import QueryFault
from tests.factories import CascadeFactory, DetectionFactory, FrameFactory, IntervalFactory, RunFactory, VideoFactory

pytestmark = pytest.mark.django_db

STAGES = [("motion", "motion"), ("people_fast", "objects"), ("people", "objects"), ("embed", "embed")]
SPEC = {"name": "people", "stages": [{"name": name, "kind": kind} for name, kind in STAGES]}


@pytest.fixture
def people():
    return CascadeFactory(name="people", spec=SPEC)


def make_run(people, *, stages=None, **changes):
    done = [
        {"name": name, "frames_in": 100, "frames_out": 50, "cpu_s": 2.0, "duration_s": 30.0 if kind != "embed" else 0.0}
        for name, kind in STAGES
    ]
    return RunFactory(cascade=people, stages=done if stages is None else stages, frames_kept=5, **changes)


def count_of(ask):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        ask()
    return len(asked)


def test_nothing_is_there():
    empty = queries.totals()
    assert (empty.videos, empty.footage_s, empty.frames_kept, empty.open_runs) == (0, 0, 0, 0)
    assert queries.funnels() == []
    assert queries.videos(limit=5) == []
    assert queries.frames("", limit=5).cards == []
    assert queries.facets("").facets == []
    assert queries.frame(1) is None


def test_totals_count_the_newest_run_of_each_video(people):
    first = VideoFactory(duration_s=60.0)
    make_run(people, video=first, status="failed")
    make_run(people, video=first)
    make_run(people, video=VideoFactory(duration_s=40.0), status="running")
    VideoFactory(status="failed", duration_s=0.0)
    found = queries.totals()
    assert (found.videos, found.footage_s, found.cameras) == (3, 100.0, 3)
    assert (found.frames_kept, found.open_runs, found.failed) == (5, 1, 1)


def test_what_is_known_stays_while_a_newer_run_is_under_way(people):
    video = VideoFactory()
    make_run(people, video=video)
    make_run(people, video=video, status="running", stages=[])
    (funnel,) = queries.funnels()
    assert (funnel.frames_decoded, funnel.videos) == (600, 1)
    assert queries.totals().frames_kept == queries.totals().open_runs * 5 == 5
    assert queries.videos(limit=5)[0].status == "running"


def test_funnels_add_up_over_videos_and_keep_the_order_of_stages(people):
    for _ in range(3):
        make_run(people)
    make_run(CascadeFactory(name="motion"), stages=[{"name": "motion", "frames_in": 7, "frames_out": 3, "cpu_s": 1.0}])
    newest, other = queries.funnels()
    assert newest.cascade == "motion"
    assert (newest.frames_decoded, newest.stages[0].interval_s) == (600, 0)
    assert [(stage.name, stage.kind) for stage in other.stages] == STAGES
    assert other.stages[0].frames_in == 300
    assert (other.frames_decoded, other.frames_kept, other.footage_s) == (1800, 15, 180.0)
    assert other.interval_share("people") == pytest.approx(0.5)


def test_a_run_that_was_replaced_is_not_added_up_twice(people):
    video = VideoFactory()
    make_run(people, video=video)
    make_run(people, video=video)
    assert queries.funnels()[0].frames_decoded == 600


def test_videos_show_their_newest_run_and_its_intervals_by_stage(people):
    run = make_run(people)
    IntervalFactory(run=run, stage="people", start_s=4.0, end_s=6.0)
    IntervalFactory(run=run, stage="motion", start_s=1.0, end_s=3.0)
    IntervalFactory(run=run, stage="motion", start_s=5.0, end_s=9.0)
    (row,) = queries.videos(limit=5)
    assert [(lane.stage, len(lane.spans_s)) for lane in row.lanes] == [("motion", 2), ("people_fast", 0), ("people", 1)]
    assert (row.status, row.frames_kept) == ("done", 5)


def test_a_failed_video_is_told_from_a_new_one_and_a_failed_run(people):
    make_run(people, status="failed", error="No weights.")
    VideoFactory()
    VideoFactory(status="failed", error="No video.")
    assert [(row.status, row.error) for row in queries.videos(limit=5)] == [
        ("failed", "No video."),
        ("failed", "No weights."),
        ("new", ""),
    ]


def test_videos_that_no_cascade_was_set_to_come_after_the_others(people):
    run = make_run(people, status="done")
    VideoFactory.create_batch(3)
    assert next(row.id for row in queries.videos(limit=2)) == run.video_id
    assert len(queries.videos(limit=2)) == 2
    assert [row.id for row in queries.videos(limit=1)] == [run.video_id]


def test_a_frame_shows_the_boxes_of_the_last_stage_of_its_newest_run(people):
    frame = FrameFactory()
    old, new = (make_run(people, video=frame.video) for _ in range(2))
    DetectionFactory(frame=frame, run=old, stage="people", label="dog")
    DetectionFactory(frame=frame, run=new, stage="people", score=0.7)
    DetectionFactory(frame=frame, run=new, stage="people", score=0.8)
    DetectionFactory(frame=frame, run=new, stage="people_fast", label="cat")
    (card,) = queries.frames("", limit=5).cards
    assert [(box.label, box.score) for box in card.boxes] == [("person", 0.8), ("person", 0.7)]


def test_a_query_that_cannot_be_understood_is_a_fault_with_its_column():
    found = queries.frames("people>0", limit=5)
    assert isinstance(found, QueryFault)
    assert (found.column, found.near) == (1, "people>0")


def test_a_cursor_that_makes_no_sense_is_a_fault_without_column():
    found = queries.frames("", limit=5, cursor="nonsense")
    assert isinstance(found, QueryFault)
    assert found.column is None


def test_pages_of_frames_follow_each_other():
    made = [frame.id for frame in FrameFactory.create_batch(5, video=VideoFactory())]
    first = queries.frames("", limit=3)
    rest = queries.frames("", limit=3, cursor=first.next_cursor)
    assert [card.id for card in (*first.cards, *rest.cards)] == made
    assert (first.count, rest.next_cursor) == (5, None)


def test_a_spread_reaches_from_the_first_frame_to_the_last():
    made = [frame.id for frame in FrameFactory.create_batch(20, video=VideoFactory())]
    page = queries.spread(limit=5)
    ids = [card.id for card in page.cards]
    assert (ids[0], ids[-1], len(ids)) == (made[0], made[-1], 5)
    assert ids == sorted(ids)
    assert (page.count, page.next_cursor) == (20, "")
    assert [card.id for card in queries.frames("", limit=5, cursor="").cards] == made[:5]


def test_a_spread_over_few_is_all_of_them():
    made = [frame.id for frame in FrameFactory.create_batch(3, video=VideoFactory())]
    page = queries.spread(limit=5)
    assert [card.id for card in page.cards] == made
    assert page.next_cursor is None
    assert queries.spread(limit=3).next_cursor is None


def test_an_open_frame_stands_among_its_neighbours():
    video = VideoFactory()
    frames = [FrameFactory(video=video, pts_us=n * 1_000_000) for n in range(12)]
    FrameFactory()
    found = queries.frame(frames[5].id)
    assert [card.id for card in found.neighbours] == [frame.id for frame in frames[1:10]]
    edge = queries.frame(frames[0].id)
    assert [card.id for card in edge.neighbours] == [frame.id for frame in frames[:5]]


def test_facets_are_counted_over_what_the_query_finds():
    for people, lighting in ((2, "dark"), (0, "dark"), (1, "bright"), (0, None)):
        tags = {"people": people, "has_people": people > 0} | ({"lighting": lighting} if lighting else {})
        FrameFactory(tags=tags)
    all_of_them = queries.facets("")
    by_label = {facet.label: [(v.label, v.term, v.frames) for v in facet.values] for facet in all_of_them.facets}
    assert by_label["Lighting"] == [("dark", "lighting:dark", 2), ("bright", "lighting:bright", 1)]
    assert by_label["People"] == [("with people", "has_people:true", 2), ("nobody", "has_people:false", 2)]
    assert (all_of_them.frames, all_of_them.all_frames) == (4, True)
    assert queries.facets("people:>0").frames == 2


def test_every_facet_is_a_query_that_finds_as_many_as_it_says():
    for lighting, people in (("dark", 1), ("dark", 0), ("bright", 3)):
        tags = {"lighting": lighting, "people": people, "has_people": people > 0, "motion": True}
        FrameFactory(tags={**tags, "blurriness": "sharp", "time_of_day": "night"})
    for facet in queries.facets("").facets:
        for value in facet.values:
            assert queries.frames(value.term, limit=5).count == value.frames, value.term


def test_facets_look_at_the_newest_frames_only(monkeypatch):
    monkeypatch.setattr(import_module("frontend.queries.facets"), "FACET_FRAMES", 2)
    for lighting in ("dark", "bright", "bright"):
        FrameFactory(tags={"lighting": lighting})
    found = queries.facets("")
    assert (found.frames, found.all_frames) == (2, False)
    assert [value.term for value in found.facets[0].values] == ["lighting:bright"]


@pytest.mark.parametrize(
    "ask",
    [
        queries.totals,
        queries.funnels,
        lambda: queries.videos(limit=50),
        lambda: queries.frames("people:>0", limit=50),
        lambda: queries.spread(limit=2),
        lambda: queries.facets("people:>0"),
    ],
    ids=["totals", "funnels", "videos", "frames", "spread", "facets"],
)
def test_the_number_of_queries_does_not_grow(ask, people):
    def fill(number):
        for _ in range(number):
            run = make_run(people, status="running")
            IntervalFactory(run=run)
            for pts_us in range(2):
                frame = FrameFactory(video=run.video, pts_us=pts_us, tags={"people": 1, "lighting": "dark"})
                DetectionFactory(frame=frame, run=run)

    fill(2)
    few = count_of(ask)
    fill(6)
    assert count_of(ask) == few <= 8
