"""Objects that flicker."""

import pytest

from activelearning.core.pool import Seeds
from activelearning.core.samplers.flicker import Flicker
from tests.activelearning.core.pools import boxes, pool, rows_of

HERE, FAR = (0, 0, 10, 10), (200, 0, 210, 10)


def propose(*rows, sampler=None, frames=6):
    return (sampler or Flicker()).propose(pool(frames, boxes(*rows)), Seeds.none(), seed=0)


LOST = (0, "person", 0.9, HERE), (2, "person", 0.8, HERE)


def test_the_frame_in_which_an_object_is_lost_is_wanted_most_then_those_with_a_lone_box():
    proposal = propose(*LOST, (4, "bag", 0.9, FAR))
    assert rows_of(proposal) == [[1, 4]]
    assert proposal.score[[1, 4]] == pytest.approx([0.8, 0.45])
    assert proposal.why(1, 0).text == (
        "This person is seen 1.0 s before (score 0.90) and 1.0 s after (0.80), here not at all."
    )
    assert proposal.why(4, 0).text == (
        "This bag is seen here alone (score 0.90), in the frames before and after it is not."
    )
    assert proposal.why(1, 0).box == HERE


def test_shallow_dips_and_lone_boxes_can_be_left_out():
    shallow = (1, "person", 0.45, HERE)
    assert rows_of(propose(*LOST, shallow)) == [[1]]
    assert rows_of(propose(*LOST, shallow, sampler=Flicker(least=0.4))) == [[]]
    assert rows_of(propose(*LOST, (4, "bag", 0.9, FAR), sampler=Flicker(alone=0))) == [[1]]


def test_the_deepest_dip_of_a_frame_counts():
    proposal = propose(*LOST, (0, "bag", 0.95, FAR), (2, "bag", 0.95, FAR))
    assert proposal.score[1] == pytest.approx(0.95)
    assert proposal.why(1, 0).text.startswith("This bag")


def test_footage_without_boxes_does_not_flicker():
    assert rows_of(propose()) == []
    assert rows_of(propose(frames=0)) == []
