"""Which frames count as one piece of evidence."""

import numpy as np
import pytest

from curation.core.errors import SpecError
from curation.core.params import build
from evaluation.core.visits import Grouping, group_frames


def grouped(kind, video, pts_s, *, camera=None, alone=None, gap_s=10.0):
    count = len(video)
    groups, found = group_frames(
        Grouping(kind, gap_s),
        video=np.asarray(video, np.int64),
        camera=np.asarray(camera if camera is not None else [0] * count, np.int64),
        pts_us=np.asarray(np.asarray(pts_s, float) * 1e6, np.int64),
        is_picture=np.asarray(alone if alone is not None else [False] * count, bool),
    )
    assert found == len(set(groups.tolist()))
    return groups.tolist()


def test_a_longer_gap_ends_a_visit_and_so_does_another_video():
    assert grouped("visit", [7, 7, 7, 7, 9], [0, 10, 20.1, 21, 22]) == [0, 0, 1, 1, 2]


def test_frames_may_come_in_any_order():
    assert grouped("visit", [9, 7, 9, 7], [30, 0, 0, 5]) == [2, 0, 1, 0]


def test_videos_cameras_and_frames():
    assert grouped("video", [7, 9, 7], [0, 0, 99]) == [0, 1, 0]
    assert grouped("camera", [7, 9, 8], [0, 0, 0], camera=[5, 3, 5]) == [1, 0, 1]
    assert grouped("frame", [7, 7], [0, 0]) == [0, 1]


@pytest.mark.parametrize("kind", ["visit", "video"])
def test_single_pictures_of_a_folder_stand_alone(kind):
    assert grouped(kind, [7, 7, 7], [0, 1, 2], alone=[True, True, True]) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["visit", "video", "camera", "frame"])
def test_no_frames_are_no_groups(kind):
    assert grouped(kind, [], []) == []


def test_an_unknown_kind_is_refused():
    with pytest.raises(SpecError, match="visit, video, camera or frame"):
        build(Grouping, {"kind": "day"}, where="group_by")
