"""Looks as columns and as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.types import Box
from evaluation.core.looks import decode, encode, join, looks_of

PERSON, WEAK, CAR = (Box("person", 0.75, 1, 2, 30, 40), Box("person", 0.25, 5, 5, 9, 9), Box("car", 0.5, 0, 0, 8, 8))


def same(left, right):
    assert left.labels == right.labels
    for name in ("pts_us", "look", "label", "score", "xyxy"):
        one, other = getattr(left, name), getattr(right, name)
        assert one.dtype == other.dtype, name
        assert one.tolist() == other.tolist(), name


def test_the_best_score_of_a_label_at_each_look():
    looks = looks_of([0, 500, 1000], [[PERSON, WEAK], [], [CAR]])

    assert looks.best(["person"]).tolist() == [0.75, 0, 0]
    assert looks.best(["car", "person"]).tolist() == [0.75, 0, 0.5]
    assert looks.best(["dog"]).tolist() == looks.best([]).tolist() == [0, 0, 0]


def test_looks_at_nothing():
    nothing = looks_of([], [])

    assert nothing.best(["person"]).tolist() == []
    same(decode(encode(nothing)), nothing)
    same(join([]), nothing)
    same(join([nothing, nothing]), nothing)


def test_parts_are_joined_as_if_they_were_one():
    pts, boxes = [0, 500, 1000, 1500], [[PERSON], [CAR, WEAK], [], [WEAK]]

    parts = [looks_of(pts[a:b], boxes[a:b]) for a, b in ((0, 1), (1, 1), (1, 3), (3, 4))]

    same(join(parts), looks_of(pts, boxes))


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", encode(looks_of([0], [[PERSON]]))[:-20]])
def test_what_is_no_looks_is_refused(content):
    with pytest.raises(ValueError, match="are no looks"):
        decode(content)


def test_a_pickle_is_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", names=np.array([{}], object))
    with pytest.raises(ValueError, match="are no looks"):
        decode((tmp_path / "bad.npz").read_bytes())


boxes = st.builds(
    Box, st.sampled_from(["a", "b", "c"]), *[st.floats(0, 1, width=32)], *[st.floats(0, 100, width=32)] * 4
)


@given(st.lists(st.lists(boxes, max_size=4), max_size=12), st.integers(0, 12))
def test_bytes_and_parts_change_nothing(seen, cut):
    pts = list(range(0, 500 * len(seen), 500))
    whole = looks_of(pts, seen)

    same(decode(encode(whole)), whole)
    same(join([looks_of(pts[:cut], seen[:cut]), looks_of(pts[cut:], seen[cut:])]), whole)
    for label in "abc":
        slow = [max((box.score for box in look if box.label == label), default=0) for look in seen]
        assert whole.best([label]).tolist() == slow
