"""The policies by which several answers become one. One more is one file here and one line in `MERGES`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from activelearning.core.given_answer import GivenAnswer
from activelearning.core.merging.contract import Merge, Merged, MergedBox
from activelearning.core.merging.first import First
from activelearning.core.merging.majority import Majority
from activelearning.core.merging.newest import Newest
from activelearning.core.merging.union import Union
from curation.core.errors import SpecError
from curation.core.params import build

MERGES: Mapping[str, type[Merge]] = MappingProxyType(
    {kind.kind: kind for kind in (Newest, Majority, Union, First)}
)  # fmt: skip


def read_merge(plain: Mapping[str, Any]) -> Merge:
    """Read a policy from {"policy": "majority", "iou": 0.5}; nothing said is `newest`. Raises SpecError.

    `truth` may stand beside it: it names who answers, see services/known_truth.py."""
    name = plain.get("policy", Newest.kind)
    if not isinstance(name, str) or name not in MERGES:
        raise SpecError(f"merge.policy is {name!r}; it must be one of {', '.join(MERGES)}.")
    return build(
        MERGES[name], {key: value for key, value in plain.items() if key not in ("policy", "truth")}, where="merge"
    )


def merge_answers(answers: Sequence[GivenAnswer], policy: Merge) -> Merged:
    """Merge answers, oldest first. Skips say nothing; where some are marked as ground truth, the newest of them counts.

    The places in what comes back are those in `answers`."""
    places = [place for place, one in enumerate(answers) if not one.is_skip]
    marked = [place for place in places if answers[place].is_truth]
    merged = (
        Newest().merge([answers[place] for place in marked]) if marked else policy.merge([answers[p] for p in places])
    )
    return _placed(merged, marked or places)


def _placed(merged: Merged, places: Sequence[int]) -> Merged:
    boxes = tuple(MergedBox(one.label, one.box, places[one.answer], one.region, one.by) for one in merged.boxes)
    return Merged(boxes, merged.tags, {factor: places[at] for factor, at in merged.tag_answer.items()})


__all__ = ["MERGES", "Merge", "Merged", "MergedBox", "merge_answers", "read_merge"]
