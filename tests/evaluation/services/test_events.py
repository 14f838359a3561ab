"""Sets of events: taken in once, never changed, and told again as they were read."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.core.errors import SpecError
from curation.models import Video
from evaluation.core.event_files import EventFileError, read_events
from evaluation.models import Event, EventSet, EventStretch
from evaluation.services.events import (
    EventError,
    NoSuchEvents,
    find_events,
    find_video,
    import_events,
    read_event_files,
    truth_of,
    with_counts,
)
from tests.factories import VideoFactory

pytestmark = pytest.mark.django_db


def told(*objects, video=""):
    return read_events(json.dumps(objects), name="truth.json", video=video)


def one(video="gate.mp4", label="person", intervals=((10, 20),), **more):
    return {"video": video, "label": label, "intervals": list(map(list, intervals)), **more}


@pytest.fixture
def gate():
    return VideoFactory(name="gate.mp4", duration_s=60)


def refused(*objects, name="visits"):
    with pytest.raises(EventError) as caught:
        import_events(name=name, told=told(*objects))
    assert not EventSet.objects.exists()
    return caught.value.code, str(caught.value)


def test_a_set_is_told_again_as_it_was_read(gate):
    yard = VideoFactory(name="yard.mp4", duration_s=100)
    objects = [
        one(intervals=[(30, 40), (5.9, 19.7)]),
        one("yard.mp4", "car", [], looked=[[0, 50], [50, 60], [90, 100]]),
        one("yard.mp4", "person", [(91, 100.8)]),
    ]

    made, is_new = import_events(name="visits", told=told(*objects), note="by N.")

    assert is_new
    assert [tuple(entry.values()) for entry in truth_of(made)] == [
        ("gate.mp4", gate.pk, "person", [[0, 60]], [[5.9, 19.7], [30, 40]]),
        ("yard.mp4", yard.pk, "car", [[0, 60], [90, 100]], []),
        # What ends a little after the video ends with it.
        ("yard.mp4", yard.pk, "person", [[0, 100]], [[91, 100]]),
    ]
    assert list(truth_of(made)[0]) == ["video", "video_id", "label", "looked", "intervals"]
    assert find_events("visits").note == "by N."
    counted = with_counts(EventSet.objects.all()).get()
    assert (counted.event_count, counted.video_count, counted.looked_us) == (3, 2, 230_000_000)


def test_what_several_files_tell_adds_up(gate, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(one(intervals=[(1, 2)])))
    (tmp_path / "b.csv").write_text("label,start_s,end_s\nperson,3,4\ncar,5,6\n")

    made, _ = import_events(
        name="visits", told=read_event_files([tmp_path / "a.json", tmp_path / "b.csv"], video="gate.mp4")
    )

    assert [(entry["label"], entry["intervals"]) for entry in truth_of(made)] == [
        ("car", [[5, 6]]),
        ("person", [[1, 2], [3, 4]]),
    ]


def test_the_same_content_again_is_the_same_set(gate):
    first, _ = import_events(name="visits", told=told(one(intervals=[(1, 2), (3, 4)])))

    again, is_new = import_events(name="visits", told=told(one(intervals=[(3, 4)]), one(intervals=[(1, 2)])))

    assert (again, is_new) == (first, False)
    assert Event.objects.count() == 2
    other, is_new = import_events(name="visits-2", told=told(one(intervals=[(1, 2), (3, 4)])))
    assert (is_new, other.sha256) == (True, first.sha256)


def test_another_content_needs_another_name(gate):
    import_events(name="visits", told=told(one()))

    with pytest.raises(EventError, match="never changes") as caught:
        import_events(name="visits", told=told(one(intervals=[(10, 21)])))

    assert caught.value.code == "taken"
    assert Event.objects.get().end_us == 20_000_000


@pytest.mark.parametrize(
    "object_, code, says",
    [
        (one("nowhere.mp4"), "no_video", "manage.py ingest"),
        (one(intervals=[(55, 61.5)]), "outside", r"truth.json[0]: 55–61.5 s lies beyond the end"),
        (one(intervals=[(60, 60.5)]), "outside", "lasts 60 s"),
        (one(looked=[[0, 15]]), "outside", "not within what was looked through"),
        (one(looked=[]), "outside", "not within what was looked through"),
        (one(looked=[[0, 99]]), "outside", "lies beyond the end"),
        (one(intervals=[(1, 2), (1, 2)]), "twice", "told twice"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(gate, object_, code, says):
    got, message = refused(object_)
    assert got == code
    assert says in message


def test_nothing_makes_no_set(gate):
    assert refused()[0] == "empty"


@pytest.mark.parametrize("name", ["", "Visits", "a b", "-x", "x" * 81, "a\0", "../x"])
def test_a_name_must_do_on_command_lines(gate, name):
    with pytest.raises(SpecError, match="set of events"):
        import_events(name=name, told=told(one()))


def test_videos_that_are_no_footage_are_refused():
    VideoFactory(name="pictures", kind=Video.Kind.PICTURES)
    assert refused(one("pictures"))[0] == "no_video"
    VideoFactory(name="broken.mp4", duration_s=0, status=Video.Status.FAILED, error="No index.")
    assert "No index." in refused(one("broken.mp4"))[1]


def test_videos_of_one_name_are_told_apart_by_id_or_content(gate):
    other = VideoFactory(name="gate.mp4")
    code, says = refused(one())
    assert code == "ambiguous"
    assert f"{gate.pk} ({gate.camera.name})" in says
    assert find_video(str(other.pk)) == other
    assert find_video(gate.sha256) == gate
    import_events(name="visits", told=told(one(gate.sha256), one(str(gate.pk), intervals=[(30, 31)])))
    assert set(Event.objects.values_list("video", flat=True)) == {gate.pk}


@pytest.mark.parametrize("reference", ["9" * 30, "99999", "²", ""])
def test_odd_references_find_nothing(gate, reference):
    with pytest.raises(EventError, match="no video"):
        find_video(reference)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(EventError, match=r"nowhere\.json cannot be read"):
        read_event_files([tmp_path / "nowhere.json"])
    (tmp_path / "odd.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EventError, match="cannot be read"):
        read_event_files([tmp_path / "odd.json"])
    (tmp_path / "truth.txt").write_text("")
    with pytest.raises(EventFileError):
        read_event_files([tmp_path / "truth.txt"])


def test_a_set_is_found_by_name(gate):
    with pytest.raises(NoSuchEvents, match="none yet"):
        find_events("visits")
    import_events(name="visits", told=told(one()))
    with pytest.raises(NoSuchEvents, match="There are: visits"):
        find_events("visit")


def test_as_many_queries_for_many_events_as_for_one(gate):
    def queries(count):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            import_events(name=f"of-{count}", told=told(one(intervals=[(n, n + 0.5) for n in range(count)])))
        return len(caught)

    assert queries(40) == queries(1)
    assert EventStretch.objects.count() == 2
