"""Rating all frames: what is written, that it can be broken off anywhere, and what it does about what is not there."""

import threading

import cv2
import numpy as np
import pytest
from django.db import connection, transaction

from curation.backends import storage
from curation.core.errors import SpecError
from curation.models import Embedder, Frame, Job
from curation.services import rating, rating_rows
from curation.services.embedding import store_frame_vectors
from curation.services.job_kinds import run_here
from curation.services.jobs import cancel_job, claim_job, resume_job, work_on
from curation.services.rating import RatingError, rate, start_rating
from curation.services.search import search
from tests.curation.core.test_phash import scene
from tests.factories import EmbedderFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def frames_with(vectors, *, hashes=None, embedder=None):
    """Return frames with these vectors; None makes a frame without one."""
    video = VideoFactory()
    hashes = hashes or [0] * len(vectors)
    frames = [FrameFactory(video=video, phash=one) for one in hashes]
    given = [(f.pk, v) for f, v in zip(frames, vectors, strict=True) if v is not None]
    if given:
        ids, rows = zip(*given, strict=True)
        found = np.array(rows, np.float32)
        store_frame_vectors(embedder or EmbedderFactory(dimension=found.shape[1]), ids, found)
    return frames


def turned(*degrees):
    angles = np.radians(degrees)
    return list(np.stack([np.cos(angles), np.sin(angles)], axis=1))


def cloud(count, *, seed=0, dimension=6):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(5, dimension))[rng.integers(0, 5, count)] + 0.05 * rng.normal(size=(count, dimension))
    return list((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16).astype(np.float32))


def rate_here(**asked):
    return run_here(start_rating(here=True, **asked)).result


def written():
    columns = ("pk", "uniqueness", "typicality", "outlier_score", "duplicate_of")
    return list(Frame.objects.order_by("pk").values_list(*columns))


