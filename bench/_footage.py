"""Footage of a fixed camera whose truth is known to the frame, made once and kept in the data folder."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from curation.backends.detect.weights import data_dir
from curation.core.types import Image, Span

VERSION = 1
_NOISE_SHIFT = 12


@dataclass(frozen=True, kw_only=True)
class Walker:
    """Somebody who comes out behind one edge and goes behind another, at the pace of a walk."""

    start_s: float
    height_px: int
    feet_px: int
    luma: int
    left_px: int
    right_px: int
    leftwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a video shows, and how it is coded."""

    walkers: tuple[Walker, ...]
    duration_s: float = 60.0
    width_px: int = 1920
    height_px: int = 1080
    fps: int = 25
    keyframe_frames: int = 50
    bits_per_s: int = 2_000_000
    noise: float = 2.0
    """Standard deviation of the sensor noise, grey levels."""

    @property
    def frame_count(self) -> int:
        return round(self.duration_s * self.fps)


CROSSINGS = Recipe(
    walkers=(
        Walker(start_s=8.0, height_px=420, feet_px=960, luma=60, left_px=300, right_px=950),
        Walker(start_s=25.2, height_px=180, feet_px=620, luma=190, left_px=1150, right_px=1450, leftwards=True),
        Walker(start_s=39.6, height_px=560, feet_px=1040, luma=150, left_px=900, right_px=1550),
        Walker(start_s=52.4, height_px=110, feet_px=520, luma=40, left_px=600, right_px=730, leftwards=True),
    )
)
"""About 15% active, with people near and far, dark and bright."""


@dataclass(frozen=True)
class Footage:
    """A video on disk and the stretches in which anybody is in the picture."""

    path: Path
    truth: list[Span]

    @property
    def active_us(self) -> int:
        return sum(span.end_us - span.start_us for span in self.truth)


def make_footage(recipe: Recipe, *, name: str) -> Footage:
    """Film a recipe, or take what an earlier call filmed."""
    path = cache_dir() / f"{name}.mp4"
    truth_path = path.with_suffix(".json")
    wanted = {"version": VERSION, "recipe": json.loads(json.dumps(asdict(recipe)))}
    if path.exists() and truth_path.exists():
        known = json.loads(truth_path.read_text())
        if {key: known[key] for key in wanted} == wanted:
            return Footage(path, [Span(*pair) for pair in known["truth_us"]])
    truth_path.unlink(missing_ok=True)
    shown = _encode(recipe, path)
    truth = _stretches(shown, recipe.fps)
    truth_path.write_text(json.dumps(wanted | {"truth_us": [[span.start_us, span.end_us] for span in truth]}))
    return Footage(path, truth)


def cache_dir() -> Path:
    """Return the folder for what benchmarks make, which may be deleted at any time."""
    folder = data_dir() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _encode(recipe: Recipe, path: Path) -> list[bool]:
    """Write the video; return for each frame whether anybody is in it."""
    shown = []
    options = {"preset": "superfast", "bf": "0", "g": str(recipe.keyframe_frames), "sc_threshold": "0", "threads": "2"}
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=recipe.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = recipe.width_px, recipe.height_px, "yuv420p"
        stream.bit_rate = recipe.bits_per_s
        stream.codec_context.time_base = Fraction(1, recipe.fps)
        for index, (planes, is_shown) in enumerate(_pictures(recipe)):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, recipe.fps)
            container.mux(stream.encode(frame))
            shown.append(is_shown)
        container.mux(stream.encode())
    return shown


def _pictures(recipe: Recipe) -> Iterator[tuple[Image, bool]]:
    """Yield (H * 3 / 2, W) planes of YUV 4:2:0, and whether anybody is in the picture."""
    rng = np.random.default_rng(7)
    width, height = recipe.width_px, recipe.height_px
    backdrop = _backdrop(rng, width=width, height=height)
    field = rng.normal(_NOISE_SHIFT, recipe.noise, (height + 128, width + 128))
    noise = np.clip(np.round(field), 0, 255).astype(np.uint8)
    for index in range(recipe.frame_count):
        planes = backdrop.copy()
        walking = [_draw(planes[:height], walker, index / recipe.fps) for walker in recipe.walkers]
        top, left = rng.integers(0, 128, 2)
        grain = noise[top : top + height, left : left + width]
        planes[:height] = cv2.addWeighted(planes[:height], 1.0, grain, 1.0, -_NOISE_SHIFT)
        yield planes, any(walking)


def _backdrop(rng: np.random.Generator, *, width: int, height: int) -> Image:
    """A textured wall and floor with things before them: (H * 3 / 2, W) planes."""
    luma = np.full((height, width), 118.0, np.float32)
    for cells, strength in ((8, 20.0), (30, 10.0), (120, 7.0), (480, 5.0)):
        coarse = rng.normal(0, strength, (cells * 9 // 16 + 1, cells)).astype(np.float32)
        luma += np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    luma[height * 2 // 5 :] -= 22
    for _ in range(24):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height * 2 // 3))
        size = (int(rng.integers(30, 260)), int(rng.integers(30, 300)))
        luma[y : y + size[1], x : x + size[0]] += np.float32(rng.normal(0, 28))
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = np.clip(luma, 24, 228).astype(np.uint8)
    return planes


def _draw(luma: Image, walker: Walker, time_s: float) -> bool:
    """Draw somebody in mid-stride; return whether any of it is in the picture."""
    tall = walker.height_px
    window = luma[:, walker.left_px : walker.right_px]
    width = window.shape[1]
    # 1.4 m/s for somebody of 1.75 m.
    walked = 0.8 * tall * (time_s - walker.start_s) - 0.25 * tall
    if not -0.25 * tall <= walked <= width + 0.25 * tall:
        return False
    x = width - walked if walker.leftwards else walked
    before = window.copy()
    swing = 0.5 * float(np.sin(2 * np.pi * 0.9 * time_s))
    hip, shoulder = walker.feet_px - 0.48 * tall, walker.feet_px - 0.82 * tall
    for side in (1, -1):
        _limb(window, x, hip, side * swing, length=0.48 * tall, thick=0.085 * tall, shade=walker.luma - 25)
        _limb(window, x, shoulder, -side * swing, length=0.36 * tall, thick=0.06 * tall, shade=walker.luma + 15)
    _ellipse(window, x, (hip + shoulder) / 2, 0.11 * tall, 0.20 * tall, walker.luma)
    _ellipse(window, x, walker.feet_px - 0.92 * tall, 0.055 * tall, 0.08 * tall, walker.luma + 30)
    return bool((window != before).any())


def _limb(luma: Image, x: float, y: float, angle: float, *, length: float, thick: float, shade: int) -> None:
    end = (round(x + length * float(np.sin(angle))), round(y + length * float(np.cos(angle))))
    cv2.line(luma, (round(x), round(y)), end, _grey(shade), max(1, round(thick)), cv2.LINE_AA)


def _ellipse(luma: Image, x: float, y: float, half_width: float, half_height: float, shade: int) -> None:
    axes = (max(1, round(half_width)), max(1, round(half_height)))
    cv2.ellipse(luma, (round(x), round(y)), axes, 0, 0, 360, _grey(shade), -1, cv2.LINE_AA)


def _grey(shade: int) -> tuple[int]:
    return (min(max(shade, 16), 235),)


def _stretches(shown: list[bool], fps: int) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], shown, [False])).astype(np.int8)))
    return [Span(round(a * 1e6 / fps), round(b * 1e6 / fps)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
