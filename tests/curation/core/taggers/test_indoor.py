"""Indoors or outdoors, by what stands around."""

import pytest

from curation.core.taggers.indoor import Indoor
from curation.core.types import Tag
from tests.curation.core.taggers.views import seen, view


@pytest.mark.parametrize(
    "boxes, indoor, confidence, because",
    [
        ([("couch", 0.4)], True, 1.0, ["couch"]),
        ([("car", 0.9)], False, 1.0, ["car"]),
        ([("tv", 0.9), ("bed", 0.5), ("tv", 0.6), ("car", 0.5)], True, 0.8, ["bed", "tv"]),
        ([("car", 0.6), ("bus", 0.6), ("couch", 0.4), ("person", 0.9)], False, 0.75, ["bus", "car"]),
    ],
)
def test_what_weighs_more_decides_and_is_kept(boxes, indoor, confidence, because):
    assert Indoor().tag(view(**seen(*boxes))) == [
        Tag("indoor", indoor, "rule", "indoor", confidence, {"because": because})
    ]


@pytest.mark.parametrize("boxes", [[], [("person", 0.9)], [("couch", 0.39)], [("couch", 0.5), ("car", 0.5)]])
def test_nothing_is_said_without_a_sign_or_with_as_many_for_as_against(boxes):
    assert Indoor().tag(view(**seen(*boxes))) == []


def test_nothing_is_said_where_no_detector_looked():
    assert Indoor().tag(view(boxes=None)) == []


def test_the_classes_belong_to_the_run():
    (tag,) = Indoor(indoor_classes=["shelf"], score=0.1).tag(view(**seen(("shelf", 0.2), ("couch", 0.9))))
    assert (tag.value, tag.detail) == (True, {"because": ["shelf"]})
