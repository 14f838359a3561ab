"""The objects that several annotators drew: their boxes put together, an object each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from activelearning.core.box_pairs import pair_up
from activelearning.core.given_answer import Corners, GivenAnswer, GivenBox
from activelearning.core.merging.contract import MergedBox


@dataclass
class Object:
    """One object, as (place of the answer, box) of each annotator who drew it, oldest answer first."""

    drawn: list[tuple[int, GivenBox]] = field(default_factory=list)

    def middle(self) -> Corners:
        """Return the median of each corner."""
        x1, y1, x2, y2 = np.median([box.box for _, box in self.drawn], axis=0).tolist()
        return x1, y1, x2, y2

    def merged(self, answers: Sequence[GivenAnswer]) -> MergedBox:
        """Return its label, with the median of its corners."""
        place, newest = self.drawn[-1]
        by = tuple(answers[at].annotator for at, _ in self.drawn)
        return MergedBox(newest.label, self.middle(), place, newest.region, by)


def newest_of_each(answers: Sequence[GivenAnswer]) -> list[int]:
    """Return the place of each annotator's last answer, rising."""
    return sorted({answer.annotator: place for place, answer in enumerate(answers)}.values())


def objects_of(answers: Sequence[GivenAnswer], *, least_iou: float) -> list[Object]:
    """Match boxes of one label across annotators by IoU; of each annotator the last answer counts.

    An object is compared by the median of those who drew it so far."""
    found: list[Object] = []
    for place in newest_of_each(answers):
        boxes = answers[place].boxes
        known = [GivenBox(one.drawn[-1][1].label, one.middle()) for one in found]
        met = {b: a for a, b, _ in pair_up(known, boxes, least_iou=least_iou)}
        for at, box in enumerate(boxes):
            if at in met:
                found[met[at]].drawn.append((place, box))
            else:
                found.append(Object([(place, box)]))
    return found
