"""How far a model's scores are from the shares of its boxes that are right."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.accumulate import shares
from evaluation.core.metrics.box_parts import judgements_of, part_of, per_group, support_of
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights


@dataclass(frozen=True)
class CalibrationError:
    """Expected calibration error: boxes are sorted into bins by score, and in each bin the mean score is held against
    the share that is right; the mean of the differences, weighted by the number of boxes."""

    kind: ClassVar[str] = "calibration_error"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = False

    iou: float = param(0.5, help="Least overlap with the truth that is right.", minimum=0.05, maximum=1)
    bins: int = param(10, help="Bins of equal width from 0 to 1.", minimum=1, maximum=1000)
    least_score: float = param(0.0, help="Boxes below this score are left out.", minimum=0, maximum=1)

    @property
    def title(self) -> str:
        return f"calibration error at IoU {self.iou:g}"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there are no boxes.

        Source: Guo et al., On calibration of modern neural networks, 2017."""
        part = part_of(part)
        judged = judgements_of(part, iou=self.iou, score=self.least_score)
        number = np.clip((judged.score * self.bins).astype(np.int64), 0, self.bins - 1)
        off, boxes = np.zeros(len(weights)), np.zeros(len(weights))
        too_sure = judged.score - judged.is_right
        for one in np.unique(number):
            mine = number == one
            group, counts = judged.group[mine], weights.astype(np.float64)
            off += np.abs(counts @ per_group(part, group, too_sure[mine]))
            boxes += counts @ per_group(part, group)
        return shares(off, boxes)

    def support(self, part: BoxPart | EventPart) -> Support:
        """Count the groups that have boxes: only those say anything about scores."""
        part = part_of(part)
        return support_of(part, judgements_of(part, iou=self.iou, score=self.least_score).group)
