"""What annotators changed of a pre-annotation: how good the model that made it was."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activelearning.core.box_pairs import pair_up
from activelearning.core.given_answer import GivenBox

LEAST_IOU = 0.5
"""Boxes that overlap less are not one object."""
KEPT_IOU = 0.98
"""A box that is left alone comes back rounded; one that overlaps less was moved."""
WORDS = ("kept", "moved", "relabelled", "added", "removed")


@dataclass(frozen=True)
class ClassQuality:
    """How the pre-annotated boxes of one class fared. precision is the share of them that stayed (moved or not), recall
    the share of what is there that was pre-annotated with its label, share_kept of those that nobody touched.

    None where there is nothing to divide by."""

    pre_annotated: int
    there: int
    precision: float | None
    recall: float | None
    share_kept: float | None


def changes(predicted: Sequence[GivenBox], final: Sequence[GivenBox]) -> dict[str, Any]:
    """Count kept, moved, relabelled, added and removed boxes, all together and by class.

    {"kept": 3, …, "classes": {"person": {"kept": 3, "relabelled_to": 1}}}: `relabelled` counts for the class that was
    predicted, `relabelled_to` for the one that it became; what is 0 is left out of a class."""
    total: Counter[str] = Counter()
    classes: dict[str, Counter[str]] = {}

    def note(word: str, label: str) -> None:
        total[word] += 1
        classes.setdefault(label, Counter())[word] += 1

    pairs = pair_up(predicted, final, least_iou=LEAST_IOU, same_label=False)
    for a, b, iou in pairs:
        before, after = predicted[a].label, final[b].label
        if before == after:
            note("kept" if iou >= KEPT_IOU else "moved", before)
        else:
            note("relabelled", before)
            classes.setdefault(after, Counter())["relabelled_to"] += 1
    met, known = {a for a, *_ in pairs}, {b for _, b, _ in pairs}
    for place, box in enumerate(predicted):
        if place not in met:
            note("removed", box.label)
    for place, box in enumerate(final):
        if place not in known:
            note("added", box.label)
    return {**{word: total[word] for word in WORDS}, "classes": {k: dict(classes[k]) for k in sorted(classes)}}


def quality(told: Iterable[Mapping[str, Any]]) -> dict[str, ClassQuality]:
    """Add up what `changes` said of many frames, by class."""
    sums: dict[str, Counter[str]] = {}
    for one in told:
        for label, counts in one.get("classes", {}).items():
            sums.setdefault(label, Counter()).update(counts)
    return {label: _quality(sums[label]) for label in sorted(sums)}


def _quality(counts: Counter[str]) -> ClassQuality:
    stayed = counts["kept"] + counts["moved"]
    predicted = stayed + counts["relabelled"] + counts["removed"]
    there = stayed + counts["added"] + counts["relabelled_to"]
    return ClassQuality(
        pre_annotated=predicted,
        there=there,
        precision=stayed / predicted if predicted else None,
        recall=stayed / there if there else None,
        share_kept=counts["kept"] / predicted if predicted else None,
    )
