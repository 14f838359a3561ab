"""From boxes to frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.per_frame import best_boxes, over_boxes, whole_frames

FRAME, VALUE = np.asarray([1, 1, 3, 3, 3]), np.asarray([0.2, 0.6, 0.5, 0.5, 0.1])


def test_the_best_box_of_each_frame_that_has_any_is_found_the_first_of_equals():
    assert best_boxes(FRAME, VALUE).tolist() == [1, 2]
    assert best_boxes(FRAME[:0], VALUE[:0]).tolist() == []


@pytest.mark.parametrize(
    "over, first, second",
    [("max", 0.6, 0.5), ("mean", 0.4, 1.1 / 3), ("sum", 0.8, 1.1)],
)
def test_boxes_are_aggregated_and_a_frame_without_any_has_no_value(over, first, second):
    found = over_boxes(FRAME, VALUE, frames=5, over=over)
    assert np.isnan(found[[0, 2, 4]]).all()
    assert found[[1, 3]] == pytest.approx([first, second])
    assert np.isnan(over_boxes(FRAME[:0], VALUE[:0], frames=2, over=over)).all()


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0.1, 0.5, 0.9])), max_size=30))
def test_the_best_boxes_are_those_that_a_slow_walk_finds(rows):
    rows.sort(key=lambda row: row[0])
    frames = [frame for frame, _ in rows]
    slow = []
    for frame in sorted(set(frames)):
        boxes = [i for i, row in enumerate(rows) if row[0] == frame]
        slow.append(max(boxes, key=lambda i: (rows[i][1], -i)))
    found = best_boxes(np.asarray(frames, np.int64), np.asarray([value for _, value in rows], np.float64))
    assert found.tolist() == slow


def test_blocks_hold_whole_frames():
    frame = np.asarray([0, 0, 1, 1, 1, 2])
    assert list(whole_frames(frame, boxes=3)) == [slice(0, 5), slice(5, 6)]
    assert list(whole_frames(frame, boxes=1)) == [slice(0, 2), slice(2, 5), slice(5, 6)]
    assert list(whole_frames(frame, boxes=99)) == [slice(0, 6)]
    assert list(whole_frames(frame[:0], boxes=3)) == []
