"""Motion as yes or no and as an amount."""

import pytest

from curation.core.taggers.movement import Movement
from curation.core.types import Tag
from tests.curation.core.taggers.views import view


@pytest.mark.parametrize("percent, moves", [(0, False), (0.0999, False), (0.1, True), (100, True)])
def test_motion_begins_at_the_threshold(percent, moves):
    assert Movement().tag(view(motion_percent=percent)) == [
        Tag("motion", moves, "tagger", "movement", 1.0),
        Tag("motion_amount", pytest.approx(percent, abs=0.001), "tagger", "movement", 1.0),
    ]


def test_nothing_is_said_where_no_motion_stage_ran():
    assert Movement().tag(view(motion_percent=None)) == []
