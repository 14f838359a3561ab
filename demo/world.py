"""A small world of fixed cameras that can be filmed, and of which the truth is known.

    python -m demo.world --out FOLDER --seed 7

writes `FOLDER/<camera>/<YYYYMMDDTHHMMSS>.mp4` with `<name>.truth.json` beside each video."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo.render.arrays import Image
from demo.render.cameras import CAMERAS, Camera
from demo.render.compose import frames
from demo.render.encode import encode
from demo.render.people import Look, Walk
from demo.render.schedule import scripts
from demo.render.script import Condition, Script
from demo.render.truth import Box, FrameTruth, write_truth

__all__ = [
    "Box", "Camera", "Condition", "FrameTruth", "Look", "RenderedVideo", "Script", "Walk",
    "cameras", "frames", "render_video", "render_world", "scripts",
]  # fmt: skip

VERSION = 3
"""Raised whenever the same seed gives other pictures, so that footage on disk is rendered again."""


@dataclass(frozen=True, kw_only=True)
class RenderedVideo:
    """A video on disk and its truth. `fresh` is False if it was there already."""

    path: Path
    truth_path: Path
    camera: str
    frame_count: int
    fps: int
    fresh: bool

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frame_count / self.fps


def cameras() -> tuple[Camera, ...]:
    """Give the world's cameras."""
    return tuple(CAMERAS.values())


def render_world(folder: Path, *, seed: int = 7, world: str = "full") -> list[RenderedVideo]:
    """Render a world ("full", "tiny", "test" or "pool") under folder/<camera>/, skipping videos that are there."""
    return list(_render_each(folder, seed=seed, world=world))


def _render_each(folder: Path, *, seed: int, world: str) -> Iterator[RenderedVideo]:
    for script in scripts(seed, world=world):
        yield render_video(script, folder / script.camera / f"{script.name}.mp4", seed=seed)


def render_video(script: Script, path: Path, *, seed: int) -> RenderedVideo:
    """Render a script to an mp4 with its truth beside it, unless both are there from the same script and seed."""
    truth_path = path.with_suffix(".truth.json")
    fresh = not (path.exists() and _is_current(truth_path, script, seed))
    if fresh:
        truth_path.unlink(missing_ok=True)
        truths: list[FrameTruth] = []

        def pictures() -> Iterator[Image]:
            for picture, truth in frames(script, seed):
                truths.append(truth)
                yield picture

        encode(
            path, pictures(), ticks=script.ticks, fps=script.fps, width_px=script.width_px, height_px=script.height_px
        )
        write_truth(truth_path, video=path, script=script, seed=seed, version=VERSION, frames=truths)
    return RenderedVideo(
        path=path,
        truth_path=truth_path,
        camera=script.camera,
        frame_count=script.frame_count,
        fps=script.fps,
        fresh=fresh,
    )


def _is_current(truth_path: Path, script: Script, seed: int) -> bool:
    """The truth is written last, so it marks a video that is whole."""
    if not truth_path.exists():
        return False
    try:
        known = json.loads(truth_path.read_text())
    except json.JSONDecodeError:
        return False
    found = (
        known.get("seed"),
        known.get("version"),
        known.get("camera"),
        known.get("width_px"),
        len(known.get("boxes", ())),
    )
    return found == (seed, VERSION, script.camera, script.width_px, script.frame_count)


def main(arguments: list[str] | None = None) -> int:
    """Render the world from the command line, one line a video."""
    parser = argparse.ArgumentParser(description="Render the demo world's footage and its truth.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--world", choices=("full", "tiny", "test", "pool"), default="full")
    options = parser.parse_args(arguments)
    total = len(scripts(options.seed, world=options.world))
    started = time.perf_counter()
    for number, video in enumerate(_render_each(options.out, seed=options.seed, world=options.world), start=1):
        what = "rendered" if video.fresh else "kept"
        spent_s = time.perf_counter() - started
        print(
            f"[{number}/{total}] {what} {video.path} ({video.duration_s:.0f} s of footage, {spent_s:.1f} s so far)",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
