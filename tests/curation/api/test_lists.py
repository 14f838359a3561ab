"""List pages: cursors, filters, and a number of queries that does not grow with the rows."""

from base64 import b64encode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Chunk, Run, Upload
from curation.services.uploads import create_upload
from tests.factories import (
    CameraFactory,
    CascadeFactory,
    DetectionFactory,
    FrameFactory,
    IntervalFactory,
    JobFactory,
    KeepFactory,
    RunFactory,
    VideoFactory,
)

SPEC = {"name": "motion", "stages": [{"name": "motion", "kind": "motion"}]}


def _frame():
    frame = FrameFactory(tags={"people": 1})
    DetectionFactory.create_batch(2, frame=frame)
    return frame


def _open_run():
    run = RunFactory(spec=SPEC, status=Run.Status.RUNNING)
    Chunk.objects.create(run=run, stage_index=0, index=0, start_us=0, end_us=1_000_000)


LISTS = {
    "cameras": CameraFactory,
    "videos": VideoFactory,
    "runs": _open_run,
    "intervals": IntervalFactory,
    "frames": _frame,
    "detections": DetectionFactory,
    "search": _frame,
    "jobs": JobFactory,
}


def _queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        response = client.get(path)
    assert response.status_code == 200, response.data
    return len(seen), response.data, [query["sql"] for query in seen]


@pytest.mark.parametrize("resource", LISTS)
def test_a_list_runs_the_same_queries_for_thirty_rows_as_for_one(viewer, resource):
    make = LISTS[resource]
    make()
    one, data, _ = _queries(viewer, f"/api/v1/{resource}/")
    rows = "frames" if resource == "search" else "results"
    assert len(data[rows]) == 1
    for _ in range(29):
        make()
    thirty, data, sql = _queries(viewer, f"/api/v1/{resource}/")
    assert len(data[rows]) == 30
    assert thirty == one
    assert one <= 8
    if resource != "search":
        assert not any("COUNT(" in statement.upper() for statement in sql)


def test_uploads_and_cascades_run_the_same_queries_too(curator):
    def add(index):
        CascadeFactory(name=f"c{index}")
        create_upload(owner=curator.user, name="a.mp4", camera="gate", size_bytes=10)

    add(0)
    ones = [_queries(curator, f"/api/v1/{resource}/")[0] for resource in ("uploads", "cascades")]
    for index in range(1, 30):
        add(index)
    assert [_queries(curator, f"/api/v1/{resource}/")[0] for resource in ("uploads", "cascades")] == ones


@pytest.mark.parametrize("resource, newest_first", [("frames", False), ("videos", True), ("uploads", True)])
def test_cursors_walk_over_every_row_once_and_in_order(curator, resource, newest_first):
    if resource == "uploads":
        for _ in range(7):
            create_upload(owner=curator.user, name="a.mp4", camera="gate", size_bytes=10)
        expected = [str(pk) for pk in Upload.objects.order_by("-created_at").values_list("pk", flat=True)]
    else:
        made = [{"frames": FrameFactory, "videos": VideoFactory}[resource]().pk for _ in range(7)]
        expected = made[::-1] if newest_first else made
    url, seen = f"/api/v1/{resource}/?limit=3", []
    while url:
        page = curator.get(url).data
        assert len(page["results"]) <= 3
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == expected


@pytest.mark.parametrize("inside", ["p=x", "p=1%00", "p=9" + "9" * 40, "o=99999", "p=2026-13-99", "r=1&p=%F0%9F"])
@pytest.mark.parametrize("resource", ["frames", "videos", "uploads"])
def test_a_forged_cursor_is_not_found(curator, resource, inside):
    FrameFactory()
    cursor = b64encode(inside.encode()).decode()
    assert curator.get(f"/api/v1/{resource}/", {"cursor": cursor}).status_code in (200, 404)
    assert curator.get(f"/api/v1/{resource}/", {"cursor": "x"}).status_code == 404


def test_frames_are_filtered(viewer):
    frame = FrameFactory(tags={"lighting": "dark"})
    other = FrameFactory(tags={"lighting": "bright"})
    run = RunFactory(video=frame.video, spec=SPEC)
    KeepFactory(frame=frame, run=run)

    def ids(**filters):
        return [row["id"] for row in viewer.get("/api/v1/frames/", filters).data["results"]]

    assert ids() == [frame.pk, other.pk]
    assert ids(video=frame.video_id) == [frame.pk]
    assert ids(camera=other.camera.name) == [other.pk]
    assert ids(run=run.pk) == [frame.pk]
    assert ids(recorded_before=frame.recorded_at.isoformat()) == []
    assert ids(query="lighting:dark") == [frame.pk]


@pytest.mark.parametrize(
    "resource, filters, count",
    [
        ("videos", {"status": "ready"}, 1),
        ("videos", {"status": "failed"}, 0),
        ("videos", {"recorded_from": "2026-01-05T08:00:00Z"}, 1),
        ("videos", {"recorded_before": "2026-01-05T08:00:00Z"}, 0),
        ("detections", {"label": "person", "min_score": "0.5"}, 1),
        ("detections", {"min_score": "0.95"}, 0),
        ("intervals", {"stage": "motion"}, 1),
        ("intervals", {"stage": "people"}, 0),
        ("runs", {"cascade": "motion"}, 2),
        ("cameras", {"name": "nowhere"}, 0),
    ],
)
def test_lists_are_filtered(viewer, resource, filters, count):
    run = RunFactory(spec=SPEC)
    IntervalFactory(run=run)
    DetectionFactory(run__spec=SPEC, frame__video=run.video)
    assert len(viewer.get(f"/api/v1/{resource}/", filters).data["results"]) == count


@pytest.mark.parametrize(
    "filters",
    [
        {"filter": "user__password__startswith"},
        {"owner__password__startswith": "p"},
        {"camera__name__regex": ".*"},
        {"ordering": "owner__password"},
        {"video__runs__error": "x"},
    ],
)
@pytest.mark.parametrize("resource", ["frames", "videos", "uploads", "runs", "search"])
def test_look_ups_that_are_not_offered_are_refused(curator, resource, filters):
    response = curator.get(f"/api/v1/{resource}/", filters)
    assert response.status_code == 400
    assert "Valid ones" in str(response.data)


@pytest.mark.parametrize(
    "filters",
    [{"video": "NaN"}, {"video": "x"}, {"recorded_from": "yesterday"}, {"camera": "a\0b"}, {"run": "1e400"}],
)
def test_odd_filter_values_are_refused(viewer, filters):
    assert viewer.get("/api/v1/frames/", filters).status_code == 400


def test_huge_numbers_find_nothing(viewer):
    assert viewer.get("/api/v1/frames/", {"video": "9" * 30}).data["results"] == []
    assert viewer.get("/api/v1/frames/" + "9" * 18 + "/").status_code == 404
