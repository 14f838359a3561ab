"""How many errors of each kind there are, and what was taken for what."""

import numpy as np

from curation.core.types import IntArray
from evaluation.core.error_kinds import KINDS, NAMES, PartErrors
from evaluation.core.explaining import CLASS, FOUND, MISSED
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.results import Errors


def counted(part: BoxPart, errors: PartErrors) -> Errors:
    """Count errors by kind, and the confusion matrix over the labels that occur.

    "missed" counts only what nothing was near, as in TIDE: a truth that was taken for another class or boxed too badly
    is told by the detection that did so. In the matrix every truth of the part stands once in its row and every
    detection that counts once in its column; rows and columns of labels outside the part hold only what the part's
    labels were confused with. Empty input gives noughts and a matrix of nothing alone."""
    by_code = np.bincount(errors.found[errors.is_false], minlength=len(NAMES))
    by_code[MISSED] = np.count_nonzero(errors.truth == MISSED)
    labels, matrix = _confusion(part, errors)
    return Errors(
        kinds={kind: int(by_code[NAMES.index(kind)]) for kind in KINDS},
        labels=labels,
        confusion=tuple(tuple(map(int, row)) for row in matrix),
    )


def _confusion(part: BoxPart, errors: PartErrors) -> tuple[tuple[str, ...], IntArray]:
    truths, found = part.evidence.truths, part.evidence.found
    nothing = len(part.evidence.labels)
    is_right = errors.truth == FOUND
    # A detection that took a missed truth for another class stands with it; each truth has one such at most.
    taken = np.flatnonzero(errors.found == CLASS)
    taken = taken[errors.found_of[errors.truth_of[taken]] == taken]
    alone = errors.is_false.copy()
    alone[taken] = False
    lost = errors.is_lost.copy()
    lost[errors.truth_of[taken]] = False
    by_others = np.flatnonzero(lost & (errors.found_of >= 0))  # by a label outside the part
    lost[by_others] = False
    rows = [truths.label[is_right], truths.label[errors.truth_of[taken]], truths.label[by_others], truths.label[lost]]
    columns = [truths.label[is_right], found.label[taken], found.label[errors.found_of[by_others]]]
    row = np.concatenate([*rows, np.full(np.count_nonzero(alone), nothing)])
    column = np.concatenate([*columns, np.full(np.count_nonzero(lost), nothing), found.label[alone]])
    side = nothing + 1
    matrix = np.bincount(row * side + column, minlength=side * side).reshape(side, side)
    occurs = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    occurs[nothing] = True
    labels = tuple(name for name, there in zip(part.evidence.labels, occurs[:-1], strict=True) if there)
    return labels, matrix[np.ix_(occurs, occurs)]
