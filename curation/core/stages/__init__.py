"""The kinds of stages. One more kind is one file here and one line in `STAGES`."""

from collections.abc import Mapping
from types import MappingProxyType

from curation.core.stages.contract import Before, Look, Stage
from curation.core.stages.embed import Embed
from curation.core.stages.motion import Motion
from curation.core.stages.objects import Objects

STAGES: Mapping[str, type[Motion] | type[Objects] | type[Embed]] = MappingProxyType(
    {"motion": Motion, "objects": Objects, "embed": Embed}
)

__all__ = ["STAGES", "Before", "Embed", "Look", "Motion", "Objects", "Stage"]
