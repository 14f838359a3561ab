"""Taking one answer as it is."""

from collections.abc import Sequence

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.contract import Merged, MergedBox


def taken(answers: Sequence[GivenAnswer], place: int) -> Merged:
    """Return what one of the answers says."""
    answer = answers[place]
    boxes = tuple(MergedBox(one.label, one.box, place, one.region, (answer.annotator,)) for one in answer.boxes)
    return Merged(boxes, dict(answer.tags), dict.fromkeys(answer.tags, place))
