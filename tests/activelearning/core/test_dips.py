"""Objects that are lost for a moment, and boxes of one moment."""

import numpy as np
import pytest

from activelearning.core.dips import Nearby, dips_and_peaks
from tests.activelearning.core.pools import boxes, pool

NEARBY = Nearby(gap_s=3.0, reach=0.5, iou=0.2)
HERE, ASIDE, FAR = (0, 0, 10, 10), (8, 0, 18, 10), (200, 0, 210, 10)


def found(count, *rows, nearby=NEARBY, seen=0.5, **frames):
    return dips_and_peaks(pool(count, boxes(*rows), **frames), seen=seen, nearby=nearby)


def test_an_object_that_is_seen_before_and_after_is_lost_in_between():
    dips, peaks = found(3, (0, "person", 0.9, HERE), (2, "person", 0.7, ASIDE))
    assert dips.rows.tolist() == [1]
    assert dips.depth == pytest.approx([0.7])
    assert dips.xyxy.tolist() == [[4, 0, 14, 10]]  # half way between
    assert len(peaks.rows) == 0


def test_a_faint_box_in_between_makes_the_dip_shallower():
    dips, _ = found(3, (0, "person", 0.9, HERE), (1, "person", 0.3, HERE), (2, "person", 0.7, HERE))
    assert (dips.depth, dips.here) == (pytest.approx([0.4]), pytest.approx([0.3]))
    dips, _ = found(3, (0, "person", 0.9, HERE), (1, "bag", 0.3, HERE), (2, "person", 0.7, HERE))
    assert dips.here.tolist() == [0]


def test_an_object_that_is_seen_all_along_or_stands_elsewhere_or_is_another_is_no_dip():
    steady = [(frame, "person", 0.8, HERE) for frame in range(4)]
    for rows in (steady, [steady[0], (2, "bag", 0.9, HERE)], [steady[0], (2, "person", 0.9, FAR)]):
        assert len(found(4, *rows)[0].rows) == 0


def test_an_object_may_be_lost_in_several_frames_but_not_for_longer_than_the_gap():
    rows = (0, "person", 0.9, HERE), (3, "person", 0.9, HERE)
    assert found(4, *rows)[0].rows.tolist() == [1, 2]
    assert len(found(4, *rows, nearby=Nearby(2.9, 0.5, 0.2))[0].rows) == 0


def test_frames_of_two_videos_and_pictures_are_not_neighbours():
    rows = (0, "person", 0.9, HERE), (2, "person", 0.9, HERE)
    assert found(3, *rows)[0].rows.tolist() == [1]
    assert len(found(3, *rows, video=[0, 1, 1])[0].rows) == 0
    assert found(3, *rows, video=[0, 1, 0])[0].rows.tolist() == []  # nothing lies in between
    assert len(found(3, *rows, picture=[0])[0].rows) == 0


def test_time_counts_and_not_the_order_of_rows():
    dips, _ = found(3, (0, "person", 0.9, HERE), (1, "person", 0.7, HERE), at_s=[0, 2, 1])
    assert dips.rows.tolist() == [2]


def test_two_objects_side_by_side_are_followed_each():
    dips, _ = found(
        3,
        (0, "person", 0.9, HERE), (0, "person", 0.8, FAR), (1, "person", 0.9, HERE),
        (2, "person", 0.9, HERE), (2, "person", 0.7, FAR),
    )  # fmt: skip
    assert (dips.rows.tolist(), dips.xyxy.tolist()) == ([1], [list(FAR)])


def test_a_box_of_one_frame_alone_is_a_peak_where_there_are_frames_before_and_after():
    _, peaks = found(3, (1, "person", 0.8, HERE))
    assert (peaks.rows.tolist(), peaks.depth.tolist()) == ([1], [0.8])
    _, peaks = found(3, (0, "person", 0.3, HERE), (1, "person", 0.8, HERE))
    assert peaks.depth == pytest.approx([0.5])
    for number in (0, 2):
        assert len(found(3, (number, "person", 0.8, HERE))[1].rows) == 0
    assert len(found(3, (1, "person", 0.8, HERE), at_s=[0, 10, 11])[1].rows) == 0
    assert len(found(3, (1, "person", 0.8, HERE), video=[0, 1, 1])[1].rows) == 0


def test_nothing_flickers_where_nothing_is():
    for frames in (0, 1, 3):
        dips, peaks = found(frames)
        assert len(dips.rows) == len(peaks.rows) == 0


def test_long_footage_is_looked_through_step_by_step():
    lost = np.arange(5, 395, 10)
    rows = [(frame, "person", 0.9, HERE) for frame in range(400) if frame not in lost]
    assert found(400, *rows)[0].rows.tolist() == lost.tolist()
