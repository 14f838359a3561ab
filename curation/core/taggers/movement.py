"""Whether something moves."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs
from curation.core.types import Tag


@dataclass(frozen=True)
class Movement:
    """Motion as yes or no and as the moving percent of the picture, from the motion stage's score at this frame."""

    factors: ClassVar[tuple[Factor, ...]] = (
        Factor("motion", "boolean", "Whether something moves."),
        Factor("motion_amount", "number", "Moving area in percent of the picture."),
    )
    needs: ClassVar[Needs] = "motion"

    from_percent: float = param(0.1, help="Moving area from which it is motion.", unit="%", minimum=0, maximum=100)

    def tag(self, view: FrameView) -> list[Tag]:
        if view.motion_percent is None:
            return []
        percent = round(view.motion_percent, 4)  # what is stored decides
        return [
            Tag("motion", percent >= self.from_percent, "tagger", "movement"),
            Tag("motion_amount", percent, "tagger", "movement"),
        ]
