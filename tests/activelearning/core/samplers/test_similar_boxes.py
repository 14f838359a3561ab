"""Boxes like those that went wrong."""

import numpy as np
import pytest

from activelearning.core.pool import Seeds
from activelearning.core.samplers.similar_boxes import SimilarBoxes
from curation.core.errors import SpecError
from curation.core.params import build
from tests.activelearning.core.pools import boxes, pool, rows_of, seeds, unit

EAST, NORTH, UP = (1, 0, 0), (0, 1, 0), (0, 0, 1)


def seen(*rows):
    """Boxes from (frame, score, vector)."""
    return boxes(*[(frame, "person", score) for frame, score, _ in rows], vectors=unit(*[v for *_, v in rows]))


def propose(sampler, pooled, sought, frames=10):
    return sampler.propose(pool(frames, pooled), sought, seed=0)


MISSED = seeds(("missed", "dark"), box_vectors=unit(EAST))


def test_a_frame_counts_as_its_best_box():
    pooled = seen((0, 0.5, NORTH), (0, 0.4, (1, 0.1, 0)), (1, 0.5, (1, 1, 0)), (2, 0.5, UP))
    proposal = propose(SimilarBoxes(doubt=0), pooled, MISSED)
    assert rows_of(proposal) == [[0, 1]]
    assert proposal.score[:2] == pytest.approx([0.99504, 0.70711], abs=1e-5)
    assert np.isnan(proposal.score[2])  # nothing in it is like the seed


def test_the_less_a_model_sees_of_what_it_missed_the_better():
    pooled = seen((0, 0.9, EAST), (1, 0.1, EAST), (2, 0.1, (1, 1, 0)))
    assert rows_of(propose(SimilarBoxes(doubt=1), pooled, MISSED)) == [[1, 2, 0]]
    assert propose(SimilarBoxes(doubt=0.5), pooled, MISSED).score[:2] == pytest.approx([0.55, 0.95])


def test_the_more_a_model_believes_in_a_false_alarm_the_better_and_doubtful_boxes_in_the_middle():
    pooled = seen((0, 0.9, EAST), (1, 0.1, EAST), (2, 0.5, EAST))
    false_alarm = seeds(("false_alarm", "dark"), box_vectors=unit(EAST))
    assert rows_of(propose(SimilarBoxes(doubt=1), pooled, false_alarm)) == [[0, 2, 1]]
    doubtful = seeds(("low_confidence", "dark"), box_vectors=unit(EAST))
    assert rows_of(propose(SimilarBoxes(doubt=1), pooled, doubtful))[0][0] == 2


def test_each_scenario_is_a_part_of_its_own_even_where_they_have_the_same_seeds():
    sought = seeds(("missed", "dark"), ("missed", "rain"), ("missed", "rain"), box_vectors=unit(EAST, EAST, NORTH))
    pooled = seen((0, 0.5, EAST), (1, 0.5, NORTH))
    proposal = propose(SimilarBoxes(), pooled, sought)
    assert [(part.name, part.share) for part in proposal.parts] == [("dark", 1), ("rain", 1)]
    assert [set(rows) for rows in rows_of(proposal)] == [{0}, {0, 1}]
    assert [(why.scenario, why.seed) for why in (proposal.why(0, 0), proposal.why(0, 1))] == [("dark", 1), ("rain", 2)]


def test_no_seed_takes_everything():
    sought = seeds(("missed", "dark"), ("missed", "dark"), box_vectors=unit(EAST, NORTH))
    crowd = [(frame, 0.2, (1, 0.001 * frame, 0)) for frame in range(6)]
    pooled = seen(*crowd, (8, 0.2, (0, 1, 0.8)))
    assert rows_of(propose(SimilarBoxes(fade=1.0), pooled, sought))[0][-1] == 8
    assert rows_of(propose(SimilarBoxes(fade=0.0), pooled, sought))[0][1] == 8
    assert 1 <= rows_of(propose(SimilarBoxes(fade=0.8), pooled, sought))[0].index(8) <= 2


def test_kinds_and_scores_can_be_left_out():
    sought = seeds(("missed", "dark"), ("false_alarm", "dark"), box_vectors=unit(EAST, NORTH))
    pooled = seen((0, 0.5, EAST), (1, 0.5, NORTH), (2, 0.1, EAST))
    assert rows_of(propose(SimilarBoxes(kinds=["false_alarm"]), pooled, sought)) == [[1]]
    assert sorted(rows_of(propose(SimilarBoxes(), pooled, sought))[0]) == [0, 1, 2]
    assert sorted(rows_of(propose(SimilarBoxes(floor=0.3), pooled, sought))[0]) == [0, 1]
    with pytest.raises(SpecError, match="kinds is 'mist'; seeds are of the kinds missed, false_alarm, low_confidence"):
        build(SimilarBoxes, {"kinds": ["mist"]}, where="mine 1")


def test_the_reason_names_seed_scenario_box_and_likeness():
    pooled = boxes((0, "bag", 0.25, (1, 2, 3, 4)), vectors=unit(EAST))
    reason = propose(SimilarBoxes(), pooled, MISSED).why(0, 0)
    assert reason.text == "Its bag at score 0.25 looks like a missed person."
    assert reason.to_dict() == {
        "text": reason.text, "scenario": "dark", "seed": 1, "similarity": 1.0, "box": [1.0, 2.0, 3.0, 4.0]
    }  # fmt: skip


def test_nothing_is_wanted_where_there_is_nothing_to_go_by():
    pooled = seen((0, 0.5, EAST))
    assert rows_of(propose(SimilarBoxes(), pooled, Seeds.none())) == []
    assert rows_of(propose(SimilarBoxes(), boxes(), MISSED, frames=0)) == []
    lacking = propose(SimilarBoxes(), boxes((0, "person", 0.5)), MISSED)
    assert lacking.notes == ("similar_boxes: the boxes have no vectors, so there is nothing to compare.",)
    assert rows_of(propose(SimilarBoxes(), seen((0, 0.5, (0, 0, 0))), MISSED)) == [[]]
