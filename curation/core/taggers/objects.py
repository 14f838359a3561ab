"""What kinds of objects there are, and how many of each."""

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs
from curation.core.types import Tag


@dataclass(frozen=True)
class Objects:
    """Lists and counts the classes that a detector saw."""

    factors: ClassVar[tuple[Factor, ...]] = (
        Factor("objects", "text_list", "Classes in the picture."),
        Factor("object_counts", "counts", "How many of each class."),
    )
    needs: ClassVar[Needs] = "boxes"

    score: float = param(0.4, help="Score from which a box counts.", minimum=0, maximum=1)

    def tag(self, view: FrameView) -> list[Tag]:
        if view.boxes is None:
            return []
        counted = [box for box in view.boxes if box.score >= self.score]
        counts = dict(sorted(Counter(box.label for box in counted).items()))
        sure = round(min((box.score for box in counted), default=1.0), 3)
        return [
            Tag("objects", list(counts), "model", view.detector, sure),
            Tag("object_counts", counts, "model", view.detector, sure),
        ]
