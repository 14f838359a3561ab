"""A test of a model that is blind at night, footage that nobody labelled, and the round that is made of them."""

import io

import numpy as np
from PIL import Image

from activelearning.core.shipped import shipped
from curation.backends import storage
from curation.services.job_kinds import run_here
from evaluation.models import PredictedFrame, Prediction
from evaluation.services.suites import save_suite
from evaluation.services.test_records import find_run
from evaluation.services.testing import request_test
from tests.activelearning.factories import a_round
from tests.evaluation.factories import PredictionRunFactory
from tests.evaluation.world import BOX, SUITE, by_day, seen, street
from tests.factories import FrameFactory, VideoFactory

COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (30, 40, 200)}
PATTERNS = {"red": 1, "green": 4, "blue": 0}


def ended(work):
    """Run a generator of progress to its end; returns what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def run_of(model, text=SUITE, **asked):
    """Hold a model against a suite; returns the test run."""
    suite, _ = save_suite(text=text)
    run = request_test(suite=suite, model=model, here=True, **asked)
    run_here(run.job)
    return find_run(run.pk)


def blind_at_night(count=4, **values):
    """Make street@1, a model that finds nobody at night, its test run, and a round about the night.

    In the storage the people of the night wear red, those of the day green."""
    version = street(count)
    for frame in [member.frame for member in version.members.select_related("frame")]:
        paint(frame, "green" if by_day(frame) else "red")
    run = run_of(seen(version, "v1", finds=by_day))
    return a_round(run, **({"scenarios": ["night"]} | values))


def footage(count, colour, *, frames=1, apart_s=60.0, **values):
    """Make videos that nobody labelled, in which somebody wears a colour; returns the frames."""
    made = []
    for _ in range(count):
        video = VideoFactory(recorded_at=None, duration_s=3600.0)
        for n in range(frames):
            frame = FrameFactory(video=video, pts_us=round(n * apart_s * 1e6), **values)
            paint(frame, colour)
            made.append(frame)
    return made


def predicted(model, frames, *, score=0.2, label="person", box=BOX):
    """Write down that a model sees a box in each of some frames; returns the run."""
    run = PredictionRunFactory(model=model, version=None, frame_count=len(frames))
    PredictedFrame.objects.bulk_create(PredictedFrame(run=run, frame=frame) for frame in frames)
    x1, y1, x2, y2 = box
    Prediction.objects.bulk_create(
        Prediction(run=run, frame=frame, label=label, score=score, x1=x1, y1=y1, x2=x2, y2=y2) for frame in frames
    )
    return run


def paint(frame, colour, *, box=BOX):
    """Put a picture of a frame into the storage: noise that is its own, and somebody in a box."""
    chance = np.random.default_rng(frame.pk)
    coarse = chance.integers(60, 200, (9, 16, 3), np.uint8)
    rgb = np.asarray(Image.fromarray(coarse).resize((frame.width_px, frame.height_px), Image.Resampling.BICUBIC)).copy()
    x1, y1, x2, y2 = map(int, box)
    rgb[y1:y2, x1:x2] = COLOURS[colour]
    stripes = PATTERNS[colour]
    for n in range(stripes):
        rgb[y1 + 5 + n * 20 : y1 + 12 + n * 20, x1:x2] = 240
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=92)
    storage.put_bytes(frame.image, file.getvalue())


def strategy(name="default", **changes):
    """Return a shipped strategy as rounds store it, with some values changed."""
    return shipped(name).to_dict() | changes
