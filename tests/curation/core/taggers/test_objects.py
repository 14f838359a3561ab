"""Classes are listed and counted."""

import pytest

from curation.core.taggers.objects import Objects
from curation.core.types import Tag
from tests.curation.core.taggers.views import seen, view


@pytest.mark.parametrize(
    "boxes, counts, sure",
    [
        ([], {}, 1.0),
        ([("car", 0.39)], {}, 1.0),
        ([("car", 0.4)], {"car": 1}, 0.4),
        ([("person", 0.9), ("car", 0.7), ("person", 0.5), ("dog", 0.1)], {"car": 1, "person": 2}, 0.5),
    ],
)
def test_classes_are_counted_from_the_score_on(boxes, counts, sure):
    assert Objects().tag(view(**seen(*boxes))) == [
        Tag("objects", list(counts), "model", "toy:1", sure),
        Tag("object_counts", counts, "model", "toy:1", sure),
    ]


def test_classes_come_in_order_of_name():
    (listed, _) = Objects().tag(view(**seen(("dog", 0.9), ("car", 0.9))))
    assert listed.value == ["car", "dog"]


def test_nothing_is_said_where_no_detector_looked():
    assert Objects().tag(view(boxes=None)) == []
