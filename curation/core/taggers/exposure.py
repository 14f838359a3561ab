"""How much light there is."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs, bin_of
from curation.core.types import Tag

LIGHTING = ("pitch_dark", "dark", "dim", "normal", "bright")


@dataclass(frozen=True)
class Exposure:
    """Brightness, lighting and contrast, from the picture's luma."""

    factors: ClassVar[tuple[Factor, ...]] = (
        Factor("brightness", "number", "Mean luma, 0 to 255."),
        Factor("lighting", "text", "Bin of the brightness.", LIGHTING),
        Factor("contrast", "number", "Standard deviation of the luma."),
    )
    needs: ClassVar[Needs] = "picture"

    dark_from: float = param(12.0, help="Mean luma from which pitch_dark becomes dark.", unit="grey levels")
    dim_from: float = param(45.0, help="Mean luma from which dark becomes dim.", unit="grey levels")
    normal_from: float = param(90.0, help="Mean luma from which dim becomes normal.", unit="grey levels")
    bright_from: float = param(185.0, help="Mean luma from which normal becomes bright.", unit="grey levels")

    def __post_init__(self) -> None:
        if not self.dark_from <= self.dim_from <= self.normal_from <= self.bright_from:
            raise ValueError("dark_from, dim_from, normal_from and bright_from must rise.")

    def tag(self, view: FrameView) -> list[Tag]:
        edges = (self.dark_from, self.dim_from, self.normal_from, self.bright_from)
        # The bin is that of the number as it is stored, so that tagging anew from what is stored gives the same.
        brightness = round(view.signals.brightness, 2)
        return [
            Tag("brightness", brightness, "tagger", "exposure"),
            Tag("lighting", bin_of(brightness, edges=edges, names=LIGHTING), "tagger", "exposure"),
            Tag("contrast", round(view.signals.contrast, 2), "tagger", "exposure"),
        ]
