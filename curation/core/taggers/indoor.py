"""A rule: indoors or outdoors, by what stands around."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs
from curation.core.types import Tag

INDOOR_CLASSES = [
    "couch", "bed", "dining table", "toilet", "tv", "microwave", "oven", "toaster", "sink", "refrigerator", "book",
    "clock", "vase", "keyboard", "mouse", "laptop",
]  # fmt: skip
OUTDOOR_CLASSES = [
    "car", "bus", "truck", "train", "boat", "airplane", "motorcycle", "bicycle", "traffic light", "fire hydrant",
    "stop sign", "parking meter", "bird", "horse", "cow", "sheep",
]  # fmt: skip


@dataclass(frozen=True)
class Indoor:
    """Indoors when indoor things outweigh outdoor ones; silent where neither is seen. Keeps what it went by."""

    factors: ClassVar[tuple[Factor, ...]] = (Factor("indoor", "boolean", "Whether the camera looks at a room."),)
    needs: ClassVar[Needs] = "boxes"

    indoor_classes: list[str] = param(INDOOR_CLASSES, help="Classes that speak for a room.")
    outdoor_classes: list[str] = param(OUTDOOR_CLASSES, help="Classes that speak for the open air.")
    score: float = param(0.4, help="Score from which a box counts.", minimum=0, maximum=1)

    def tag(self, view: FrameView) -> list[Tag]:
        boxes = [box for box in view.boxes or () if box.score >= self.score]
        inside = [box for box in boxes if box.label in self.indoor_classes]
        outside = [box for box in boxes if box.label in self.outdoor_classes]
        weights = (sum(box.score for box in inside), sum(box.score for box in outside))
        if weights[0] == weights[1]:
            return []
        because = sorted({box.label for box in (inside if weights[0] > weights[1] else outside)})
        confidence = round(max(weights) / sum(weights), 3)
        return [Tag("indoor", weights[0] > weights[1], "rule", "indoor", confidence, {"because": because})]
