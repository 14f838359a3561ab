"""The demo's footage: the world of seed 7, rendered once, on as many cores as there are."""

import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.world import RenderedVideo, render_video, scripts

DEMO_CASCADE = Path(__file__).parent / "cascade.yaml"
DEMO_SEED = 7
TRIAL_SEED = 404
"""Of the footage that the demo's detector is tested on: another one than it was taught with, and than the demo's."""
POOL_SEED = 505
"""Of the footage that nobody has labelled yet, which the feedback loop looks through."""


@dataclass(frozen=True)
class Clip:
    """A file to take in, and what is known about it."""

    path: Path
    camera: str
    recorded_at: datetime | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


def demo_world(folder: Path, *, say: Callable[[str], None], seed: int = DEMO_SEED) -> list[Clip]:
    """Render what is not there yet of the world that the cascade is shown, and return the clips."""
    return [clip_of(video) for video in render_all(folder, world="full", seed=seed, say=say)]


def render_all(folder: Path, *, world: str, seed: int, say: Callable[[str], None]) -> list[RenderedVideo]:
    """Render what is not there yet of a world, and say so of each video."""
    jobs = [(folder, world, seed, index) for index in range(len(scripts(seed, world=world)))]
    processes = min(os.cpu_count() or 1, len(jobs))
    # A rendered video is a process's work of seconds; threads would wait for each other. Of many, neighbours stay
    # together: they share a camera, whose surroundings each process works out for itself.
    together = max(1, len(jobs) // (4 * processes))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        done = []
        for video in pool.imap(_render, jobs, together):
            done.append(video)
            if video.fresh:
                say(f"  rendered {video.camera}/{video.path.name} ({video.duration_s:.0f} s of footage)")
    return done


def _render(job: tuple[Path, str, int, int]) -> RenderedVideo:
    folder, world, seed, index = job
    script = scripts(seed, world=world)[index]
    return render_video(script, folder / script.camera / f"{script.name}.mp4", seed=seed)


def clip_of(video: RenderedVideo) -> Clip:
    """Read from its truth what is known of a rendered video."""
    truth = json.loads(video.truth_path.read_text())
    recorded_at = datetime.fromisoformat(truth["recorded_at"])
    return Clip(
        video.path,
        camera=video.camera,
        recorded_at=recorded_at if recorded_at.tzinfo else recorded_at.replace(tzinfo=UTC),
        attributes=truth["attributes"],
    )
