"""How unsure a model is of a box, told from the box's score alone: the chance that the object is there.

A detector tells the score of a box's top class, not of all classes, so each box is a question with two answers: there
or not. Source: Settles, "Active learning literature survey", 2009, section 3.1; over the boxes of a frame as in
Brust, Käding and Denzler, "Active learning for deep object detection", VISAPP 2019."""

import numpy as np

from curation.core.types import FloatArray


def least_confidence(score: FloatArray) -> FloatArray:
    """Return 1 - score: 1 for a box that the model hardly believes in."""
    doubt: FloatArray = 1.0 - score
    return doubt


def margin(score: FloatArray, *, threshold: float) -> FloatArray:
    """Return 1 at the threshold, falling straight to 0 at scores of 0 and 1: how little would tip the answer.

    With a threshold of 0.5 it is 1 - |score - (1 - score)|, the margin between the two answers."""
    doubt: FloatArray = np.where(
        score < threshold, score / max(threshold, 1e-9), (1.0 - score) / max(1.0 - threshold, 1e-9)
    )
    return doubt


def entropy(score: FloatArray) -> FloatArray:
    """Return the entropy of there or not, in bits: 1 at a score of 0.5, 0 at 0 and 1."""
    p = np.clip(score, 1e-12, 1 - 1e-12)
    doubt: FloatArray = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    return doubt
