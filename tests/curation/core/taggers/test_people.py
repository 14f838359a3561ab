"""People are counted, with a confidence."""

import pytest

from curation.core.taggers.people import People
from curation.core.types import Tag
from tests.curation.core.taggers.views import seen, view


@pytest.mark.parametrize(
    "boxes, count, sure_of_count, sure_of_any",
    [
        ([], 0, 1.0, 1.0),
        ([("car", 0.9)], 0, 1.0, 1.0),
        ([("person", 0.3)], 0, 0.7, 0.7),
        ([("person", 0.3), ("person", 0.1)], 0, 0.7, 0.7),
        ([("person", 0.4)], 1, 0.4, 0.4),
        ([("person", 0.9), ("person", 0.5), ("person", 0.3), ("car", 0.8)], 2, 0.5, 0.9),
    ],
)
def test_people_are_the_boxes_from_the_score_on(boxes, count, sure_of_count, sure_of_any):
    assert People().tag(view(**seen(*boxes))) == [
        Tag("people", count, "model", "toy:1", sure_of_count),
        Tag("has_people", count > 0, "model", "toy:1", sure_of_any),
    ]


def test_other_classes_may_be_people():
    assert People(classes=["jacket"], score=0.1).tag(view(**seen(("jacket", 0.2), ("person", 0.9))))[0].value == 1


def test_nothing_is_said_where_no_detector_looked():
    assert People().tag(view(boxes=None)) == []
