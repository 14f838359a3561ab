"""Telling values of a factor from pictures that nobody labelled: how near each picture is to sentences about them.

Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021 (CLIP)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.core.types import FloatArray, IntArray

SCALE = 100.0
"""What CLIP was trained to multiply cosine similarities by before the softmax."""
NOBODY = -1


@dataclass(frozen=True)
class Shape:
    """How scores become probabilities: softmax(sharpness * SCALE * cosine + bias of the value).

    `sharpness` below 1 makes them less sure; it is 1 / temperature. `threshold` is the least that a value needs."""

    sharpness: float
    biases: tuple[float, ...]
    threshold: float


@dataclass(frozen=True)
class Verdicts:
    """Of (N,) pictures: the best value's place, NOBODY where it is below the threshold, and how sure it is; and the
    second best, NOBODY where there is only one value."""

    best: IntArray
    probability: NDArray[np.float64]
    runner_up: IntArray
    runner_up_probability: NDArray[np.float64]


def plain_shape(values: int, *, threshold: float) -> Shape:
    """Return the shape of scores that nothing was learnt about."""
    return Shape(1.0, (0.0,) * values, threshold)


def mean_direction(vectors: FloatArray) -> NDArray[np.float32]:
    """Return the (D,) unit vector of the mean of (N, D) unit vectors; zeros where they cancel out.

    Raises ValueError for no vectors."""
    if len(vectors) == 0:
        raise ValueError("mean_direction: there is no vector.")
    mean = np.asarray(vectors, np.float64).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length > 1e-9 else np.zeros_like(mean), np.float32)


def logits(pictures: FloatArray, values: FloatArray) -> NDArray[np.float64]:
    """Return (N, V) SCALE * cosine of (N, D) pictures and (V, D) values, all of length 1 or 0. N may be 0."""
    return SCALE * (np.asarray(pictures, np.float64) @ np.asarray(values, np.float64).T)


def probabilities(scores: NDArray[np.float64], shape: Shape) -> NDArray[np.float64]:
    """Return (N, V) probabilities of `logits`, each row adding up to 1.

    probabilities([[0, log 3]], plain) -> [[0.25, 0.75]]"""
    shaped = shape.sharpness * scores + np.asarray(shape.biases)
    shaped = np.exp(shaped - shaped.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shaped / shaped.sum(axis=1, keepdims=True), np.float64)


def judge(scores: NDArray[np.float64], shape: Shape) -> Verdicts:
    """Pick each picture's value from (N, V) `logits`; of equals the first. V must be at least 1, N may be 0."""
    sure = probabilities(scores, shape)
    rows, order = np.arange(len(sure)), np.argsort(-sure, axis=1, kind="stable")
    best = order[:, 0]
    second = order[:, 1] if sure.shape[1] > 1 else np.full(len(sure), NOBODY)
    probability = sure[rows, best]
    return Verdicts(
        best=np.where(probability >= shape.threshold, best, NOBODY).astype(np.int64),
        probability=probability,
        runner_up=second.astype(np.int64),
        runner_up_probability=sure[rows, second] if sure.shape[1] > 1 else np.zeros(len(sure)),
    )


def places(labels: Sequence[str], values: Sequence[str]) -> IntArray:
    """Return the place of each label among the values, NOBODY for another word."""
    return np.asarray([values.index(label) if label in values else NOBODY for label in labels], np.int64)
