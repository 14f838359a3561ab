"""What tags a frame. One more tagger or rule is one file here and one line in `TAGGERS`.

They run in this order; a rule reads what the ones before it found. `FACTORS` says what kind of value each factor holds.
"""

from collections.abc import Mapping
from types import MappingProxyType

from curation.core.taggers.blurriness import Blurriness
from curation.core.taggers.contract import Factor, FrameView, Tagger
from curation.core.taggers.exposure import Exposure
from curation.core.taggers.indoor import Indoor
from curation.core.taggers.movement import Movement
from curation.core.taggers.objects import Objects
from curation.core.taggers.people import People
from curation.core.taggers.resolution import Resolution
from curation.core.taggers.season import Season
from curation.core.taggers.time_of_day import TimeOfDay

TAGGERS: Mapping[str, type[Tagger]] = MappingProxyType(
    {
        "exposure": Exposure,
        "blurriness": Blurriness,
        "resolution": Resolution,
        "movement": Movement,
        "objects": Objects,
        "people": People,
        "time_of_day": TimeOfDay,
        "season": Season,
        "indoor": Indoor,
    }
)
FACTORS: Mapping[str, Factor] = MappingProxyType({f.name: f for kind in TAGGERS.values() for f in kind.factors})

__all__ = ["FACTORS", "TAGGERS", "Factor", "FrameView", "Tagger"]
