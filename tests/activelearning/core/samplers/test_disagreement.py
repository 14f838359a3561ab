"""Two models that see different things."""

import numpy as np
import pytest

from activelearning.core.pool import Seeds
from activelearning.core.samplers.disagreement import Disagreement
from tests.activelearning.core.pools import boxes, pool, rows_of

HERE, NEAR, FAR = (0, 0, 10, 10), (1, 0, 11, 10), (50, 50, 60, 60)


def propose(mine, theirs, frames=4, sampler=None, name=""):
    looked = pool(frames, boxes(*mine), others={name: boxes(*theirs)})
    return (sampler or Disagreement(other=name)).propose(looked, Seeds.none(), seed=0)


def test_what_one_model_alone_sees_counts_as_its_score_and_what_both_see_as_the_difference():
    proposal = propose(
        [(0, "person", 0.9, HERE), (1, "person", 0.8, HERE), (2, "person", 0.7, HERE), (3, "person", 0.9, HERE)],
        [(0, "person", 0.6, NEAR), (1, "person", 0.7, FAR), (2, "bag", 0.4, HERE), (3, "person", 0.9, HERE)],
    )
    assert proposal.score[:3] == pytest.approx([0.3, 0.8, 0.7])
    assert np.isnan(proposal.score[3])  # they agree
    assert rows_of(proposal) == [[1, 2, 0]]


def test_the_reason_says_who_sees_what():
    why = propose([(0, "person", 0.9, HERE)], [(0, "person", 0.6, NEAR), (1, "bag", 0.5, FAR)], name="big").why
    assert why(0, 0).text == "The tested model gives this person a score of 0.90, big 0.60."
    assert why(1, 0).text == "Only big sees this bag (score 0.50), the tested model does not."
    assert why(1, 0).box == FAR
    why = propose([(0, "person", 0.9, HERE)], []).why
    assert why(0, 0).text == "Only the tested model sees this person (score 0.90), the model before does not."


def test_over_all_boxes_and_without_faint_ones():
    mine = [(0, "person", 0.9, HERE), (0, "person", 0.5, FAR), (1, "person", 0.2, HERE)]
    theirs = [(0, "person", 0.9, HERE)]
    assert propose(mine, theirs, sampler=Disagreement(over="mean")).score[0] == pytest.approx(0.25)
    assert propose(mine, theirs, sampler=Disagreement(over="sum")).score[0] == pytest.approx(0.5 / 1.5)
    assert np.isnan(propose(mine, theirs).score[1])
    assert propose(mine, theirs, sampler=Disagreement(floor=0.1)).score[1] == pytest.approx(0.2)


def test_a_faint_box_of_the_other_model_still_stands_against_a_strong_one():
    assert propose([(0, "person", 0.9, HERE)], [(0, "person", 0.1, HERE)]).score[0] == pytest.approx(0.8)


def test_without_the_other_model_nothing_is_wanted_and_a_note_says_so():
    looked = pool(2, boxes((0, "person", 0.5)))
    (note,) = Disagreement(other="big").propose(looked, Seeds.none(), seed=0).notes
    assert note == "disagreement: there are no boxes of 'big' to compare with."
    assert rows_of(Disagreement().propose(pool(0), Seeds.none(), seed=0)) == []
    assert rows_of(propose([], [])) == [[]]
