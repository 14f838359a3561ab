"""The exam: the suite's own scenario and rule, on arrays."""

import numpy as np

from bench._loop_exam import SCENARIO, examine
from bench._loop_world import Footage, TrueBox
from curation.core.types import Box

COUNT = 40


def lying(count):
    """A video of `count` visits, one frame each, with somebody at (10, 10, 50, 30); then a frame with nobody lying."""
    box = TrueBox("person", (10.0, 10.0, 50.0, 30.0), is_hidden=False)
    rows = count + 1
    return Footage(
        pictures=np.zeros((rows, 36, 64, 3), np.uint8),
        boxes=((box,),) * rows,
        video=np.zeros(rows, np.int64),
        camera=np.zeros(rows, np.int64),
        pts_us=np.arange(rows) * 20_000_000,
        fallen=np.arange(rows) < count,
    )


def seen(rows, *, score=0.9):
    return [[Box("person", score, 11.0, 10.0, 50.0, 30.0)] if row in rows else [] for row in range(COUNT + 1)]


def test_all_found_passes_and_others_are_counted_apart():
    mark = examine(lying(COUNT), seen(range(COUNT)))
    assert SCENARIO == "somebody on the ground"
    assert (mark.recall, mark.verdict, mark.other_recall) == (1.0, "pass", 0.0)
    assert mark.low > 0.9


def test_a_quarter_found_fails_and_what_scores_too_low_does_not_count():
    mark = examine(lying(COUNT), seen(range(0, COUNT, 4)))
    assert (mark.recall, mark.verdict) == (0.25, "fail")
    assert examine(lying(COUNT), seen(range(COUNT), score=0.2)).recall == 0.0


def test_interval_decides_not_the_figure():
    mark = examine(lying(COUNT), seen(range(COUNT * 11 // 20)))
    assert mark.recall == 0.55
    assert mark.verdict == "inconclusive"
