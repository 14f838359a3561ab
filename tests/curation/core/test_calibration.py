"""Learning from a few labels: what it mends, and what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from curation.core import calibration
from curation.core.calibration import LEAST_LABELS, calibrate, enough
from curation.core.zero_shot import NOBODY, Shape, judge, probabilities


def labelled(count, values=3, *, shape, seed=0, spread=6.0):
    """Draw logits, and labels with the chances that `shape` gives them."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(0, spread, (count, values))
    sure = probabilities(scores, shape)
    return scores, np.asarray([chance.choice(values, p=row) for row in sure])


@pytest.mark.parametrize(
    "labels, is_enough",
    [
        ([], False),
        ([0] * 7 + [1], False),  # one of a value tells nothing
        ([0] * 6 + [1] * 2, True),
        ([0] * 2 + [1] * 2, False),
        ([0] * 20, False),
        ([NOBODY] * 4 + [0] * 2 + [1] * 2, True),
        ([NOBODY] * 20, False),
    ],
)
def test_it_takes_some_labels_of_two_values(labels, is_enough):
    labels = np.asarray(labels, np.int64)
    assert enough(labels) == is_enough
    if not is_enough:
        with pytest.raises(ValueError, match="not enough"):
            calibrate(np.zeros((len(labels), 2)), labels, threshold=0.5)


def test_a_model_that_leans_to_one_value_is_set_upright():
    scores, labels = labelled(60, shape=Shape(1.0, (0, 0, 0), 0))
    leaning = scores + np.asarray([0.0, 0.0, 12.0])
    found = calibrate(leaning, labels, threshold=0.4)
    assert found.before.accuracy < 0.5
    assert found.after.accuracy > 0.75
    assert found.after.log_loss < found.before.log_loss / 3
    assert found.shape.biases[2] < found.shape.biases[0] - 5
    assert (found.folds, found.strength) == (10, 0.03)


def test_a_model_that_is_too_sure_is_cooled_down():
    scores, labels = labelled(80, shape=Shape(0.1, (0, 0, 0), 0))
    found = calibrate(scores, labels, threshold=0.5)
    assert found.shape.sharpness == pytest.approx(0.1, abs=0.06)
    assert found.after.log_loss < found.before.log_loss


def test_a_model_that_is_right_already_is_left_alone():
    labels = np.asarray([0, 0, 0, 0, 1, 1, 1, 1])
    scores = 100.0 * np.eye(2)[labels]
    found = calibrate(scores, labels, threshold=0.5)
    assert found.shape == Shape(1.0, (0.0, 0.0), 0.5)
    assert found.strength is None
    assert found.before.accuracy == found.after.accuracy == 1.0
    assert found.folds == 8


def test_frames_of_which_no_value_is_right_raise_the_threshold():
    sure = np.asarray([[9.0, 0]] * 4 + [[0, 9.0]] * 4 + [[0.5, 0]] * 8)
    labels = np.asarray([0] * 4 + [1] * 4 + [NOBODY] * 8)
    found = calibrate(sure, labels, threshold=0.5)
    assert found.shape.threshold > 0.5
    assert found.before.accuracy == 0.5
    assert found.after.accuracy == 1.0
    assert judge(sure, found.shape).best.tolist() == labels.tolist()


def test_right_values_that_are_not_sure_enough_lower_the_threshold():
    scores = np.log(np.asarray([[0.4, 0.3, 0.3]] * 5 + [[0.3, 0.4, 0.3]] * 5))
    labels = np.asarray([0] * 5 + [1] * 5)
    assert calibrate(scores, labels, threshold=0.6).after.accuracy == 1.0


def test_the_order_of_the_labels_does_not_matter():
    scores, labels = labelled(40, shape=Shape(0.3, (1, 0, -1), 0), seed=4)
    mixed = np.random.default_rng(1).permutation(len(labels))
    assert calibrate(scores, labels, threshold=0.5) == calibrate(scores[mixed], labels[mixed], threshold=0.5)


def test_the_slope_is_the_slope(monkeypatch):
    scores, labels = labelled(20, shape=Shape(0.3, (0, 0, 0), 0))
    labels[0] = NOBODY
    seen = {}

    def watched(loss, start, **how):
        seen["off"] = check_grad(lambda at: loss(at)[0], lambda at: loss(at)[1], start + 0.2)
        return real(loss, start, **how)

    real = calibration.minimize
    monkeypatch.setattr(calibration, "minimize", watched)
    calibration._fit(scores, labels, 0.3)
    assert seen["off"] < 1e-3


@settings(max_examples=10)
@given(st.integers(0, 1000), st.integers(LEAST_LABELS, 40), st.integers(2, 4))
def test_what_is_said_of_it_is_never_worse_in_log_loss(seed, count, values):
    scores, labels = labelled(count, values, shape=Shape(0.5, (0.0,) * values, 0), seed=seed)
    if not enough(labels):
        return
    found = calibrate(scores, labels, threshold=0.5)
    assert found.after.log_loss <= found.before.log_loss
    assert 0 <= found.shape.threshold < 1
    assert 0 <= found.after.accuracy <= 1
