"""Telling the boxes in which a model errs from all else that it sees: a small classifier, learned from one test.

A logistic regression on a box's score, shape, size and looks. It needs few examples (on the demo world five are enough
to choose far better than by likeness alone), because it learns what sets mistakes apart and not only what they look
like: likeness to a missed object is likeness to every object of its kind as well.
Source: a model of the model's errors, as in Scheffer, Decomain and Wrobel, "Active hidden Markov models", 2001, and
Zhang et al., "Predicting failures of vision systems", CVPR 2014."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from activelearning.core.pool import Vectors
from curation.core.types import BoolArray, FloatArray

LOOKS = 10.0
"""What a unit vector counts beside the other features, which vary by about 1: looks of boxes differ by a few tenths."""
STRICTNESS = 0.01
"""Weight of the squared coefficients for each example: how much evidence a feature needs."""
ROWS = 65_536
DIGITS = 5
"""Chances are rounded, so that the last bits of float32, which hang on the machine, decide nothing."""


@dataclass(frozen=True)
class MistakeClassifier:
    """Fitted to examples. Vectors of boxes may be zeros, or of no length: then score and shape alone decide."""

    mean: FloatArray
    spread: FloatArray
    plain: FloatArray
    """(3,) coefficients of score, shape and size."""
    looks: NDArray[np.float32]
    """(D,) coefficients of the vector."""
    offset: float

    @classmethod
    def learn(cls, score: FloatArray, xyxy: FloatArray, vectors: Vectors, is_mistake: BoolArray) -> "MistakeClassifier":
        """Learn from (E,) boxes, some of which are mistakes and some are not; both kinds count as if equally many.

        xyxy (E, 4) in pixels, vectors (E, D) of unit length. Raises ValueError where one kind is lacking."""
        if is_mistake.all() or not is_mistake.any():
            raise ValueError("MistakeClassifier: it takes boxes that are mistakes and boxes that are not.")
        plain = _plain(score, xyxy)
        mean, spread = plain.mean(axis=0), np.maximum(plain.std(axis=0), 1e-6)
        features = np.hstack(
            [np.ones((len(score), 1)), (plain - mean) / spread, LOOKS * vectors.astype(np.float64)]
        )  # fmt: skip
        sign = np.where(is_mistake, 1.0, -1.0)
        strictness = STRICTNESS * len(score)
        weight = len(score) / 2 / np.where(is_mistake, is_mistake.sum(), (~is_mistake).sum())

        def loss(coefficients: FloatArray) -> tuple[float, FloatArray]:
            towards = sign * (features @ coefficients)
            wrong = 1 / (1 + np.exp(np.clip(towards, -500, 500)))
            slope = features.T @ (-sign * weight * wrong)
            slope[1:] += strictness * coefficients[1:]
            size = float(coefficients[1:] @ coefficients[1:])
            return float(weight @ np.logaddexp(0, -towards)) + strictness / 2 * size, slope

        found = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x
        return cls(mean, spread, found[1:4], (LOOKS * found[4:]).astype(np.float32), float(found[0]))

    def chance(self, score: FloatArray, xyxy: FloatArray, vectors: Vectors) -> FloatArray:
        """Return how surely each of (M,) boxes is a mistake, 0 to 1; 0.5 is as like mistakes as like the others."""
        towards = self.offset + (_plain(score, xyxy) - self.mean) / self.spread @ self.plain
        for start in range(0, len(vectors), ROWS):
            some = slice(start, start + ROWS)
            towards[some] += vectors[some].astype(np.float32) @ self.looks
        chance: FloatArray = np.round(1 / (1 + np.exp(np.clip(-towards, -500, 500))), DIGITS)
        return chance


def _plain(score: FloatArray, xyxy: FloatArray) -> FloatArray:
    """Return (M, 3): log odds of the score, log of width by height, log of the side of a square of that size."""
    sure = np.clip(score.astype(np.float64), 0.01, 0.99)
    sides = np.maximum((xyxy[:, 2:] - xyxy[:, :2]).astype(np.float64), 1.0)
    width, height = np.log(sides[:, 0]), np.log(sides[:, 1])
    return np.column_stack([np.log(sure) - np.log1p(-sure), width - height, (width + height) / 2])
