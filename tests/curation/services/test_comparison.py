"""Two dataset versions side by side, as they were frozen."""

import pytest

from curation.core.splits import SplitSpec
from curation.models import Frame
from curation.services.comparison import compare_versions
from curation.services.datasets import create_version
from tests.factories import AnnotationFactory, FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_two_versions_side_by_side():
    videos = VideoFactory.create_batch(10)
    frames = [FrameFactory(video=video, tags={"weather": "clear"}) for video in videos]
    before = create_version(dataset="gate", frame_ids=[f.pk for f in frames[:-1]], splits=SplitSpec())
    Frame.objects.filter(pk=frames[1].pk).update(tags={"weather": "rain"})
    AnnotationFactory(frame=frames[2], label="dog")
    after = create_version(dataset="gate", frame_ids=[f.pk for f in frames[1:]], splits=SplitSpec())

    said = compare_versions(before, after).to_dict()

    assert (said["before"], said["after"]) == ("gate@1", "gate@2")
    assert said["frames"] == {"before": 9, "after": 9, "in_both": 8}
    assert said["came"] == {"count": 1, "frames": [frames[9].pk]}
    assert said["went"] == {"count": 1, "frames": [frames[0].pk]}
    assert said["relabelled"] == {"count": 1, "frames": [frames[2].pk]}
    assert said["retagged"] == {"weather": 1}
    assert said["moved"] == {"count": 0, "frames": [], "moves": {}}  # groups keep their split
    assert said["labels"]["names"] == ["dog"]
    [weather] = [shift for shift in said["shifts"] if shift["factor"] == "weather"]
    assert dict(zip(weather["names"], zip(weather["before"], weather["after"], strict=True), strict=True))["rain"] == (
        0, 1,
    )  # fmt: skip
    assert weather["divergence"] > 0


def test_frames_that_changed_sides_are_named():
    frames = [FrameFactory() for _ in range(4)]
    ids = [frame.pk for frame in frames]
    before = create_version(dataset="a", frame_ids=ids, splits=SplitSpec(train=1, val=0, test=0))
    after = create_version(dataset="b", frame_ids=ids, splits=SplitSpec(train=0, val=0, test=1))
    said = compare_versions(before, after).to_dict(limit=2)
    assert said["moved"] == {"count": 4, "frames": ids[:2], "moves": {"train → test": 4}}
    assert said["labels"]["divergence"] is None
