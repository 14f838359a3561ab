"""The truth as annotations: what is hardly visible is ignored, conditions become tags with their source."""

import json
from pathlib import Path

import pytest

from curation.core.formats.coco import Coco
from demo.truth_as_coco import conditions_of, write_annotations
from demo.world import RenderedVideo

FIELDS = {
    "lighting": "dark", "level": 30, "blurriness": "sharp", "lens_px": 0.0, "motion": True, "people": 2,
    "weather": "rain", "glare": False, "reflections": True, "noise": 2.0,
    "fallen": False,
}  # fmt: skip


def truth_of(*frames):
    return {
        "camera": "gate",
        "width_px": 640,
        "height_px": 360,
        "frames": {name: [value] * len(frames) for name, value in FIELDS.items()},
        "boxes": [list(boxes) for boxes in frames],
    }


def person(visible, *, label="person", track=0):
    return [track, label, 10.0, 20.0, 30.0, 60.0, visible]


def written(folder: Path, *frames):
    video = folder / "gate" / "20260504T220000.mp4"
    video.parent.mkdir()
    video.write_bytes(b"")
    truth = video.with_suffix(".truth.json")
    truth.write_text(json.dumps(truth_of(*frames)))
    rendered = RenderedVideo(
        path=video, truth_path=truth, camera="gate", frame_count=len(frames), fps=1, fresh=True
    )  # fmt: skip
    assert write_annotations([rendered], folder / "truth.json", root=folder) == len(frames)
    return folder / "truth.json"


@pytest.mark.parametrize(
    "shares, people, occluded",
    [([], 0, False), ([1.0], 1, False), ([0.7], 1, False), ([0.69], 1, True), ([0.2], 1, True), ([0.19], 0, False)],
)
def test_people_and_hiding_follow_from_what_is_visible(shares, people, occluded):
    said = conditions_of(truth_of([person(share) for share in shares]), 0)
    assert (said["people"], said["occluded"]) == (people, occluded)
    assert said["lighting"] == "dark"
    assert said["weather"] == "rain"


def test_hidden_jacket_hides_nobody():
    assert not conditions_of(truth_of([person(1.0), person(0.3, label="jacket")]), 0)["occluded"]


def test_import_reads_frames_boxes_and_tags_as_they_were_meant(tmp_path):
    path = written(tmp_path, [person(0.9), person(0.1, track=1)], [])
    reading = Coco().read(path)
    first, second = reading.pictures
    assert reading.skips.total == 0
    assert (first.sequence, first.frame_index, first.camera) == ("gate/20260504T220000.mp4", 0, "gate")
    seen, hidden = first.boxes
    assert (seen.label, seen.x1, seen.y1, seen.x2, seen.y2) == ("person", 10.0, 20.0, 30.0, 60.0)
    assert seen.attributes == {"visible_fraction": 0.9}
    assert hidden.attributes == {"visible_fraction": 0.1, "ignore": True}
    assert hidden.track_id == 1
    assert first.tags["weather"] == "rain"
    assert first.evidence["weather"] == {"source": "human", "by": "the renderer's truth", "confidence": 1.0}
    assert second.boxes == []
    assert second.tags["people"] == 0
