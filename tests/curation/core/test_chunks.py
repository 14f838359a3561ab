"""Chunks cover a video exactly, whatever its keyframes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.chunks import cut_at_keyframes, cut_evenly
from curation.core.types import Span


def cuts(chunks):
    return [chunk.start_us for chunk in chunks] + [chunks[-1].end_us]


@pytest.mark.parametrize(
    "duration_us, keyframes_us, expected",
    [
        (0, [], [0, 1]),
        (1, [0], [0, 1]),
        (9, [0, 5], [0, 9]),
        (10, [0, 5], [0, 10]),
        (11, [0], [0, 10, 11]),
        (11, [0, 6, 9], [0, 9, 11]),
        (11, [0, 10], [0, 10, 11]),
        (25, [0, 5], [0, 10, 20, 25]),  # 5 is not more than half a chunk away
        (25, [0, 6], [0, 6, 16, 25]),
        (30, [0, 8, 16, 24], [0, 8, 16, 24, 30]),
        (5, [0, 90], [0, 5]),
    ],
)
def test_cuts_are_at_the_last_keyframe_in_reach(duration_us, keyframes_us, expected):
    assert cuts(cut_at_keyframes(duration_us, np.array(keyframes_us, np.int64), longest_us=10)) == expected


@pytest.mark.parametrize("longest_us", [0, -1])
def test_a_chunk_has_some_length(longest_us):
    with pytest.raises(ValueError, match=f"longest_us is {longest_us}; it must be at least 1"):
        cut_at_keyframes(10, np.array([0]), longest_us=longest_us)


@pytest.mark.parametrize("duration_us, expected", [(0, [0, 1]), (9, [0, 9]), (10, [0, 10]), (21, [0, 10, 20, 21])])
def test_even_cuts_are_at_the_multiples(duration_us, expected):
    assert cuts(cut_evenly(duration_us, length_us=10)) == expected


def check_cover(chunks, duration_us, *, longest_us):
    assert chunks[0].start_us == 0
    assert chunks[-1].end_us == max(duration_us, 1)
    assert all(a.end_us == b.start_us for a, b in itertools.pairwise(chunks))
    assert all(0 < chunk.end_us - chunk.start_us <= longest_us for chunk in chunks)


@given(st.integers(0, 200), st.sets(st.integers(0, 220), max_size=30), st.integers(1, 40))
def test_chunks_cover_the_video_once_and_none_is_too_long(duration_us, keyframes, longest_us):
    keyframes_us = np.array(sorted(keyframes), np.int64)
    chunks = cut_at_keyframes(duration_us, keyframes_us, longest_us=longest_us)
    check_cover(chunks, duration_us, longest_us=longest_us)
    for chunk in chunks[:-1]:
        in_reach = [k for k in keyframes if chunk.start_us + longest_us // 2 < k <= chunk.start_us + longest_us]
        assert chunk.end_us == max(in_reach, default=chunk.start_us + longest_us)


@given(st.integers(0, 200), st.integers(1, 40))
def test_even_chunks_cover_the_video_once(duration_us, length_us):
    chunks = cut_evenly(duration_us, length_us=length_us)
    check_cover(chunks, duration_us, longest_us=length_us)
    assert all(chunk == Span(chunk.start_us, chunk.start_us + length_us) for chunk in chunks[:-1])
