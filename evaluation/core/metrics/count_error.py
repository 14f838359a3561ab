"""By how many objects an image's count is off."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.metrics.box_parts import judgements_of, part_of, per_group, support_of, usable_score
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights
from evaluation.core.metrics.event_parts import ratio


@dataclass(frozen=True)
class CountError:
    """By how many objects the boxes from a score on are too many or too few, the mean over images. Labels are counted
    apart and their errors added; where the boxes lie does not matter, except for crowds and ignored regions."""

    kind: ClassVar[str] = "count_error"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = "objects"
    is_higher_better: ClassVar[bool] = False

    score: float | None = param(
        None, help="Score from which boxes count; none: the operating point.", minimum=0, maximum=1
    )

    @property
    def title(self) -> str:
        return "count error" if self.score is None else f"count error at score {self.score:.3g}"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) mean absolute errors, NaN where there are no images."""
        part = part_of(part)
        judged = judgements_of(part, iou=0.5, score=usable_score(self.score))
        width = len(part.evidence.labels)
        cells = np.concatenate([judged.image * width + judged.label, judged.truth_image * width + judged.truth_label])
        signs = np.repeat([1.0, -1.0], [len(judged.image), len(judged.truth_image)])
        where, number = np.unique(cells, return_inverse=True)
        errors = np.abs(np.bincount(number, weights=signs, minlength=len(where)))
        group = part.evidence.group
        return ratio(
            weights, per_group(part, group[where // max(width, 1)], errors), per_group(part, group[part.images])
        )

    def step(self, part: BoxPart | EventPart) -> float | None:
        """Return by how much the figure would rise if each group had one more object counted wrong; None without
        images.

        An interval around "never wrong" needs it."""
        support = self.support(part)
        return support.groups / support.images if support.images else None

    def support(self, part: BoxPart | EventPart) -> Support:
        """Count the groups of all images: one without objects is counted too."""
        part = part_of(part)
        return support_of(part, part.evidence.group[part.images])
