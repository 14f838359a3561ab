"""Learning from a few labels how sure an image-text model may be of each value.

Temperature and bias of each value are fitted by penalised maximum likelihood, the strength of the penalty and the
threshold by cross-validation, so that a handful of labels moves little and cannot do harm unseen.
Source: Guo et al., "On Calibration of Modern Neural Networks", 2017 (temperature and vector scaling)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from curation.core.types import BoolArray, IntArray
from curation.core.zero_shot import NOBODY, Shape, judge, plain_shape, probabilities

LEAST_LABELS = 8
LEAST_OF_A_VALUE = 2
"""Of so many labels, and so many each of two values, something can be learnt."""
LEAVE_ONE_OUT = 30
"""Up to so many labels each is left out in turn, above that a tenth of them."""
STRENGTHS = (30.0, 3.0, 0.3, 0.03, 0.003)
"""Penalties that are tried, strongest first; a stronger one is kept unless a weaker one is better."""
DEFAULT_PULL = 2.0
"""A threshold moves from its default by 0.1 only if that wins more than a fifth of a frame."""
THRESHOLDS = tuple(round(step / 20, 2) for step in range(20))


@dataclass(frozen=True)
class Figures:
    """What a shape is worth: mean log-loss of labels that are among the values, and the share of all labels that were
    answered right; a label of none of the values is right where no value is given."""

    log_loss: float
    accuracy: float


@dataclass(frozen=True)
class Calibrated:
    """What was learnt. `after` comes of labels that the shape that judged them had not seen; `strength` is None where
    nothing that was learnt held on them, so that only the threshold may have moved."""

    shape: Shape
    before: Figures
    after: Figures
    strength: float | None
    folds: int


def enough(labels: IntArray) -> bool:
    """Tell whether these labels are enough to learn from."""
    _, counts = np.unique(labels[labels != NOBODY], return_counts=True)
    return len(labels) >= LEAST_LABELS and int((counts >= LEAST_OF_A_VALUE).sum()) >= 2


def calibrate(scores: NDArray[np.float64], labels: IntArray, *, threshold: float) -> Calibrated:
    """Learn from (N, V) zero-shot logits and (N,) places of the right values, NOBODY where none of them is right.

    The same labels give the same answer, whatever their order. Raises ValueError if `enough` is False."""
    if not enough(labels):
        raise ValueError(f"calibrate: {len(labels)} labels are not enough.")
    order = np.lexsort((*scores.T[::-1], labels))
    scores, labels = scores[order], labels[order]
    plain = plain_shape(scores.shape[1], threshold=threshold)
    folds = _folds(labels)
    unseen = {strength: _out_of_fold(scores, labels, folds, strength) for strength in STRENGTHS}
    unseen_plain = probabilities(scores, plain)
    best: float | None = None
    least = _log_loss(unseen_plain, labels)
    for strength in STRENGTHS:
        if (loss := _log_loss(unseen[strength], labels)) < least - 1e-9:
            best, least = strength, loss
    held = unseen_plain if best is None else unseen[best]
    cut = _threshold(held, labels, default=threshold)
    fitted = plain if best is None else _fit(scores, labels, best)
    return Calibrated(
        shape=Shape(fitted.sharpness, fitted.biases, cut),
        before=Figures(_log_loss(unseen_plain, labels), _accuracy(judge(scores, plain).best, labels)),
        after=Figures(least, _accuracy(_answers_unseen(held, labels, folds, default=threshold), labels)),
        strength=best,
        folds=int(folds.max()) + 1,
    )


def _folds(labels: IntArray) -> IntArray:
    """Deal labels, which are sorted, to folds so that each holds its share of every value."""
    count = len(labels) if len(labels) <= LEAVE_ONE_OUT else 10
    return np.arange(len(labels), dtype=np.int64) % count


def _splits(folds: IntArray) -> Iterator[BoolArray]:
    for fold in range(int(folds.max()) + 1):
        yield folds == fold


def _out_of_fold(
    scores: NDArray[np.float64], labels: IntArray, folds: IntArray, strength: float
) -> NDArray[np.float64]:
    """Return (N, V) probabilities, each row by a shape that was fitted without its fold."""
    found = np.empty_like(scores)
    for left_out in _splits(folds):
        found[left_out] = probabilities(scores[left_out], _fit(scores[~left_out], labels[~left_out], strength))
    return found


def _fit(scores: NDArray[np.float64], labels: IntArray, strength: float) -> Shape:
    """Minimise log-loss + strength / 2 * (log(sharpness)^2 + sum of bias^2)."""
    rows = labels != NOBODY
    z, right = scores[rows], labels[rows]
    values = scores.shape[1]
    hot = np.eye(values)[right]

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sharpness, biases = np.exp(at[0]), at[1:]
        shaped = sharpness * z + biases
        top = shaped.max(axis=1, keepdims=True, initial=-np.inf)
        total = np.exp(shaped - top).sum(axis=1, keepdims=True)
        off = np.exp(shaped - top) / total - hot
        value = float((top + np.log(total) - (shaped * hot).sum(axis=1, keepdims=True)).sum())
        steepness = np.concatenate([[sharpness * float((off * z).sum())], off.sum(axis=0)])
        return value + strength / 2 * float(at @ at), steepness + strength * at

    found = minimize(loss, np.zeros(values + 1), jac=True, method="L-BFGS-B", bounds=[(-6, 3), *[(-30, 30)] * values])
    return Shape(float(np.exp(found.x[0])), tuple(float(bias) for bias in found.x[1:]), 0.0)


def _log_loss(sure: NDArray[np.float64], labels: IntArray) -> float:
    rows = np.flatnonzero(labels != NOBODY)
    return float(-np.log(np.maximum(sure[rows, labels[rows]], 1e-12)).mean())


def _accuracy(answers: IntArray, labels: IntArray) -> float:
    return float((answers == labels).mean())


def _threshold(sure: NDArray[np.float64], labels: IntArray, *, default: float) -> float:
    """Return the threshold at which the right values given outweigh the wrong ones most; near the default if equal."""
    best, top = sure.argmax(axis=1), sure.max(axis=1)
    right = np.where(best == labels, 1, -1)
    candidates = sorted({*THRESHOLDS, default})
    won = [float(right[top >= cut].sum()) - DEFAULT_PULL * abs(cut - default) for cut in candidates]
    return candidates[int(np.argmax(won))]


def _answers_unseen(sure: NDArray[np.float64], labels: IntArray, folds: IntArray, *, default: float) -> IntArray:
    """Answer each fold by the threshold that the others would choose."""
    found = np.full(len(labels), NOBODY, np.int64)
    for left_out in _splits(folds):
        cut = _threshold(sure[~left_out], labels[~left_out], default=default)
        top = sure[left_out].max(axis=1)
        found[left_out] = np.where(top >= cut, sure[left_out].argmax(axis=1), NOBODY)
    return found
