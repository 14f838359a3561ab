"""Tracks as bytes and back; joined, and cut."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.track_format import clip, decode, encode, join
from curation.core.types import Box, Observations, Signals, Span


def signals(*pairs):
    times, scores = zip(*pairs, strict=True) if pairs else ((), ())
    score = np.array(scores, np.float32)
    return Signals(np.array(times, np.int64), {"score": score, "blur": score / 2})


def looks(*rows):
    """rows: (pts_us, score, boxes, asked)."""
    return Observations(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.float32),
        [row[2] for row in rows],
        np.array([row[3] for row in rows], np.bool_),
    )


def same(left, right):
    assert type(left) is type(right)
    assert left.pts_us.tolist() == right.pts_us.tolist()
    if isinstance(left, Signals):
        assert {n: v.tolist() for n, v in left.values.items()} == {n: v.tolist() for n, v in right.values.items()}
        return
    assert left.scores.tolist() == right.scores.tolist()
    assert left.asked.tolist() == right.asked.tolist()
    assert [list(boxes) for boxes in left.boxes] == [list(boxes) for boxes in right.boxes]


PERSON, CAR = Box("person", 0.5, 1.5, 2.0, 3.25, 4.0), Box("Auto - schön", 0.25, 0, 0, 1, 1)
TRACKS = [
    signals(),
    signals((40_000, 0.5)),
    signals((0, 0.1), (1 << 50, 0.2)),
    looks(),
    looks((7, 0.0, [], False)),
    looks((0, 0.5, [PERSON, CAR], True), (5, 0.0, [], False), (9, 0.25, [CAR], True)),
]


@pytest.mark.parametrize("track", TRACKS)
def test_what_is_written_is_read_again(track):
    same(decode(encode(track)), track)


@pytest.mark.parametrize("track", TRACKS)
def test_the_same_track_gives_the_same_bytes(track):
    assert encode(track) == encode(decode(encode(track)))


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npy():
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    return buffer.getvalue()


WHOLE = encode(TRACKS[-1])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a track",
        WHOLE[:-20],
        WHOLE[: len(WHOLE) // 2],
        npy(),
        npz(),
        npz(pts_us=np.arange(2), scores=np.zeros(2)),
    ],
)
def test_something_else_is_refused(content):
    with pytest.raises(ValueError, match="no track"):
        decode(content)


SCORE = st.floats(0, 1, width=32)
CORNER = st.floats(-10, 4000, width=32)
BOXES = st.lists(st.builds(Box, st.text(max_size=5), SCORE, CORNER, CORNER, CORNER, CORNER), max_size=3)


@st.composite
def tracks(draw):
    times = sorted(draw(st.sets(st.integers(0, 60), max_size=8)))
    if draw(st.booleans()):
        return signals(*((t, draw(SCORE)) for t in times))
    return looks(*((t, draw(SCORE), draw(BOXES), draw(st.booleans())) for t in times))


@settings(deadline=None)
@given(tracks())
def test_any_track_survives_being_written(track):
    same(decode(encode(track)), track)


@given(tracks(), st.sets(st.integers(1, 60), max_size=5))
def test_the_pieces_of_a_track_join_to_the_whole(track, cuts):
    edges = [0, *sorted(cuts), 61]
    same(join([clip(track, Span(a, b)) for a, b in itertools.pairwise(edges)]), track)


def test_clip_keeps_the_start_and_not_the_end():
    same(clip(signals((0, 0.1), (5, 0.2), (9, 0.3)), Span(5, 9)), signals((5, 0.2)))
    same(clip(looks((5, 0.5, [PERSON], True), (9, 0.1, [], True)), Span(0, 9)), looks((5, 0.5, [PERSON], True)))
    same(clip(signals((5, 0.2)), Span(6, 90)), signals())
    same(clip(looks(), Span(0, 9)), looks())


def test_one_track_joins_to_itself_and_none_to_nothing():
    for track in TRACKS:
        same(join([track]), track)
    with pytest.raises(ValueError, match="there are no tracks"):
        join([])


def test_tracks_of_two_kinds_do_not_join():
    with pytest.raises(ValueError, match="two kinds"):
        join([signals((0, 0.1)), looks((1, 0.1, [], True))])
