"""Frames in which the model errs again, as the test teaches."""

from dataclasses import replace

import numpy as np
import pytest

from activelearning.core.pool import Examples, Seeds
from activelearning.core.samplers.likely_mistakes import LikelyMistakes
from tests.activelearning.core.pools import boxes, pool, rows_of, seeds, unit

WIDE, TALL = (0, 0, 90, 30), (0, 0, 30, 90)
LYING, STANDING = (1, 0.3, 0), (1, 0, 0.3)


def examples(*, missed=6, false_alarms=0, others=20, scenario="falls", vectors=True):
    """People who lie there were missed, and hardly seen; all others stand."""
    count = missed + false_alarms + others
    looks = [LYING] * missed + [(0, 0, 1)] * false_alarms + [STANDING] * others
    return Examples(
        scenario=[scenario] * count,
        kind=["missed"] * missed + ["false_alarm"] * false_alarms + ["other"] * others,
        label=["person"] * count,
        score=np.array([0.2] * missed + [0.8] * false_alarms + [0.9] * others),
        xyxy=np.array([WIDE] * missed + [TALL] * (false_alarms + others), float),
        seed=np.array([0] * missed + [-1] * (false_alarms + others)),
        **({"vectors": unit(*looks)} if vectors else {}),
    )


def taught(*given, **values):
    found = seeds(("missed", "falls"), *given)
    return replace(found, examples=examples(**values))


LOOKED = pool(
    4,
    boxes(
        (0, "person", 0.9, TALL), (1, "person", 0.25, WIDE), (2, "bag", 0.2, WIDE), (3, "person", 0.3, WIDE),
        (3, "person", 0.9, TALL), (1, "person", 0.02, WIDE),
        vectors=unit(STANDING, LYING, LYING, LYING, STANDING, LYING),
    ),
)  # fmt: skip


def test_frames_are_wanted_by_their_likeliest_mistake_and_labels_that_were_not_missed_do_not_count():
    proposal = LikelyMistakes().propose(LOOKED, taught(), seed=0)
    assert rows_of(proposal) == [[1, 3]]
    assert np.isnan(proposal.score).tolist() == [True, False, True, False]
    assert (proposal.score[[1, 3]] > 0.9).all()


def test_a_reason_names_the_box_the_scenario_and_the_miss_that_it_looks_like():
    reason = LikelyMistakes().propose(LOOKED, taught(), seed=0).why(3, 0)
    assert reason.text.startswith("Its person at score 0.30 is likely a missed person: 0.")
    assert reason.text.endswith(", learned from 6 in the test.")
    assert (reason.scenario, reason.seed, reason.box) == ("falls", 1, WIDE)
    assert reason.similarity == pytest.approx(1.0)


def test_without_vectors_scores_and_shapes_teach():
    looked = replace(LOOKED, boxes=replace(LOOKED.boxes, vectors=np.zeros((0, 0), np.float32)))
    proposal = LikelyMistakes().propose(looked, taught(vectors=False), seed=0)
    assert rows_of(proposal) == [[1, 3]]
    assert (proposal.why(1, 0).seed, proposal.why(1, 0).similarity) == (None, None)


def test_false_alarms_are_told_from_right_boxes_and_share_by_how_often_each_went_wrong():
    kinds = ("false_alarm", "falls"), ("false_alarm", "falls"), ("false_alarm", "falls")
    looked = pool(2, boxes((0, "person", 0.8, TALL), (1, "person", 0.8, TALL), vectors=unit((0, 0, 1), STANDING)))
    proposal = LikelyMistakes().propose(looked, taught(*kinds, false_alarms=6), seed=0)
    assert [(part.name, part.share) for part in proposal.parts] == [("falls", 0.25), ("falls", 0.75)]
    assert rows_of(proposal)[1] == [0]
    assert "is likely a false alarm for person" in proposal.why(0, 1).text
    assert rows_of(LikelyMistakes(kinds=["missed"]).propose(looked, taught(*kinds, false_alarms=6), seed=0)) == [[]]


def test_too_few_examples_teach_nothing_and_that_is_said():
    for few in (taught(missed=4), taught(others=3), replace(taught(), examples=Examples.none())):
        proposal = LikelyMistakes().propose(LOOKED, few, seed=0)
        assert rows_of(proposal) == []
        assert "fewer than 5 boxes" in proposal.notes[0]


def test_nothing_is_wanted_where_there_is_nothing_to_go_by():
    assert rows_of(LikelyMistakes().propose(pool(2), taught(), seed=0)) == []
    assert rows_of(LikelyMistakes().propose(LOOKED, Seeds.none(), seed=0)) == []


@pytest.mark.parametrize("kinds", [[], ["low_confidence"]])
def test_kinds_that_mean_nothing_are_refused(kinds):
    with pytest.raises(ValueError, match="missed, false_alarm"):
        LikelyMistakes(kinds=kinds)
