"""Footage of the demo world in memory, with its truth: what bench/loop.py learns from and is tested on."""

import json
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from curation.core.types import IntArray
from demo.footage import render_all
from demo.truth_as_coco import LEAST_VISIBLE

LABELS = ("jacket", "person")
Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class TrueBox:
    """A box, `xyxy` in pixels; of one that is_hidden nobody can be asked to find it."""

    label: str
    xyxy: tuple[float, float, float, float]
    is_hidden: bool


@dataclass(frozen=True)
class Footage:
    """(N,) frames in order of video and time; pictures (N, H, W, 3) RGB. fallen: whether somebody lies there."""

    pictures: Pictures
    boxes: tuple[tuple[TrueBox, ...], ...]
    video: IntArray
    camera: IntArray
    pts_us: IntArray
    fallen: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.video)

    def only(self, rows: IntArray) -> "Footage":
        boxes = tuple(self.boxes[row] for row in rows)
        return Footage(
            self.pictures[rows], boxes, self.video[rows], self.camera[rows], self.pts_us[rows], self.fallen[rows]
        )


def footage(folder: Path, *, world: str, seed: int) -> Footage:
    """Render a world below a folder where it is not there yet, and read it."""
    videos = sorted(render_all(folder, world=world, seed=seed, say=lambda _: None), key=lambda video: str(video.path))
    cameras = sorted({video.camera for video in videos})
    pictures: list[Pictures] = []
    boxes: list[tuple[TrueBox, ...]] = []
    columns: list[tuple[int, int, int, bool]] = []
    for number, video in enumerate(videos):
        truth = json.loads(video.truth_path.read_text(encoding="utf-8"))
        with av.open(str(video.path)) as container:
            pictures += [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]
        for index, rows in enumerate(truth["boxes"]):
            boxes.append(tuple(TrueBox(row[1], tuple(row[2:6]), row[6] < LEAST_VISIBLE) for row in rows))
            pts_us = round(truth["times_s"][index] * 1e6)
            columns.append((number, cameras.index(video.camera), pts_us, truth["frames"]["fallen"][index]))
    video_of, camera_of, pts_of, fallen = zip(*columns, strict=True)
    return Footage(
        np.stack(pictures), tuple(boxes), np.array(video_of), np.array(camera_of), np.array(pts_of),
        np.array(fallen, np.bool_),
    )  # fmt: skip
