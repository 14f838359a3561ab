"""Ratings over HTTP: asked for, shown with each frame, and the near-duplicates of one."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.models import Job
from curation.services.embedding import store_frame_vectors
from tests.factories import DetectionFactory, EmbedderFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db
RATINGS = "/api/v1/ratings/"


def alike(count):
    video = VideoFactory()
    frames = [FrameFactory(video=video) for _ in range(count)]
    angles = np.radians(np.arange(count))
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    store_frame_vectors(EmbedderFactory(dimension=2), [frame.pk for frame in frames], vectors)
    return frames


def test_a_curator_has_all_frames_rated(curator, queue, django_capture_on_commit_callbacks):
    alike(2)

    with django_capture_on_commit_callbacks(execute=True):
        response = curator.post(RATINGS, {"min_similarity": 0.97}, format="json")

    assert response.status_code == 202
    job = Job.objects.get(pk=response.data["id"])
    assert (job.kind, job.params["min_similarity"], job.params["embedder"]) == ("rate", 0.97, "descriptor")
    assert job.created_by == curator.user
    assert queue.job_ids == [f"job-{job.pk}-0"]


def test_a_viewer_may_not_ask(viewer):
    assert viewer.post(RATINGS, {}, format="json").status_code == 403
    assert not Job.objects.exists()


def test_one_rating_at_a_time(curator):
    assert curator.post(RATINGS, {}, format="json").status_code == 202

    second = curator.post(RATINGS, {}, format="json")

    assert (second.status_code, second.data["code"]) == (409, "busy")


@pytest.mark.parametrize(
    "body",
    [
        {"min_similarity": 1.01},
        {"min_similarity": "NaN"},
        {"max_bits": 12},
        {"max_bits": 1.5},
        {"embedder": "nope"},
        {"similarity": 0.9},
    ],
)
def test_what_makes_no_sense_is_refused(curator, body):
    assert curator.post(RATINGS, body, format="json").status_code == 400
    assert not Job.objects.exists()


def test_a_frame_shows_its_ratings(viewer):
    first = FrameFactory(uniqueness=0.25, typicality=3.0, outlier_score=-0.5)
    second = FrameFactory(duplicate_of=first)

    shown = viewer.get(f"/api/v1/frames/{first.pk}/").data
    assert (shown["uniqueness"], shown["typicality"], shown["outlier_score"]) == (0.25, 3.0, -0.5)
    assert shown["duplicate_of"] is None
    assert viewer.get(f"/api/v1/frames/{second.pk}/").data["duplicate_of"] == first.pk


def test_near_duplicates_of_a_frame_are_listed_nearest_first(viewer):
    frames = alike(4)

    shown = viewer.get(f"/api/v1/frames/{frames[0].pk}/duplicates/?limit=2").data

    assert [one["id"] for one in shown["frames"]] == [frames[1].pk, frames[2].pk]
    assert shown["frames"][0]["similarity"] == pytest.approx(0.9998, abs=1e-3)
    assert shown["frames"][0]["thumbnail"].startswith("http")
    assert (shown["embedder"], shown["more"]) == ("descriptor", True)


def test_near_duplicates_cost_as_many_queries_however_many_there_are(viewer):
    frames = alike(6)
    for frame in frames:
        DetectionFactory(frame=frame)

    def queries(limit):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert len(viewer.get(f"/api/v1/frames/{frames[0].pk}/duplicates/?limit={limit}").data["frames"]) == limit
        return len(caught)

    assert queries(5) == queries(1)


@pytest.mark.parametrize(
    "query, status",
    [
        ("?limit=0", 400),
        ("?limit=201", 400),
        ("?min_similarity=2", 400),
        ("?near=1", 400),
        ("?embedder=nope", 409),
        ("", 200),
    ],
)
def test_parameters_are_checked(viewer, query, status):
    assert viewer.get(f"/api/v1/frames/{alike(1)[0].pk}/duplicates/{query}").status_code == status


def test_a_frame_that_is_not_there_is_not_found(viewer):
    assert viewer.get("/api/v1/frames/999/duplicates/").status_code == 404
    assert viewer.get(f"/api/v1/frames/{'9' * 19}/duplicates/").status_code == 404
