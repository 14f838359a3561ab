"""COCO's average recall: what share of the truth is among a model's best guesses."""

from dataclasses import dataclass
from typing import ClassVar

from curation.core.params import param
from curation.core.types import FloatArray
from evaluation.core.accumulate import count_positives, hit_counts, mean_known, shares, sort_out
from evaluation.core.matching import COCO_IOUS, matched
from evaluation.core.metrics.box_parts import labels_of, part_of, support_of
from evaluation.core.metrics.contract import BoxPart, EventPart, Source, Support, Weights


@dataclass(frozen=True)
class AverageRecall:
    """COCO's average recall, the mean over IoUs of 0.5 to 0.95 and over the labels that have truth."""

    kind: ClassVar[str] = "ar"
    source: ClassVar[Source] = "boxes"
    unit: ClassVar[str] = ""
    is_higher_better: ClassVar[bool] = True

    max_detections: int = param(100, help="Best boxes of an image and label that count.", minimum=1, maximum=1000)

    @property
    def title(self) -> str:
        return f"AR with {self.max_detections} boxes"

    def measure(self, part: BoxPart | EventPart, weights: Weights) -> FloatArray:
        """Return (R,) figures, NaN where there is no truth."""
        part = part_of(part)
        evidence, labels = part.evidence, labels_of(part)
        done = matched(evidence, area_px2=part.area_px2, ious=COCO_IOUS, max_detections=max(100, self.max_detections))
        picked = sort_out(done, group=evidence.group, images=part.images, labels=labels)
        hits = hit_counts(picked.where(picked.rank < self.max_detections), weights, ious=len(COCO_IOUS))
        positives = count_positives(
            evidence.truths, done.truth_counts, group=evidence.group, images=part.images, labels=labels,
            weights=weights,
        )  # fmt: skip
        return mean_known(shares(hits, positives[:, :, None]), (1, 2))

    def support(self, part: BoxPart | EventPart) -> Support:
        return support_of(part_of(part))
