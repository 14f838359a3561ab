"""A model looks through footage: each tick once, in parts that any worker goes on with."""

import numpy as np
import pytest

from curation.backends import storage
from curation.core.errors import SpecError
from curation.core.types import Box, Span
from curation.models import HoldoutBlock, Job, Video
from curation.services.ingest import register
from curation.services.job_kinds import run_here
from curation.services.jobs import cancel_job, claim_job, resume_job, work_on
from curation.services.looking import open_footage
from evaluation.core.looks import encode, looks_of
from evaluation.core.metrics.contract import EventPart
from evaluation.core.metrics.event_recall import EventRecall
from evaluation.models import Look
from evaluation.services import looking_through
from evaluation.services.events import import_events
from evaluation.services.footage import footage_evidence, looks_at, read_looks
from evaluation.services.looking_through import LooksMissing, look_through, missing_looks, request_looks
from evaluation.services.model_registry import ModelError
from tests.evaluation.factories import (
    EventFactory,
    EventSetFactory,
    EventStretchFactory,
    LookFactory,
    ModelVersionFactory,
)
from tests.evaluation.services.test_events import one, told
from tests.factories import DatasetVersionFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


class Brightness:
    """Sees light with the picture's mean as the score, and a thing at each edge."""

    labels = ("light", "edge")

    def __init__(self):
        self.asked = 0

    def detect(self, pictures, *, min_score):
        self.asked += len(pictures)
        return [
            [Box("light", float(np.float32(picture.mean() / 255)), 0, 0, 9, 9), Box("edge", 0.5, 1, 1, 2, 2)]
            for picture in pictures
        ]


@pytest.fixture
def detector(monkeypatch):
    made = Brightness()
    monkeypatch.setattr(looking_through, "detector_of", lambda model: made)
    monkeypatch.setattr(looking_through, "PART", 7)
    return made


@pytest.fixture
def model():
    return ModelVersionFactory(name="toy", detector="toy:1", labels=["light", "edge"], label_map={"light": "person"})


@pytest.fixture
def video(media, tiny_footage):
    return register(path=tiny_footage, name="tiny.mp4", camera="gate").video


def looked(model, video, **more):
    return run_here(request_looks(model=model, videos=[video], here=True, **more))


def expected(video, fps):
    """Every tick's first picture at or after it, by reading the whole video."""
    with open_footage(video) as footage:
        seen = [(one.pts_us, one.rgb().mean() / 255) for one in footage.frames(Span(0, 10**12))]
    pts = [next((p for p, _ in seen if p >= round(k * 1e6 / fps)), None) for k in range(int(video.duration_s * fps))]
    return [(p, pytest.approx(dict(seen)[p])) for p in dict.fromkeys(pts) if p is not None]


@pytest.mark.parametrize("fps", [2.0, 3.0, 25.0])
def test_each_tick_is_looked_at_once(model, video, detector, media, fps):
    done = looked(model, video, fps=fps)

    look = Look.objects.get()
    looks = read_looks(look)
    assert list(zip(looks.pts_us.tolist(), looks.best(["light"]).tolist(), strict=True)) == expected(video, fps)
    assert detector.asked == look.look_count == len(looks.pts_us) == done.result["looks"]
    assert (look.end_us, look.fps, look.min_score) == (20_000_000, fps, 0.05)
    assert done.result["reused"] == 0
    assert (done.done, done.total) == (look.look_count, int(20 * fps)) if fps < 10 else True
    # Nothing of the work in between is left.
    assert [path.name for path in media.rglob("looks-*")] == []


def test_a_worker_goes_on_where_another_stopped(model, video, detector):
    job = request_looks(model=model, videos=[video])
    bites = 0
    while not work_on(claim_job(job.pk, worker=f"w{bites}"), look_through, bite_s=0):
        bites += 1
    assert bites > 5
    assert detector.asked == 40
    in_bites = read_looks(Look.objects.get())
    Look.objects.all().delete()
    looked(model, video)
    at_once = read_looks(Look.objects.get())
    assert in_bites.pts_us.tolist() == at_once.pts_us.tolist()
    assert in_bites.score.tolist() == at_once.score.tolist()


def test_what_was_put_away_and_is_gone_is_looked_at_again(model, video, detector, media):
    job = request_looks(model=model, videos=[video])
    for _ in range(3):
        work_on(claim_job(job.pk, worker="w"), look_through, bite_s=0)
    (first, *_) = sorted(media.rglob("looks-*"))
    first.write_bytes(b"broken")
    done = run_here(Job.objects.get(pk=job.pk))
    assert Look.objects.get().look_count == done.result["looks"] == 40
    assert detector.asked > 40


def test_a_cancelled_look_leaves_nothing_once_another_begins(model, video, detector, media):
    job = request_looks(model=model, videos=[video])
    work_on(claim_job(job.pk, worker="w"), look_through, bite_s=0)
    work_on(claim_job(job.pk, worker="w"), look_through, bite_s=0)
    cancel_job(job=job)
    assert list(media.rglob("looks-*"))
    looked(model, video)
    assert list(media.rglob("looks-*")) == []
    resume_job(job=job)
    assert run_here(Job.objects.get(pk=job.pk)).result["reused"] == 1