def by_hand(vectors):
    """Work the numbers out with each frame compared with each."""
    rows = np.array(vectors, np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = rows @ rows.T
    np.fill_diagonal(cosine, -9)
    best = -np.sort(-cosine, axis=1)[:, :10]
    distance = np.sqrt(np.maximum(0, 2 - 2 * best)).mean(axis=1)
    away = distance - np.median(distance)
    spreads = [1.4826 * np.median(np.abs(away[side])) for side in (away <= 0, away >= 0)]
    scores = away / np.where(away > 0, spreads[1], spreads[0])
    return 1 - best[:, 0], 1 / distance, scores


def test_every_frame_gets_its_ratings():
    vectors = cloud(60)
    frames = frames_with(vectors)

    result = rate_here()

    unique, typical, scores = by_hand(vectors)
    rows = written()
    assert [row[0] for row in rows] == [frame.pk for frame in frames]
    assert [row[1] for row in rows] == pytest.approx(unique, abs=1e-5)
    assert [row[2] for row in rows] == pytest.approx(typical, rel=1e-3)
    assert [row[3] for row in rows] == pytest.approx(scores, abs=1e-2)
    assert (result["frames"], result["compared"], result["embedder"]) == (60, 60, "descriptor")
    assert [one["frame"] for one in result["farthest"]] == [frames[i].pk for i in np.argsort(-scores)[:10]]


def test_duplicates_are_of_the_first_of_their_group_and_found_by_search():
    frames = frames_with(turned(0, 1, 40, 2, 41, 90))

    result = rate_here(min_similarity=float(np.cos(np.radians(2.5))))

    assert [row[4] for row in written()] == [None, frames[0].pk, None, frames[0].pk, frames[2].pk, None]
    assert (result["duplicates"], result["groups"]) == (3, 2)
    assert [hit.frame.pk for hit in search("duplicate:true").hits] == [frames[1].pk, frames[3].pk, frames[4].pk]


def test_alike_hashes_count_only_with_alike_vectors():
    frames = frames_with(turned(0, 10, 10, 60), hashes=[0b1111, 0b1100, 0xFF00, 0b1111])

    rate_here()

    # 10 degrees are 0.985: less than 0.99, enough where the hashes are alike too; 60 degrees never are.
    assert [row[4] for row in written()] == [None, frames[0].pk, None, None]


def test_frames_without_a_vector_are_duplicates_by_their_hash():
    frames = frames_with([*turned(0, 60), None, None, None, None], hashes=[0b1, 0b1, 0b111, 0xFF00, 0xFF01, 0])

    result = rate_here()

    assert [row[4] for row in written()] == [None, None, frames[0].pk, None, frames[3].pk, None]
    assert [row[1] for row in written()][2:] == [None] * 4
    assert (result["frames"], result["compared"], result["duplicates"]) == (6, 2, 2)


def test_frames_without_any_vector_are_rated_by_hash_alone():
    first, second = frames_with([None, None], hashes=[5, 5])

    result = rate_here()

    assert written() == [(first.pk, None, None, None, None), (second.pk, None, None, None, first.pk)]
    assert (result["embedder"], result["compared"]) == (None, 0)


def test_without_frames_there_is_nothing_to_rate():
    assert rate_here()["frames"] == 0


def test_a_single_frame_has_nothing_to_be_compared_with():
    (frame,) = frames_with(turned(0))

    assert rate_here()["farthest"] == []
    assert written() == [(frame.pk, None, None, None, None)]


def test_pictures_without_a_hash_get_one_and_what_cannot_be_read_is_told():
    video = VideoFactory()
    frames = [FrameFactory(video=video) for _ in range(3)]
    for frame in frames[:2]:
        storage.put_bytes(frame.image, cv2.imencode(".jpg", scene(1))[1].tobytes())

    result = rate_here()

    assert [row[4] for row in written()] == [None, frames[0].pk, None]
    assert (result["hashed"], result["unreadable"], result["unreadable_frames"]) == (2, 1, [frames[2].pk])


def test_rating_again_writes_only_what_changed():
    frames_with(cloud(30))
    rate_here()
    before = list(Frame.objects.order_by("pk").values_list("changed_xid", flat=True))

    rate_here()

    assert list(Frame.objects.order_by("pk").values_list("changed_xid", flat=True)) == before


def test_rating_again_takes_back_what_is_no_longer_so():
    first, second = frames_with(turned(0, 1))
    rate_here()
    assert Frame.objects.get(pk=second.pk).duplicate_of == first

    second.embeddings.all().delete()
    rate_here()

    assert [row[1:] for row in written()] == [(None, None, None, None)] * 2


def test_later_frames_have_no_ratings_until_the_next_time():
    embedder = EmbedderFactory(dimension=2)
    frames_with(turned(0, 30), embedder=embedder)
    rate_here()
    (late,) = frames_with(turned(1), embedder=embedder)

    assert written()[2] == (late.pk, None, None, None, None)
    rate_here()
    assert written()[2][4] is not None


def test_an_embedder_that_is_named_is_compared_by():
    video = VideoFactory()
    frames = [FrameFactory(video=video, phash=0) for _ in range(3)]
    ids = [frame.pk for frame in frames]
    store_frame_vectors(EmbedderFactory(dimension=2), ids, np.array(turned(0, 90, 180), np.float32))
    other = EmbedderFactory(name="onnx:x", version="1", dimension=2)
    store_frame_vectors(other, ids[:2], np.array(turned(0, 0), np.float32))

    assert rate_here()["duplicates"] == 0
    assert rate_here(embedder="onnx:x")["duplicates"] == 1


@pytest.mark.parametrize(
    "asked, named",
    [
        ({"min_similarity": 0.0}, "min_similarity"),
        ({"min_similarity": 1.5}, "min_similarity"),
        ({"max_bits": -1}, "max_bits"),
        ({"max_bits": 64}, "max_bits"),
        ({"embedder": "nope"}, "There are: descriptor"),
    ],
)
def test_what_makes_no_sense_is_refused_and_no_job_is_made(asked, named):
    frames_with(turned(0))

    with pytest.raises(SpecError, match=named):
        start_rating(**asked)
    assert not Job.objects.exists()


def test_one_rating_at_a_time():
    job = start_rating()

    with pytest.raises(RatingError, match=f"jobs cancel {job.pk}"):
        start_rating()
    cancel_job(job=job)
    assert start_rating().pk != job.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_one_is_told_of_the_other():
    refused = []

    def ask():
        try:
            start_rating()
        except RatingError as error:
            refused.append(error.code)
        finally:
            connection.close()

    other = threading.Thread(target=ask)
    with transaction.atomic():
        start_rating()
        other.start()
        other.join(0.3)
    other.join()

    assert refused == ["busy"]
    assert Job.objects.count() == 1


@pytest.fixture
def small_steps(monkeypatch):
    """Every step reports and puts away what it found."""
    monkeypatch.setattr(rating, "TOGETHER", 7)
    monkeypatch.setattr(rating, "PART_S", -1.0)
    monkeypatch.setattr(rating_rows, "BATCH", 9)


def broken_off(job, *, after):
    """Do a job, but begin anew from its last checkpoint after so many steps each; returns how often that was."""
    times = 0
    while True:
        work = rate(job)
        steps = 0
        for progress in work:
            if progress.checkpoint is not None:
                job.checkpoint = dict(progress.checkpoint)
                steps += 1
            if steps == after:
                break
        else:
            return times
        work.close()
        times += 1


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("after", [1, 2, 3])
def test_broken_off_anywhere_it_comes_to_the_same(after):
    vectors = [None if i % 9 == 4 else v for i, v in enumerate(cloud(50))]
    hashes = [i % 4 for i in range(50)]
    frames_with(vectors, hashes=hashes)
    rate_here()
    wanted = written()
    Frame.objects.update(uniqueness=None, typicality=None, outlier_score=None, duplicate_of=None)

    assert broken_off(start_rating(), after=after) > 3

    assert written() == wanted
    assert sum(row[4] is not None for row in wanted) > 5


@pytest.mark.usefixtures("small_steps")
def test_a_worker_does_it_bite_by_bite():
    frames_with(cloud(40))
    job = start_rating()
    bites = 0
    while Job.objects.get(pk=job.pk).state == Job.State.QUEUED:
        work_on(claim_job(job.pk, worker="w"), rate, bite_s=0)
        bites += 1

    assert bites > 5
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.result["frames"]) == (Job.State.DONE, 40)


