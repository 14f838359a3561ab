"""Labels that several witnesses contradict, most suspect first.

A witness (`View`) is a model, or the frames before and after. Each gives evidence for or against each label; suspicion,
0 to 1, is the chance that the label is wrong, by all who can speak, taken for independent: two that contradict weigh
more than one, and one that confirms takes it back. What a witness says is weighed by how often it is right: by its
precision for such a label and score, and where it sees nothing, by how often it finds objects of that label and size.
Source of the kinds: Tkachenko, Thyagarajan and Mueller, "ObjectLab: Automated Diagnosis of Mislabeled Images in Object
Detection Data", 2023 (overlooked, swapped, badly located); spurious labels are added, and several witnesses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from evaluation.core.boxes import Truths
from evaluation.core.contradictions import Contradiction, Scene, contradictions, scene_of, unlabelled
from evaluation.core.views import NEIGHBOURS, View

Kind: TypeAlias = Literal["missing", "spurious", "wrong_label", "wrong_box"]
CLEAR = 0.7
"""A witness with less evidence is not named among the reasons: it makes the label twice as likely to be wrong."""


@dataclass(frozen=True)
class Suspect:
    """One suspect label. `truth` is its row, -1 of an object without a label; `label` is as it is labelled, or what a
    missing one should be; box is xyxy."""

    image: int
    kind: Kind
    label: str
    box: tuple[float, float, float, float]
    suspicion: float
    reasons: tuple[str, ...]
    truth: int


def suspects(
    truths: Truths,
    views: Sequence[View],
    *,
    labels: Sequence[str],
    min_suspicion: float = 0.5,
    least_witnesses: int = 1,
    limit: int | None = None,
) -> list[Suspect]:
    """List suspect labels, most suspect first; of each truth only what is most suspect of it.

    With `least_witnesses` above 1, so many must say so clearly. Crowds and what is left out are never suspect. Without
    views, or without boxes, there are none."""
    if not views:
        return []
    scene = scene_of(truths, views, labels)
    doubted = [one for one in (*contradictions(scene), *unlabelled(scene)) if one.suspicion >= min_suspicion]
    if least_witnesses > 1:
        doubted = [one for one in doubted if np.count_nonzero(one.evidence >= CLEAR) >= least_witnesses]
    found = [_suspect(one, scene, views) for one in doubted]
    best: dict[int, Suspect] = {}
    for one in found:
        if one.truth >= 0 and (one.truth not in best or best[one.truth].suspicion < one.suspicion):
            best[one.truth] = one
    kept = [*best.values(), *(one for one in found if one.truth < 0)]
    return sorted(kept, key=lambda one: (-one.suspicion, one.image, one.box))[:limit]


def _suspect(one: Contradiction, scene: Scene, views: Sequence[View]) -> Suspect:
    x, y, width, height = map(float, one.xywh)
    label = scene.labels[one.label]
    said = [
        _reason(one, label, scene.labels[one.said[v]] if one.said[v] >= 0 else "", views[v].name)
        for v in np.argsort(-one.evidence, kind="stable")
        if one.evidence[v] >= CLEAR
    ]
    box = (x, y, x + width, y + height)
    return Suspect(one.image, one.kind, label, box, one.suspicion, tuple(said), one.truth)


def _reason(one: Contradiction, label: str, other: str, name: str) -> str:
    many = name == NEIGHBOURS
    match one.kind:
        case "wrong_label":
            return f"{name} {'show' if many else 'sees'} {other} here, not {label}"
        case "wrong_box":
            return f"{name} {'have' if many else 'has'} the box of this {label} elsewhere"
        case "missing":
            return f"{name} {'show' if many else 'sees'} {label} here, and nothing is labelled"
        case "spurious":
            return f"{name} {'show' if many else 'sees'} nothing here"
