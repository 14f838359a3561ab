"""How large the picture is, as people say it."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.taggers.contract import Factor, FrameView, Needs, bin_of
from curation.core.types import Tag

RESOLUTIONS = ("SD", "HD", "FHD", "QHD", "4K", "8K")
_SHORT_SIDES_PX = (720, 1080, 1440, 2160, 4320)


@dataclass(frozen=True)
class Resolution:
    """SD below 720 lines, then HD (720), FHD (1080), QHD (1440), 4K (2160), 8K (4320); lines are the shorter side."""

    factors: ClassVar[tuple[Factor, ...]] = (Factor("resolution", "text", "By the shorter side.", RESOLUTIONS),)
    needs: ClassVar[Needs] = "nothing"

    def tag(self, view: FrameView) -> list[Tag]:
        lines = min(view.width_px, view.height_px)
        return [Tag("resolution", bin_of(lines, edges=_SHORT_SIDES_PX, names=RESOLUTIONS), "tagger", "resolution")]
