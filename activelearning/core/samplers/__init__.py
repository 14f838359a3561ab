"""Ways to find frames worth a label. One more is one file here and one line in `SAMPLERS`."""

from collections.abc import Mapping
from types import MappingProxyType

from activelearning.core.samplers.attributes import Attributes
from activelearning.core.samplers.contract import Need, Part, Proposal, Reason, Sampler
from activelearning.core.samplers.disagreement import Disagreement
from activelearning.core.samplers.entropy import Entropy
from activelearning.core.samplers.flicker import Flicker
from activelearning.core.samplers.least_confidence import LeastConfidence
from activelearning.core.samplers.likely_mistakes import LikelyMistakes
from activelearning.core.samplers.margin import Margin
from activelearning.core.samplers.random import Random
from activelearning.core.samplers.similar_boxes import SimilarBoxes
from activelearning.core.samplers.similar_frames import SimilarFrames

SAMPLERS: Mapping[str, type[Sampler]] = MappingProxyType(
    {
        "least_confidence": LeastConfidence,
        "margin": Margin,
        "entropy": Entropy,
        "disagreement": Disagreement,
        "flicker": Flicker,
        "attributes": Attributes,
        "likely_mistakes": LikelyMistakes,
        "similar_boxes": SimilarBoxes,
        "similar_frames": SimilarFrames,
        "random": Random,
    }
)

__all__ = ["SAMPLERS", "Need", "Part", "Proposal", "Reason", "Sampler"]
