"""How unsure a model is of a box."""

import numpy as np
import pytest

from activelearning.core.box_doubt import entropy, least_confidence, margin

SCORES = np.asarray([0.0, 0.25, 0.5, 0.75, 1.0])


def test_the_three_measures_are_what_their_formulas_say():
    assert least_confidence(SCORES) == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    assert margin(SCORES, threshold=0.5) == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert margin(SCORES, threshold=0.5) == pytest.approx(1 - np.abs(SCORES - (1 - SCORES)))
    assert entropy(SCORES) == pytest.approx([0, 0.8112781, 1, 0.8112781, 0], abs=1e-6)


def test_the_margin_is_widest_at_the_threshold_wherever_that_is():
    assert margin(SCORES, threshold=0.25) == pytest.approx([0, 1, 2 / 3, 1 / 3, 0])
    assert margin(SCORES, threshold=0.75) == pytest.approx([0, 1 / 3, 2 / 3, 1, 0])


def test_no_boxes_have_no_doubt():
    nothing = np.zeros(0)
    assert len(least_confidence(nothing)) == len(margin(nothing, threshold=0.5)) == len(entropy(nothing)) == 0
