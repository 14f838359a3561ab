"""How sharp the picture is."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs, bin_of
from curation.core.types import Tag

BLURRINESS = ("sharp", "soft", "blurred")


@dataclass(frozen=True)
class Blurriness:
    """Blur as a number (0 sharp to 1) and as a bin."""

    factors: ClassVar[tuple[Factor, ...]] = (
        Factor("blur", "number", "0 (sharp) to 1, Crete's blur effect."),
        Factor("blurriness", "text", "Bin of the blur.", BLURRINESS),
    )
    needs: ClassVar[Needs] = "picture"

    soft_from: float = param(0.34, help="Blur from which sharp becomes soft.", minimum=0, maximum=1)
    blurred_from: float = param(0.45, help="Blur from which soft becomes blurred.", minimum=0, maximum=1)

    def __post_init__(self) -> None:
        if self.soft_from > self.blurred_from:
            raise ValueError(f"soft_from {self.soft_from} is above blurred_from {self.blurred_from}.")

    def tag(self, view: FrameView) -> list[Tag]:
        edges = (self.soft_from, self.blurred_from)
        blur = round(view.signals.blur, 4)  # the bin is that of the number as it is stored
        return [
            Tag("blur", blur, "tagger", "blurriness"),
            Tag("blurriness", bin_of(blur, edges=edges, names=BLURRINESS), "tagger", "blurriness"),
        ]
