"""The ground that a test stands on: its frames, what was taken around them, what looks like them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from activelearning.core.near_in_time import near_in_time
from curation.core.frame_table import FrameTable
from curation.core.spans import union
from curation.core.types import BoolArray, IntArray, Span
from curation.services.holding import Reach, frames_within
from curation.services.look_alikes import LookAlikes
from curation.services.sampling_identity import are_pictures
from evaluation.core.visits import Grouping
from evaluation.models import EventStretch, TestRun
from evaluation.services.prediction_frames import ids_of
from evaluation.services.suites import spec_of

COPY = Reach(min_similarity=0.999, max_bits=1)
"""What looks so much like a frame of the test that a model which learnt it knows the answer.

A fixed camera's pictures are all alike: two visits days apart have a similarity of 0.95 and more, and often the same
perceptual hash. What keeps visits apart is time; likeness is for copies."""


@dataclass(frozen=True)
class Ground:
    """frame_ids are the test's; stretches, by video, the footage that its scenarios over time are about.

    A frame within gap_s of one of the test's is of the same visit. With is_whole a whole video is one piece of
    evidence, so that no frame of one that is in the test can be had."""

    frame_ids: IntArray
    gap_s: float = Grouping().gap_s
    is_whole: bool = False
    stretches: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    def beside(self, table: FrameTable) -> BoolArray:
        """Tell which of a table's (N,) frames were taken within the gap of one of the test: in the same video, or by
        the same camera by its clock, whichever file they are in. The test's own frames are among them."""
        is_test = table.among(self.frame_ids)
        if not is_test.any():
            return is_test
        frames, gap_us = table.frames, round(self.gap_s * 1e6)
        video, found = frames["video_id"].to_numpy(), is_test.copy()
        # The pts of single pictures only gives them an order.
        footage = ~are_pictures(table)
        if self.is_whole:
            found |= footage & np.isin(video, video[is_test & footage])
        rows = np.flatnonzero(footage & np.isin(video, video[is_test]))
        found[rows] |= near_in_time(video[rows], frames["pts_us"].to_numpy()[rows], is_test[rows], gap_us=gap_us)
        clock, camera = frames["recorded_at"], frames["camera_id"].to_numpy()
        rows = np.flatnonzero(clock.is_not_null().to_numpy() & np.isin(camera, camera[is_test]))
        clock_us = clock.gather(rows).to_physical().to_numpy()
        found[rows] |= near_in_time(camera[rows], clock_us, is_test[rows], gap_us=gap_us)
        return found

    def in_footage(self, table: FrameTable) -> BoolArray:
        """Tell which of a table's (N,) frames lie in footage that scenarios over time are about."""
        return table.among(np.asarray(frames_within(self.stretches), np.int64))

    def alike(self, frame_ids: IntArray, *, reach: Reach) -> tuple[IntArray, int]:
        """Return those of the frames that look like one of the test, by vector or perceptual hash, and how many of them
        and of the test's have neither."""
        if not len(frame_ids) or not len(self.frame_ids):
            return np.zeros(0, np.int64), 0
        likes = LookAlikes(self.frame_ids.tolist())
        found = likes.among(
            frame_ids.tolist(), min_similarity=reach.min_similarity, max_bits=reach.max_bits, trusts_vectors=True
        )
        return np.asarray([one.frame_id for one in found], np.int64), likes.compared.uncompared + likes.compared.blind


def ground_of(run: TestRun) -> Ground:
    """Return the ground of a test run: of its dataset version, and of the events that its suite asks for."""
    spec = spec_of(run.suite)
    names = {one.events for one in spec.scenarios if one.events}
    stretches: dict[int, list[Span]] = {}
    rows = EventStretch.objects.filter(event_set__name__in=names).order_by("video_id", "start_us")
    for video_id, start_us, end_us in rows.values_list("video_id", "start_us", "end_us"):
        stretches.setdefault(video_id, []).append(Span(start_us, end_us))
    return Ground(
        frame_ids=np.zeros(0, np.int64) if run.version is None else ids_of(run.version),
        gap_s=spec.group_by.gap_s,
        is_whole=spec.group_by.kind == "video",
        stretches={video: union(spans) for video, spans in stretches.items()},
    )
