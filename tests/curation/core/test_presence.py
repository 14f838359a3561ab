"""For how long each class was seen: by hand, beside a slow obvious version, and what always holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.presence import class_seconds
from curation.core.types import Box, Observations, Span

S = 1_000_000


def looks(*seen):
    """(second, {label: score}) -> what a stage wrote down."""
    boxes = [[Box(label, score, 0, 0, 9, 9) for label, score in found.items()] for _, found in seen]
    times = np.array([round(at * S) for at, _ in seen], np.int64)
    best = np.array([max(found.values(), default=0.0) for _, found in seen], np.float32)
    return Observations(times, best, boxes, np.ones(len(seen), np.bool_))


def seconds(track, *spans, score=0.5, stop_score=0.3):
    return class_seconds(
        track, [Span(round(a * S), round(b * S)) for a, b in spans], score=score, stop_score=stop_score
    )


WALK = looks((0, {"person": 0.9}), (2, {}), (3, {"person": 0.8, "dog": 0.6}), (4, {"person": 0.4}))


@pytest.mark.parametrize(
    "track, spans, expected",
    [
        (WALK, [(1, 5)], {"dog": 1.0, "person": 3.0}),  # 1 to 2 from the look before the stretch, 3 to 4, 4 to 5
        (WALK, [(0, 2), (3, 3.5)], {"dog": 0.5, "person": 2.5}),
        (WALK, [(2, 3)], {}),
        (WALK, [(4, 6)], {}),  # in this stretch no look at the person reaches the score
        (WALK, [(3, 6)], {"dog": 1.0, "person": 3.0}),
        (WALK, [], {}),
        (WALK, [(1, 1)], {}),
        (WALK, [(0, 2), (1, 2)], {"person": 2.0}),  # counted once where stretches overlap
        (looks(), [(0, 9)], {}),
        (looks((5, {"car": 0.9})), [(0, 9)], {"car": 4.0}),  # nothing is known before the first look
        (looks((5, {"car": 0.9})), [(0, 5)], {}),
        (looks((5, {"car": 0.9})), [(7, 9)], {"car": 2.0}),
        (looks((5, {"car": 0.5})), [(5, 9)], {"car": 4.0}),  # the scores themselves count
        (looks((5, {"car": 0.49})), [(5, 9)], {}),
        (looks((0, {"car": 0.9}), (1, {"car": 0.3}), (2, {"car": 0.29})), [(0, 3)], {"car": 2.0}),
    ],
)
def test_small_tables_by_hand(track, spans, expected):
    assert seconds(track, *spans) == expected


def test_two_boxes_of_a_class_are_one_presence():
    track = looks((0, {"person": 0.9}))
    track.boxes[0].append(Box("person", 0.7, 0, 0, 9, 9))
    assert seconds(track, (0, 2)) == {"person": 2.0}


tracks = st.lists(
    st.tuples(st.integers(0, 40), st.dictionaries(st.sampled_from("abc"), st.sampled_from([0.2, 0.3, 0.4, 0.5, 0.9]))),
    unique_by=lambda one: one[0],
).map(lambda seen: looks(*sorted(seen, key=lambda one: one[0])))
stretches = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda p: (p[0], p[0] + p[1])), max_size=4)


def slowly(track, spans):
    """Ask each second by itself; times are whole seconds."""
    joined = sorted({second for start, end in spans for second in range(start, end)})
    runs = []
    for second in joined:
        if runs and runs[-1][-1] == second - 1:
            runs[-1].append(second)
        else:
            runs.append([second])
    found = {}
    for run in runs:
        standing = {}
        for second in run:
            earlier = [i for i, pts in enumerate(track.pts_us) if pts <= second * S]
            standing[second] = track.boxes[earlier[-1]] if earlier else []
        for label in "abc":
            scores = [max((b.score for b in boxes if b.label == label), default=0.0) for boxes in standing.values()]
            if max(scores) >= 0.5:
                found[label] = found.get(label, 0) + sum(score >= 0.3 for score in scores)
    return {label: float(found[label]) for label in sorted(found)}


@given(tracks, stretches)
def test_it_is_what_asking_each_second_gives(track, spans):
    assert seconds(track, *spans) == slowly(track, spans)


@given(tracks, stretches)
def test_nothing_is_seen_for_longer_than_the_stretches_last(track, spans):
    whole = len({second for start, end in spans for second in range(start, end)})
    assert all(0 < time <= whole for time in seconds(track, *spans).values())
