"""Softmax over similarities: a table, a slow version, properties."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curation.core.zero_shot import (
    NOBODY,
    Shape,
    judge,
    logits,
    mean_direction,
    places,
    plain_shape,
    probabilities,
)


def scores(*rows):
    return np.log(np.asarray(rows, np.float64))


def test_a_score_is_a_hundred_times_the_cosine():
    across = np.asarray([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], np.float32)
    assert logits(across, across[:2]) == pytest.approx(np.asarray([[100, 0], [0, 100], [60, 80], [0, 0]]), abs=1e-4)


def test_probabilities_are_a_softmax():
    assert probabilities(scores([1, 3]), plain_shape(2, threshold=0)) == pytest.approx(np.asarray([[0.25, 0.75]]))
    # Half as sharp: the square root of the odds. A bias multiplies them.
    assert probabilities(scores([1, 9]), Shape(0.5, (0, 0), 0)) == pytest.approx(np.asarray([[0.25, 0.75]]))
    assert probabilities(scores([1, 1]), Shape(1, (0, math.log(3)), 0)) == pytest.approx(np.asarray([[0.25, 0.75]]))


@pytest.mark.parametrize(
    "row, threshold, best, runner_up",
    [
        ([1, 2, 5], 0.5, 2, 1),
        ([1, 2, 5], 0.625, 2, 1),  # just enough
        ([1, 2, 5], 0.63, NOBODY, 1),
        ([4, 4, 1], 0.4, 0, 1),  # a tie: the first
        ([1], 0.9, 0, NOBODY),
    ],
)
def test_the_best_value_stands_if_it_is_sure_enough(row, threshold, best, runner_up):
    found = judge(scores(row), plain_shape(len(row), threshold=threshold))
    assert (found.best.tolist(), found.runner_up.tolist()) == ([best], [runner_up])
    assert found.probability[0] == pytest.approx(max(row) / sum(row))


def test_no_picture_gets_no_verdict():
    found = judge(np.empty((0, 3)), plain_shape(3, threshold=0.5))
    assert len(found.best) == len(found.runner_up) == len(found.runner_up_probability) == 0


def test_sentences_are_averaged():
    assert mean_direction(np.asarray([[1, 0], [0, 1]])) == pytest.approx(np.full(2, math.sqrt(0.5)))
    assert mean_direction(np.asarray([[0.6, 0.8]])) == pytest.approx([0.6, 0.8])
    assert mean_direction(np.asarray([[1, 0], [-1, 0]])).tolist() == [0, 0]
    with pytest.raises(ValueError, match="no vector"):
        mean_direction(np.empty((0, 2)))


def test_labels_have_places():
    assert places(["b", "z", "a"], ["a", "b"]).tolist() == [1, NOBODY, 0]
    assert places([], ["a"]).tolist() == []


@given(arrays(np.float64, (4, 3), elements=st.floats(-100, 100)), st.floats(0.01, 5), st.floats(0, 1))
def test_a_slow_softmax_says_the_same(rows, sharpness, threshold):
    shape = Shape(sharpness, (0.5, -1.0, 0.0), threshold)
    found = judge(rows, shape)
    for i, row in enumerate(rows):
        powers = [math.exp(sharpness * (z - max(row)) + b) for z, b in zip(row, shape.biases, strict=True)]
        chances = [power / sum(powers) for power in powers]
        assert probabilities(rows, shape)[i] == pytest.approx(chances, abs=1e-9)
        assert found.probability[i] == pytest.approx(max(chances), abs=1e-9)
        assert found.runner_up_probability[i] <= found.probability[i]
        assert found.best[i] == NOBODY or found.probability[i] >= threshold
