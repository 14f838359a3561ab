"""Curves: precision by hand and by pycocotools, calibration, the operating point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.core.curves import curves_of
from tests.evaluation.core.scenes import evidence, part, random_evidence, seen, truth
from tests.evaluation.core.slow_errors import coco_eval

TWO = [truth(0, "person", 0, 0, 10, 10), truth(1, "person", 0, 0, 10, 10)]


def test_precision_by_hand():
    found = [
        seen(0, "person", 0, 0, 10, 10, 0.95),
        seen(0, "person", 50, 0, 10, 10, 0.85),
        seen(1, "person", 0, 0, 10, 10, 0.8),
    ]
    curves = curves_of(part(evidence(TWO, found)), score=0.82)
    assert curves.precision == pytest.approx((1.0,) * 51 + (2 / 3,) * 50)
    assert curves.operating_point == {"score": 0.82, "precision": 0.5, "recall": 0.5}
    assert [dict(one) for one in curves.calibration] == [
        {"low": 0.8, "high": 0.9, "score": pytest.approx(0.825), "precision": 0.5, "count": 2},
        {"low": 0.9, "high": 1.0, "score": pytest.approx(0.95), "precision": 1.0, "count": 1},
    ]


def test_what_cannot_be_said():
    empty = curves_of(part(evidence()), score=0.5)
    assert (empty.precision, empty.calibration, empty.operating_point) == (None, (), None)
    unseen = curves_of(part(evidence(TWO)), score=0.5)
    assert (unseen.precision, unseen.operating_point) == ((0.0,) * 101, None)
    assert curves_of(part(evidence(TWO, [seen(0, "person", 0, 0, 10, 10)])), score=None).operating_point is None


def test_a_score_of_one_is_in_the_last_bin_and_crowds_are_in_none():
    found = [seen(0, "person", 0, 0, 10, 10, 1.0), seen(0, "person", 3, 3, 2, 2, 0.1)]
    crowd = truth(0, "person", 0, 0, 10, 10, crowd=True)
    assert curves_of(part(evidence([crowd], found)), score=None).calibration == ()
    assert [one["low"] for one in curves_of(part(evidence(TWO, found)), score=None).calibration] == [0.1, 0.9]


@given(st.integers(0, 2**32 - 1), st.sampled_from([(0, 1e10), (20, 60)]))
@settings(max_examples=60)
def test_precision_is_that_of_pycocotools(seed, area):
    asked = part(random_evidence(np.random.default_rng(seed), images=6), area=area)
    evaluation = coco_eval(asked, range(len(asked.evidence.found.score)), 0.5)
    evaluation.accumulate()
    precision = evaluation.eval["precision"][0, :, :, 0, 2]
    known = precision[:, (precision > -1).all(axis=0)]
    curves = curves_of(asked, score=None)
    if known.shape[1] == 0:
        assert curves.precision is None
    else:
        assert curves.precision == pytest.approx(known.mean(axis=1), abs=1e-12)
