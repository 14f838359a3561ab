"""Frames of the shared real footage, for tests that need more than one camera."""

from functools import lru_cache
from pathlib import Path

import cv2
import pytest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real data (../shared/data) is not here")


@lru_cache(maxsize=1)
def real_frames(count=8):
    """Return {video name: `count` RGB frames spread over it}, half size."""
    return {path.stem: _frames_of(path, count) for path in sorted((DATA / "videos").glob("*.mp4"))}


def _frames_of(path, count):
    capture = cv2.VideoCapture(str(path))
    wanted = {int(i * capture.get(cv2.CAP_PROP_FRAME_COUNT) / count) for i in range(count)}
    frames = []
    for index in range(max(wanted) + 1):
        if not capture.grab():
            break
        if index in wanted:
            frame = cv2.cvtColor(capture.retrieve()[1], cv2.COLOR_BGR2RGB)
            frames.append(cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return frames
