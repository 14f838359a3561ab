"""Where nothing is found: which values no frame has, and which come near."""

import pytest

from curation.services.search import search
from tests.factories import CameraFactory, FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query, hint",
    [
        ("lighting:drk", "No frame has lighting:drk. Near: dark."),
        ("people:>0 AND lighting:xyz", "No frame has lighting:xyz. Near: bright, dark."),
        ('objects:"trafic light"', 'No frame has objects:"trafic light". Near: "traffic light".'),
        ("camera:gaet", "No frame has camera:gaet. Near: gate."),
        ("place:nowhere", "No frame has place:nowhere. Near: yard."),
    ],
)
def test_nothing_found_says_which_values_come_near(query, hint):
    video = VideoFactory(camera=CameraFactory(name="gate", attributes={"place": "yard"}))
    FrameFactory(video=video, tags={"lighting": "dark", "objects": ["traffic light"], "place": "yard"})
    FrameFactory(video=video, tags={"lighting": "bright"})

    assert search(query).hints == [hint]


def test_hints_are_given_only_where_nothing_is_found():
    FrameFactory(tags={"lighting": "dark", "people": 1})

    assert search("lighting:drak OR lighting:dark").hints == []
    assert search("people:>99").hints == []
