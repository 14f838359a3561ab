"""A film in which every picture says its time, a detector that knows the truth of it, and a stage's run."""

import numpy as np

from curation.core.chunks import cut_evenly
from curation.core.stages import Before
from curation.core.track_format import join
from curation.core.types import Box, Observations, Span
from tests.curation.core.stages.synthetic import NO_TIMES, Film, S, work


class StampedPicture:
    """A picture whose only content is its time."""

    def __init__(self, pts_us):
        self.pts_us = pts_us

    def rgb(self):
        stamp = np.frombuffer(self.pts_us.to_bytes(8, "little"), np.uint8)
        return np.repeat(stamp[None, :, None], 3, axis=2)


class Truth:
    """A detector that sees what `scores(t_s)` says, and notes when it looked."""

    labels = ("person", "car")

    def __init__(self, scores):
        self.scores = scores
        self.looked_us, self.batches = [], []

    def detect(self, pictures, *, min_score):
        self.batches.append(len(pictures))
        times = [int.from_bytes(picture[0, :, 0].tobytes(), "little") for picture in pictures]
        self.looked_us += times
        return [[box for box in self.boxes(t / S) if box.score >= min_score] for t in times]

    def boxes(self, t_s):
        seen = self.scores(t_s)
        seen = seen if isinstance(seen, dict) else {"person": seen}
        boxes = [Box(label, score, 0, 0, 10, 10) for label, score in seen.items()]
        return sorted(boxes, key=lambda box: -box.score)

    def looked_s(self):
        return [t / S for t in self.looked_us]


def there(*visits, score=0.9):
    """Somebody who is seen during these (start_s, end_s)."""
    return lambda t_s: score if any(start <= t_s < end for start, end in visits) else 0.0


def stamped(duration_s, *, fps=10.0):
    return Film(StampedPicture(round(n * S / fps)) for n in range(round(duration_s * fps)))


def ticks(footage, *, fps=10.0):
    """The times that a motion stage of this rate analyses."""
    first = {int(picture.pts_us * fps // S): picture.pts_us for picture in reversed(footage.pictures)}
    return np.array(sorted(first.values()), np.int64)


def spans_of(*pairs):
    return [Span(round(start * S), round(end * S)) for start, end in pairs]


def after_motion(*moving, times):
    return Before(spans_of(*moving), times, NO_TIMES, follows_dense=True)


def after_stage(track, passed, *moving):
    return Before(spans_of(*moving), passed, np.setdiff1d(track.pts_us, passed), follows_dense=False)


def look_over(stage, footage, detector, before, *, order=None):
    """Look chunk by chunk, each with the film from its beginning, and join what was seen."""
    chunks = cut_evenly(footage.pictures[-1].pts_us + 1, length_us=round(stage.cut_s * S))
    tracks = {}
    for index in order(range(len(chunks))) if order else range(len(chunks)):
        film = Film(footage.pictures)
        tracks[index] = stage.look(work(film, chunks[index], before=before, load_detector=lambda _: detector))
    return join([tracks[index] for index in sorted(tracks)])


def presence(stage, footage, detector, before, *, order=None):
    """The stretches of presence in seconds."""
    track = look_over(stage, footage, detector, before, order=order)
    settled = stage.settle(track, before, end_us=footage.pictures[-1].pts_us + 1)
    return [(span.start_us / S, span.end_us / S) for span in settled]


def looks(*rows):
    """rows: (t_s, score, asked)."""
    return Observations(
        np.array([round(row[0] * S) for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float32),
        [[Box("person", row[1], 0, 0, 1, 1)] for row in rows],
        np.array([row[2] for row in rows], np.bool_),
    )
