"""Footage of ordinary days, its frames taken in without labels: what the feedback loop looks through."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from curation.models import DataImport, Job, Keep
from demo.footage import POOL_SEED, clip_of, render_all
from demo.taking_in import asked_for, send_for_frames, take_in
from demo.truth_as_coco import LABELS
from demo.world import RenderedVideo, scripts

NAME, WORLD = "demo-pool", "pool"
FOLDER = "demo-pool-world"


def send_for_pool(folder: Path, *, say: Callable[[str], None]) -> DataImport:
    """Render the footage where it is not there yet, and let the workers keep all of its frames; returns the import.

    They come without labels, and with no tags but what cameras and taggers say."""
    say(f"  rendering {len(scripts(POOL_SEED, world=WORLD))} videos of ordinary days, where they are not there yet …")
    videos = render_all(folder, world=WORLD, seed=POOL_SEED, say=lambda _: None)
    row = _earlier() if not any(video.fresh for video in videos) else None
    return row or _sent_for(videos, folder)


def write_frames(videos: Sequence[RenderedVideo], path: Path, *, root: Path) -> int:
    """Write the frames of videos below `root` as a COCO file in which nobody labelled anything; returns how many."""
    named = [{"id": at, "name": video.path.relative_to(root).as_posix()} for at, video in enumerate(videos, start=1)]
    images: list[dict[str, Any]] = []
    for said, video in zip(named, videos, strict=True):
        truth = json.loads(video.truth_path.read_text(encoding="utf-8"))
        for index in range(video.frame_count):
            images.append(
                {
                    "id": len(images) + 1,
                    "video_id": said["id"],
                    "frame_id": index,
                    "file_name": f"{str(said['name']).removesuffix('.mp4')}/{index:06d}.jpg",
                    "width": truth["width_px"],
                    "height": truth["height_px"],
                    "winnow": {"camera": video.camera, "labelled": False},
                }
            )
    categories = [{"id": number, "name": label} for number, label in enumerate(LABELS, start=1)]
    plain = {"videos": named, "images": images, "annotations": [], "categories": categories}
    path.write_text(json.dumps(plain, separators=(",", ":")), encoding="utf-8")
    return len(images)


def _earlier() -> DataImport | None:
    done = DataImport.objects.filter(name=NAME, job__state=Job.State.DONE)
    return done.filter(pk__in=Keep.objects.values("made_in")).order_by("-id").first()


def _sent_for(videos: Sequence[RenderedVideo], folder: Path) -> DataImport:
    annotations = folder / "instances_pool.json"
    write_frames(videos, annotations, root=folder)
    for video in videos:
        take_in(clip_of(video))
    return send_for_frames(asked_for(folder, name=NAME, format="coco", annotations=str(annotations)))
