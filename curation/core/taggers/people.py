"""How many people there are."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs
from curation.core.types import Tag


@dataclass(frozen=True)
class People:
    """Counts the boxes of people. The confidence is the weakest counted box's, or 1 minus the strongest uncounted."""

    factors: ClassVar[tuple[Factor, ...]] = (
        Factor("people", "number", "People in the picture."),
        Factor("has_people", "boolean", "Whether anybody is in the picture."),
    )
    needs: ClassVar[Needs] = "boxes"

    classes: list[str] = param(["person"], help="Classes that are people.")
    score: float = param(0.4, help="Score from which a box counts.", minimum=0, maximum=1)

    def tag(self, view: FrameView) -> list[Tag]:
        if view.boxes is None:
            return []
        scores = [box.score for box in view.boxes if box.label in self.classes]
        counted = [score for score in scores if score >= self.score]
        sure = round(min(counted) if counted else 1.0 - max(scores, default=0.0), 3)
        return [
            Tag("people", len(counted), "model", view.detector, sure),
            Tag("has_people", bool(counted), "model", view.detector, round(max(counted), 3) if counted else sure),
        ]
