"""Believable rows with real pictures, without a detector and in a moment."""

import cv2
import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.factories import (
    CameraFactory,
    CascadeFactory,
    DetectionFactory,
    FrameFactory,
    IntervalFactory,
    RunFactory,
    VideoFactory,
)

LONG_NAME = "recorder-4_main-entrance_2026-01-12T07-30-00_high-bitrate_second-copy_of-the-original.mp4"
NAMES = ("motion", "people_fast", "people")
SPEC = {
    "name": "people",
    "stages": [
        {"name": "motion", "kind": "motion"},
        {"name": "people_fast", "kind": "objects"},
        {"name": "people", "kind": "objects"},
        {"name": "embed", "kind": "embed"},
    ],
}
LOBBY_FRAMES, GATE_FRAMES = 30, 4


def build():
    """Two videos that are done, one at work, one failed; 34 kept frames, those of the gate dark and empty."""
    people = CascadeFactory(name="people", spec=SPEC)
    lobby = _done(people, camera="lobby", name=LONG_NAME, frames=LOBBY_FRAMES, person=True)
    gate = _done(people, camera="gate", name="gate.mp4", frames=GATE_FRAMES, person=False)
    RunFactory(cascade=people, video=VideoFactory(name="yard.mp4"), status="running", stage_index=1)
    VideoFactory(name="broken.mp4", status="failed", error="This is no video: it ends before its index.", duration_s=0)
    return {"lobby": lobby, "gate": gate}


def finish(run):
    """Let a run come to its end, as a worker would."""
    run.status, run.frames_kept, run.stages = "done", 0, _stages(0)
    run.save()


def _done(people, *, camera, name, frames, person):
    video = VideoFactory(camera=CameraFactory(name=camera), name=name)
    run = RunFactory(cascade=people, video=video, stages=_stages(frames), frames_kept=frames)
    for at, stage in enumerate(NAMES):
        IntervalFactory(run=run, stage=stage, start_s=4.0 + at, end_s=20.0 - at)
    return [_frame(run, n * 1_000_000, person=person) for n in range(frames)]


def _frame(run, pts_us, *, person):
    tags = {"people": int(person), "has_people": person, "lighting": "bright" if person else "dark", "motion": True}
    tags |= {"brightness": 200.0 if person else 20.0, "blurriness": "sharp"}
    frame = FrameFactory(video=run.video, pts_us=pts_us, tags=tags)
    left = 40 + pts_us // 100_000 % 400
    picture = np.full((360, 640, 3), 190 if person else 25, np.uint8)
    if person:
        cv2.rectangle(picture, (left, 90), (left + 70, 300), (60, 90, 160), -1)
        DetectionFactory(frame=frame, run=run, stage="people", x1=left, y1=90, x2=left + 70, y2=300)
    default_storage.delete(frame.image)
    default_storage.save(frame.image, ContentFile(cv2.imencode(".jpg", picture)[1].tobytes()))
    return frame


def _stages(kept):
    rows = (("motion", 600, 200, 5.0, 16.0), ("people_fast", 80, 40, 3.0, 14.0), ("people", 30, 28, 9.0, 12.0))
    named = [dict(zip(("name", "frames_in", "frames_out", "cpu_s", "duration_s"), row, strict=True)) for row in rows]
    return [*named, {"name": "embed", "frames_in": kept, "frames_out": kept, "cpu_s": 0.4, "duration_s": 0.0}]
