"""A frame of which nothing is known, for the taggers' truth tables."""

from curation.core.signals import PictureSignals
from curation.core.taggers import FrameView
from curation.core.types import Box


def view(*, brightness=100.0, contrast=40.0, blur=0.3, **known):
    """A 1280x720 frame; pass what is known of it."""
    frame = {
        "width_px": 1280, "height_px": 720, "recorded_at": None, "motion_percent": None, "boxes": None, "detector": "",
        "tags": {},
    } | known  # fmt: skip
    return FrameView(signals=PictureSignals(brightness, contrast, blur), **frame)


def seen(*labels_and_scores):
    """What a detector saw: boxes from (label, score)."""
    return {"boxes": [Box(label, score, 0, 0, 9, 9) for label, score in labels_and_scores], "detector": "toy:1"}
