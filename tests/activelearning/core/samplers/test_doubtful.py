"""Least confidence, margin and entropy over a frame's boxes."""

import numpy as np
import pytest

from activelearning.core.pool import Seeds
from activelearning.core.samplers.entropy import Entropy
from activelearning.core.samplers.least_confidence import LeastConfidence
from activelearning.core.samplers.margin import Margin
from tests.activelearning.core.pools import boxes, pool, rows_of

SEEN = boxes((0, "person", 0.9), (0, "bag", 0.4), (1, "person", 0.5), (2, "person", 0.05), (4, "person", 0.95))


def propose(sampler, seen=SEEN, frames=5):
    return sampler.propose(pool(frames, seen), Seeds.none(), seed=0)


def test_frames_are_wanted_by_their_most_doubtful_box():
    assert rows_of(propose(Entropy())) == [[1, 0, 4]]
    assert rows_of(propose(Margin())) == [[1, 0, 4]]
    assert rows_of(propose(LeastConfidence())) == [[0, 1, 4]]
    score = propose(LeastConfidence()).score
    assert score[[0, 1, 4]] == pytest.approx([0.6, 0.5, 0.05])
    assert np.isnan(score[[2, 3]]).all()  # a box of background, and none


def test_a_lower_floor_lets_fainter_boxes_count():
    assert rows_of(propose(LeastConfidence(floor=0.0)))[0][0] == 2


def test_the_threshold_moves_the_margin():
    assert rows_of(propose(Margin(threshold=0.9)))[0][0] == 0


def test_mean_and_sum_look_at_all_boxes():
    mean, total = propose(LeastConfidence(over="mean")).score, propose(LeastConfidence(over="sum")).score
    assert mean[0] == pytest.approx(0.35)
    assert total[0] == pytest.approx(0.7 / 1.7)  # 0 to 1, in the order of the sums
    crowd = boxes((0, "person", 0.5), *[(1, "person", 0.3)] * 4)
    assert rows_of(propose(Entropy(), crowd)) == [[0, 1]]
    assert rows_of(propose(Entropy(over="sum"), crowd)) == [[1, 0]]
    assert (propose(Entropy(over="sum"), crowd).score[:2] < 1).all()


def test_the_reason_names_the_measure_and_the_box():
    proposal = propose(Entropy(), boxes((0, "bag", 0.4, (1, 2, 3, 4)), (0, "person", 0.9)))
    reason = proposal.why(0, 0)
    assert reason.text == "Entropy 0.97: bag at score 0.40."
    assert reason.to_dict()["box"] == [1.0, 2.0, 3.0, 4.0]
    proposal = propose(LeastConfidence(over="sum"), SEEN)
    assert proposal.why(0, 0).text == (
        "Least confidence 0.70, sum over 2 boxes; the most doubtful is a bag at score 0.40."
    )


def test_frames_without_boxes_are_not_wanted():
    for sampler in (Entropy(), Margin(), LeastConfidence()):
        assert rows_of(propose(sampler, boxes())) == []
        assert rows_of(propose(sampler, boxes(), frames=0)) == []
