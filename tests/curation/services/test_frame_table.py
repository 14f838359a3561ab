"""The table in memory finds what SQL finds, to the frame."""

import json
from contextlib import suppress

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.query import QueryError
from curation.models import Camera, Frame
from curation.services import frame_table
from curation.services import search as search_service
from curation.services.fields import searchable_fields
from curation.services.filtering import frames_matching, parse_query
from curation.services.frame_table import current, frame_count, frames_remembered, matching
from curation.services.search import search
from tests.curation.services.odd_tags import NAMES, QUERIES, TAGGED, WORDS
from tests.curation.services.test_filtering import START, TAGS
from tests.factories import (
    AnnotationFactory,
    CameraFactory,
    CascadeFactory,
    DatasetFactory,
    DatasetFrameFactory,
    DatasetVersionFactory,
    FrameFactory,
    KeepFactory,
    RunFactory,
    VideoFactory,
)

pytestmark = pytest.mark.django_db
FRAMES = 7


@pytest.fixture
def frames():
    """Frames with a bit of everything around them; what tags they have is up to the test."""
    cameras = [
        CameraFactory(name="gate-1", attributes={"floor": 2, "12": "x", "place": "yard_50%", "mixed": 1, "kind": "a"}),
        CameraFactory(name="lobby", attributes={"floor": 1, "mixed": "one", "listed": ["a"], "count.cat": "x"}),
    ]
    made = []
    for n in range(FRAMES):
        video = VideoFactory(
            camera=cameras[n % 2], name=f"video_{n}.mp4", recorded_at=None if n == 3 else START.replace(day=5 + n)
        )
        made.append(FrameFactory(video=video, pts_us=n * 1_500_000))
    Frame.objects.filter(pk=made[0].pk).update(uniqueness=0.25, outlier_score=float("nan"), duplicate_of=made[1])
    Frame.objects.filter(pk=made[1].pk).update(uniqueness=float("inf"), typicality=2**60, held_out=True)
    Frame.objects.filter(pk=made[2].pk).update(annotated_at=timezone.now(), outlier_score=-1.5)
    AnnotationFactory(frame=made[2], label="car")
    AnnotationFactory(frame=made[4], label="traffic light")
    version = DatasetVersionFactory(dataset=DatasetFactory(name="night"), number=2)
    for frame in made[4:6]:
        DatasetFrameFactory(version=version, frame=frame)
    KeepFactory(frame=made[5], run=RunFactory(video=made[5].video, cascade=CascadeFactory(name="people")))
    KeepFactory(frame=made[6], run=RunFactory(video=made[6].video))
    return made


def parsed(asked):
    """Parse what can be parsed."""
    fields = searchable_fields()
    for query in asked:
        with suppress(QueryError):
            yield query, parse_query(query, fields=fields)


def found_by_table(query):
    table = current()
    return table.ids[matching(query, table=table)].tolist()


def found_by_sql(query):
    return sorted(frames_matching(query).values_list("pk", flat=True))


def tag(frames, tags):
    with connection.cursor() as cursor:
        for frame, tagged in zip(frames, tags, strict=True):
            written = "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in tagged.items()) + "}"
            cursor.execute("UPDATE curation_frame SET tags = %s::jsonb WHERE id = %s", [written, frame.pk])


def assert_agree(asked):
    """Ask both; tell how many of the queries could be asked."""
    table, queries = current(), list(parsed(asked))
    for written, query in queries:
        assert table.ids[matching(query, table=table)].tolist() == found_by_sql(query), written
    return len(queries)


@pytest.mark.slow
def test_whatever_the_tags_and_the_query_both_find_the_same(frames):
    @settings(max_examples=150, deadline=None)
    @given(st.lists(TAGGED, min_size=FRAMES, max_size=FRAMES), st.lists(QUERIES, min_size=12, max_size=12))
    def agree(tags, asked):
        tag(frames, tags)
        assert_agree(asked)

    agree()


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_asked_in_every_way(frames, name):
    tag(frames, [{k: json.dumps(v) for k, v in tags.items()} for tags in [*TAGS.values(), {}, {"mixed": 1, "12": "x"}]])
    asked = [f"{name}{sign}{word}" for sign in (":", ":>", ":<=") for word in WORDS]
    assert assert_agree([*asked, f"_exists_:{name}", f"NOT {name}:1"]) >= 5


def test_nothing_and_everything(frames):
    assert frame_count("") == FRAMES
    assert frame_count("NOT *:*") == 0
    assert found_by_table("*:*") == found_by_sql("") == sorted(frame.pk for frame in frames)


def test_no_frames_at_all():
    assert len(current()) == 0
    assert matching("lighting:dark OR run:1 OR label:*").tolist() == []
    assert frame_count("") == 0


def test_a_query_that_is_not_one_is_refused():
    with pytest.raises(QueryError):
        frame_count("people>0")


def test_a_table_that_does_not_know_a_tag_yet_asks_the_database(frames):
    table = current()
    Camera.objects.filter(name="lobby").update(attributes={"colour": "red"})
    Frame.objects.filter(pk=frames[1].pk).update(tags={"colour": "red"})

    assert table.ids[matching("colour:red", table=table)].tolist() == [frames[1].pk]
    assert np.count_nonzero(matching("colour:r*", table=current())) == 1


def test_in_a_transaction_its_own_changes_are_seen_and_not_remembered(frames):
    before = current()
    Frame.objects.filter(pk=frames[0].pk).update(tags={"lighting": "dark"})
    frames[6].delete()
    FrameFactory(tags={"lighting": "dark"})

    assert found_by_table("lighting:dark") == found_by_sql("lighting:dark")
    assert len(current()) == len(before) == FRAMES
    assert frames_remembered() == 0
    assert not frame_table._synced


def test_columns_hold_what_the_rows_hold(frames):
    table = current()
    rows = Frame.objects.order_by("id").select_related("camera", "video")
    for row, known in zip(rows, table.frames.iter_rows(named=True), strict=True):
        assert known["id"] == row.pk
        assert (known["video_id"], known["camera_id"], known["camera"]) == (
            row.video_id,
            row.camera_id,
            row.camera.name,
        )
        assert (known["pts_us"], known["recorded_at"]) == (row.pts_us, row.recorded_at)
        assert (known["width_px"], known["height_px"], known["kind"]) == (row.width_px, row.height_px, row.video.kind)
        assert known["annotated"] == (row.annotated_at is not None)
        assert known["duplicate"] == (row.duplicate_of_id is not None)
        assert (known["held_out"], known["phash"], known["changed_xid"]) == (row.held_out, row.phash, row.changed_xid)
        for name in ("uniqueness", "typicality", "outlier_score"):
            assert known[name] == pytest.approx(getattr(row, name), nan_ok=True)


@pytest.mark.django_db(transaction=True)
def test_a_search_counts_by_the_table_where_it_is_loaded_and_there_are_many(frames, monkeypatch):
    monkeypatch.setattr(search_service, "MANY_FRAMES", 5)
    asked = []
    monkeypatch.setattr(search_service, "frame_count", lambda query: asked.append(query) or frame_count(query))
    tag(frames, [{"people": str(n)} for n in range(FRAMES)])

    assert search("people:>3").count == 3
    assert not asked  # a search does not wait for a million rows to be loaded
    current()
    assert search("people:>3").count == 3
    frames[6].delete()
    assert (search("people:>3").count, search("people:>99").hints) == (2, [])
    assert len(asked) == 3