def test_what_was_looked_at_is_not_looked_at_again(model, video, detector):
    looked(model, video)
    asked = detector.asked
    assert looked(model, video, min_score=0.2).result["reused"] == 1
    assert detector.asked == asked
    # Lower scores were not kept; other ticks were not looked at.
    assert looked(model, video, min_score=0.01).result["reused"] == 0
    assert looked(model, video, fps=1.0).result["reused"] == 0
    assert Look.objects.count() == 3
    assert looks_at([video], model=model, fps=2.0)[video.pk].min_score == 0.01


def test_a_video_that_is_shorter_than_its_header_says_is_looked_at_as_far_as_it_goes(model, video, detector):
    Video.objects.update(duration_s=30)
    looked(model, Video.objects.get())
    assert Look.objects.get().end_us == 20_000_000
    made = EventSetFactory()
    EventStretchFactory(event_set=made, video=video, end_us=30_000_000)
    EventFactory(event_set=made, video=video, start_us=5_000_000, end_us=8_000_000)
    EventFactory(event_set=made, video=video, start_us=19_000_000, end_us=22_000_000)
    seen = footage_evidence(made, model)
    assert [(s.start_us, s.end_us, s.events) for s in seen.stretches] == [
        (0, 19_000_000, ((5_000_000, 8_000_000),)),
    ]


@pytest.mark.parametrize(
    "more, says",
    [
        ({"fps": 0}, "fps is 0"),
        ({"fps": float("nan")}, "fps is nan"),
        ({"min_score": 0}, "min_score"),
        ({"videos": []}, "no video"),
    ],
)
def test_what_makes_no_sense_is_refused(model, more, says):
    with pytest.raises(SpecError, match=says):
        request_looks(**{"model": model, "videos": [VideoFactory()], **more})
    assert not Job.objects.exists()


def test_a_model_without_weights_or_a_video_without_pictures_cannot_look(model):
    with pytest.raises(ModelError, match="no weights"):
        request_looks(model=ModelVersionFactory(), videos=[VideoFactory()])
    for video in (VideoFactory(kind=Video.Kind.PICTURES), VideoFactory(status=Video.Status.FAILED)):
        with pytest.raises(SpecError, match="no readable footage"):
            request_looks(model=model, videos=[video])


def test_the_evidence_is_truth_beside_looks(model, video, detector):
    made, _ = import_events(name="visits", told=told(one("tiny.mp4", intervals=[(5, 8)]), one("tiny.mp4", "car", [])))
    with pytest.raises(LooksMissing, match=r"manage\.py events look toy --events visits --fps 2 --wait"):
        footage_evidence(made, model)
    (job,) = missing_looks(event_set="visits", model=model)
    assert missing_looks(event_set=made, model=model) == [job]
    run_here(job)
    assert missing_looks(event_set=made, model=model) == []

    seen = footage_evidence("visits", model)

    car, person = seen.stretches
    assert (car.label, person.label, person.camera) == ("car", "person", "gate")
    assert person.events == ((5_000_000, 8_000_000),)
    # The model's light counts as a person; it knows no cars.
    assert person.scores.min() > 0
    assert not car.scores.any()
    assert (seen.group_count, seen.least_score) == (1, 0.05)
    (recall,) = EventRecall(score=0.05).measure(EventPart(seen, np.ones(2, bool)), np.ones((1, 1), np.int32))
    assert recall == 1
    assert [one.label for one in footage_evidence("visits", model, labels=["car"]).stretches] == ["car"]


def test_held_stretches_are_left_out_unless_it_is_final(model):
    made, video = EventSetFactory(), VideoFactory(duration_s=300)
    EventStretchFactory(event_set=made, video=video, end_us=300_000_000)
    for start_s in (20, 100, 200):
        EventFactory(event_set=made, video=video, start_us=start_s * 10**6, end_us=(start_s + 10) * 10**6)
    HoldoutBlock.objects.create(
        version=DatasetVersionFactory(), video=video, start_us=105_000_000, end_us=150_000_000
    )  # fmt: skip
    LookFactory(model=model, video=video, end_us=300_000_000, file=stored_nothing())

    def told_of(**more):
        seen = footage_evidence(made, model, **more)
        return sum(len(s.events) for s in seen.stretches), sum(s.end_us - s.start_us for s in seen.stretches) // 10**6

    assert told_of() == (2, 250)
    assert told_of(is_final=True) == (3, 300)


def stored_nothing():
    storage.put_bytes("looks/nothing.npz", encode(looks_of([], [])))
    return "looks/nothing.npz"


def test_a_file_that_is_gone_is_told_with_what_to_do(model):
    made, video = EventSetFactory(), VideoFactory()
    EventStretchFactory(event_set=made, video=video)
    LookFactory(model=model, video=video, file="looks/gone.npz")
    with pytest.raises(LooksMissing, match="gone or damaged"):
        footage_evidence(made, model)
