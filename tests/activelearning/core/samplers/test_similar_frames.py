"""Frames like those in which something went wrong."""

import pytest

from activelearning.core.pool import Seeds
from activelearning.core.samplers.similar_frames import SimilarFrames
from tests.activelearning.core.pools import pool, rows_of, seeds, unit

SOUGHT = seeds(("missed", "dark"), ("false_alarm", "rain"), frame_vectors=unit((1, 0, 0), (0, 1, 0)))


def test_frames_are_wanted_by_their_likeness_to_the_seeds_of_each_scenario():
    looked = pool(4, vectors=unit((1, 0.5, 0), (0.1, 1, 0), (0, 0, 1), (1, 0, 0)))
    proposal = SimilarFrames().propose(looked, SOUGHT, seed=0)
    assert [part.name for part in proposal.parts] == ["dark", "rain"]
    assert rows_of(proposal) == [[3, 0], [1, 0]]
    assert proposal.score[:2] == pytest.approx([0.89443, 0.99504], abs=1e-5)
    reason = proposal.why(1, 1)
    assert reason.text == "The frame looks like one with a false alarm for person."
    assert (reason.scenario, reason.seed, reason.box) == ("rain", 2, None)


def test_nothing_is_wanted_where_there_is_nothing_to_go_by():
    looked = pool(1, vectors=unit((1, 0, 0)))
    assert rows_of(SimilarFrames().propose(looked, Seeds.none(), seed=0)) == []
    assert rows_of(SimilarFrames().propose(pool(0), SOUGHT, seed=0)) == []
    (note,) = SimilarFrames().propose(pool(2), SOUGHT, seed=0).notes
    assert note.startswith("similar_frames: the frames have no vectors")
