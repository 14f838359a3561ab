"""The renderer's truth of videos as COCO annotations by frame number: what any import takes in."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.world import RenderedVideo

LABELS = ("person", "jacket")
LEAST_VISIBLE = 0.2
"""Of what is hidden more than this nobody can be asked to find it: it is ignored, as a crowd is."""
PARTLY_VISIBLE = 0.7
_BY = {"source": "human", "by": "the renderer's truth", "confidence": 1.0}


def write_annotations(videos: Sequence[RenderedVideo], path: Path, *, root: Path) -> int:
    """Write all frames of videos below `root`, with their boxes and conditions, as one file; returns how many."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    named = []
    for video_id, video in enumerate(videos, start=1):
        truth = json.loads(video.truth_path.read_text())
        name = video.path.relative_to(root).as_posix()
        named.append({"id": video_id, "name": name})
        for index, boxes in enumerate(truth["boxes"]):
            image = _image(truth, index, video_id=video_id, name=name, image_id=len(images) + 1)
            images.append(image)
            for row in boxes:
                annotations.append({"id": len(annotations) + 1, "image_id": image["id"], **_annotation(row)})
    categories = [{"id": number, "name": label} for number, label in enumerate(LABELS, start=1)]
    plain = {"videos": named, "images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(plain, separators=(",", ":")))
    return len(images)


def conditions_of(truth: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Name what is true of a frame, by the factors of the demo's operating conditions."""
    said = {name: values[index] for name, values in truth["frames"].items()}
    shares = [visible for *_, label, _, _, _, _, visible in truth["boxes"][index] if label == "person"]
    return {
        "lighting": said["lighting"],
        "blurriness": said["blurriness"],
        "weather": said["weather"],
        "glare": said["glare"],
        "reflective_surfaces": said["reflections"],
        "fallen": said["fallen"],
        "people": sum(visible >= LEAST_VISIBLE for visible in shares),
        "occluded": any(LEAST_VISIBLE <= visible < PARTLY_VISIBLE for visible in shares),
    }


def _image(truth: Mapping[str, Any], index: int, *, video_id: int, name: str, image_id: int) -> dict[str, Any]:
    tags = conditions_of(truth, index)
    return {
        "id": image_id,
        "video_id": video_id,
        "frame_id": index,
        "file_name": f"{name.removesuffix('.mp4')}/{index:06d}.jpg",
        "width": truth["width_px"],
        "height": truth["height_px"],
        "winnow": {"camera": truth["camera"], "tags": tags, "evidence": dict.fromkeys(tags, _BY)},
    }


def _annotation(row: Sequence[Any]) -> dict[str, Any]:
    track, label, x1, y1, x2, y2, visible = row
    hidden = {"ignore": True} if visible < LEAST_VISIBLE else {}
    return {
        "category_id": LABELS.index(label) + 1,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": (x2 - x1) * (y2 - y1),
        "iscrowd": 0,
        "track_id": track,
        "attributes": {"visible_fraction": visible, **hidden},
    }
