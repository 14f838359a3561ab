"""Write frames as a surveillance camera would: H.264, a keyframe every few seconds, no B-frames."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from demo.render.arrays import Image

_KEYFRAME_S = 2


def encode(
    path: Path, pictures: Iterable[Image], *, ticks: Sequence[int], fps: int, width_px: int, height_px: int
) -> None:
    """Encode RGB pictures (H, W, 3) uint8 as mp4. Frame i is shown at ticks[i] / fps seconds, exactly.

    The file appears under its name only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.mp4")
    options = {"preset": "superfast", "crf": "25", "bf": "0", "g": str(fps * _KEYFRAME_S), "sc_threshold": "0"}
    with av.open(str(partial), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps, options=options | {"threads": "1"})
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for tick, picture in zip(ticks, pictures, strict=True):
            planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = tick, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    partial.replace(path)
