"""Footage sampled like the frames in which the model is unsure."""

import numpy as np
import pytest

from activelearning.core.pool import Seeds
from activelearning.core.samplers.attributes import Attributes
from tests.activelearning.core.pools import boxes, pool, rows_of

# Frames 0 to 3 hold a doubtful box: three by night, one by day; two in rain.
SEEN = boxes(*[(frame, "person", 0.3) for frame in range(4)], (4, "person", 0.9), (5, "person", 0.02))
TAGS = {
    "light": ["night", "night", "night", "day", "day", "day", "night", "dusk"],
    "weather": ["rain", "rain", None, None, "dry", "dry", "rain", "dry"],
}


def propose(sampler=None, seen=SEEN, tags=TAGS, seed=0):
    return (sampler or Attributes()).propose(pool(8, seen, tags=tags), Seeds.none(), seed=seed)


def test_each_factor_by_itself_gives_its_values_the_shares_that_they_have_among_doubtful_frames():
    proposal = propose()
    assert {part.name: part.share for part in proposal.parts} == {
        "light:night": pytest.approx(0.375), "light:day": pytest.approx(0.125), "weather:rain": pytest.approx(0.5)
    }  # fmt: skip
    rows = {part.name: sorted(part.rows.tolist()) for part in proposal.parts}
    assert rows == {"light:night": [0, 1, 2, 6], "light:day": [3, 4, 5], "weather:rain": [0, 1, 6]}
    assert np.isnan(proposal.score[7])
    assert proposal.score[[0, 2, 4]] == pytest.approx([1.0, 0.75, 0.25])


def test_the_order_within_a_value_is_chance():
    assert rows_of(propose(seed=1)) == rows_of(propose(seed=1))
    assert len({str(rows_of(propose(seed=seed))) for seed in range(20)}) > 5


def test_factors_can_be_named_and_one_that_nobody_has_is_noted():
    proposal = propose(Attributes(factors=["weather", "mood"]))
    assert [part.name for part in proposal.parts] == ["weather:rain"]
    assert proposal.parts[0].share == 1
    assert proposal.notes == ("attributes: no frame has a value for 'mood'.",)


def test_the_reason_names_each_factor():
    assert propose().why(0, 0).text == (
        "Its light is night, as in 75% of the frames with a doubtful box; "
        "weather is rain, as in 100% of the frames with a doubtful box."
    )
    assert propose().why(2, 0).text == "Its light is night, as in 75% of the frames with a doubtful box."


def test_nothing_is_wanted_where_nothing_is_doubtful_or_known():
    assert rows_of(propose(seen=boxes((0, "person", 0.9)))) == []
    assert propose(seen=boxes()).notes == ("attributes: no frame holds a box with a score from 0.1 to 0.5.",)
    assert propose(tags={}).notes == ("attributes: the doubtful frames have no tags to go by.",)
    assert rows_of(Attributes().propose(pool(0), Seeds.none(), seed=0)) == []