@pytest.mark.usefixtures("small_steps")
def test_what_was_put_away_is_removed_in_the_end(media):
    frames_with(cloud(40))
    job = start_rating(here=True)
    seen = []
    run_here(job, report=lambda _: seen.append(len(list(media.glob("jobs/*/*.npz")))))

    assert max(seen) > 2
    assert not list(media.glob("jobs/*/*.npz"))


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("step", ["compare", "write"])
@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"PK\x03\x04broken")])
def test_where_what_was_put_away_is_lost_it_is_found_again(media, step, damage):
    frames_with(cloud(40))
    rate_here()
    wanted = written()
    Frame.objects.update(uniqueness=None)
    job = start_rating()
    work = rate(job)
    for progress in work:
        if progress.checkpoint is not None:
            job.checkpoint = dict(progress.checkpoint)
        if job.checkpoint.get("step") == step and job.checkpoint["parts"] > 1:
            break
    work.close()

    damage(sorted(media.glob("jobs/*/*.npz"))[0])

    broken_off(job, after=10**6)
    assert written() == wanted


@pytest.mark.usefixtures("small_steps")
def test_what_a_cancelled_rating_left_is_removed_by_the_next_and_resuming_still_works(media):
    frames_with(cloud(40))
    job = claim_job(start_rating().pk, worker="w")
    while not list(media.glob("jobs/*/*.npz")):
        work_on(job, rate, bite_s=0)
        job = claim_job(job.pk, worker="w")
    cancel_job(job=job)

    rate_here()
    wanted = written()
    assert not list(media.glob("jobs/*/*.npz"))

    resume_job(job=job)
    work_on(claim_job(job.pk, worker="w"), rate, bite_s=None)
    assert written() == wanted


@pytest.mark.usefixtures("small_steps")
def test_frames_that_go_and_come_while_it_is_under_way():
    embedder = EmbedderFactory(dimension=2)
    frames = frames_with(turned(*([0, 1] * 10), *range(20, 100, 4)), embedder=embedder)
    job = start_rating()
    work = rate(job)
    for progress in work:
        if progress.checkpoint is not None:
            job.checkpoint = dict(progress.checkpoint)
        if job.checkpoint.get("parts") == 2:
            break
    work.close()
    frames[0].delete()  # the leader of all the first
    frames[30].delete()  # one not yet looked at
    (late,) = frames_with(turned(0), embedder=embedder)

    broken_off(job, after=10**6)

    rows = {row[0]: row[1:] for row in written()}
    assert rows[late.pk] == (None, None, None, None)
    assert rows[frames[1].pk][3] is None, "its leader is gone"
    assert all(row[0] is not None for pk, row in rows.items() if pk != late.pk)


@pytest.mark.usefixtures("small_steps")
def test_a_leader_that_goes_before_it_is_written_is_no_error(monkeypatch):
    first, second = frames_with(turned(0, 0))
    steps = rating_rows._write

    def late(*args):
        Frame.objects.filter(pk=first.pk).delete()
        steps(*args)

    monkeypatch.setattr(rating_rows, "_write", late)
    rate_here()

    assert [(row[0], row[4]) for row in written()] == [(second.pk, None)]


def test_an_embedder_that_is_gone_ends_it_with_a_reason():
    frames_with(turned(0, 1))
    job = start_rating(here=True)
    Embedder.objects.all().delete()

    with pytest.raises(RatingError, match="descriptor is gone"):
        run_here(job)
    assert Job.objects.get(pk=job.pk).state == Job.State.FAILED


def test_frames_at_the_mean_have_no_vector_to_compare():
    embedder = EmbedderFactory(dimension=2, mean=[0.5, 0.0])
    frames = frames_with([[0.5, 0], [0.5, 0], [0.5, 0.5], [0.9, 0]], embedder=embedder)

    result = rate_here()

    assert result["compared"] == 2
    assert [row[1] is None for row in written()] == [True, True, False, False]
    assert all(row[4] is None for row in written())
    assert len(frames) == 4


def test_many_frames_are_compared_by_an_inverted_file(monkeypatch):
    from curation.core import neighbour_index

    vectors = cloud(600)
    frames_with(vectors)
    rate_here()
    exact = written()

    monkeypatch.setattr(neighbour_index, "EXACT_ROWS", 100)
    rate_here()

    alike = [(one, other) for one, other in zip(exact, written(), strict=True) if one[4] == other[4]]
    assert len(alike) > 570
    assert [row[1] for row in written()] == pytest.approx([row[1] for row in exact], abs=5e-3)
