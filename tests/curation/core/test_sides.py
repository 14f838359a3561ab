"""What stands on both sides of a split: by vector, by hash, in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.leakage import Checked, Leak, Leakage
from curation.core.sides import NEVER, NO_TIME, Asked, Sides, between, in_order, nearest_in_time


def sides(*rows, **columns):
    """Rows are (split, vector); ids count from 1, everything else is unknown unless said."""
    count = len(rows)
    vectors = np.array([vector for _, vector in rows], np.float32).reshape(count, 2)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unknown = {"video": range(count), "camera": range(count), "pts_us": [NO_TIME] * count,
               "clock_us": [NO_TIME] * count, "hashes": [0] * count}  # fmt: skip
    return Sides(
        ids=np.arange(1, count + 1),
        splits=np.array([split for split, _ in rows], np.str_),
        vectors=np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0),
        **{name: np.array(list(columns.get(name, value)), np.int64) for name, value in unknown.items()},
    )


def test_each_frame_of_the_later_split_is_put_down_with_its_nearest():
    frames = sides(("train", [1, 0]), ("train", [0.9, 0.1]), ("test", [0.89, 0.1]), ("test", [0, 1]))
    figures, leaks = between(frames, "train", "test", Asked())
    assert (figures.alike, figures.frames, figures.near, figures.share) == (1, 2, 0, 0.5)
    [leak] = leaks
    assert (leak.kind, leak.left, leak.right) == ("alike", 2, 3)
    assert leak.similarity == pytest.approx(1.0, abs=1e-3)
    assert figures.closest == leak.similarity


def test_a_hash_counts_where_vectors_do_not_and_a_flat_one_never():
    frames = sides(
        ("train", [0, 0]), ("train", [0, 0]), ("test", [0, 0]), ("test", [0, 0]), hashes=[0, -1, -1 ^ 0b111, 0]
    )  # fmt: skip
    figures, leaks = between(frames, "train", "test", Asked(max_bits=3))
    assert [(leak.kind, leak.left, leak.right, leak.bits) for leak in leaks] == [("hash", 2, 3, 3)]
    assert figures.alike == 1
    assert figures.closest is None
    assert between(frames, "train", "test", Asked(max_bits=2))[1] == []


def test_neighbours_in_time_are_of_one_video_or_of_one_camera_by_its_clock():
    frames = sides(
        *((split, [0, 0]) for split in ("train", "train", "test", "test", "test")),
        video=[1, 2, 1, 3, 4],
        camera=[1, 1, 1, 1, 2],
        pts_us=[0, 0, 10_000_000, 0, 0],
        clock_us=[NO_TIME, 50_000_000, NO_TIME, 52_500_000, 50_000_000],
    )
    figures, leaks = between(frames, "train", "test", Asked(within_s=10))
    assert [(leak.kind, leak.left, leak.right, leak.seconds) for leak in leaks] == [
        ("time", 1, 3, 10.0), ("time", 2, 4, 2.5),
    ]  # fmt: skip
    assert (figures.near, figures.videos, figures.alike) == (2, 1, 0)


def test_an_empty_side_leaks_nothing():
    frames = sides(("train", [1, 0]))
    figures, leaks = between(frames, "train", "test", Asked())
    assert (leaks, figures.frames, figures.share, figures.closest) == ([], 0, 0.0, None)
    assert between(sides(), "train", "test", Asked())[1] == []


def test_splits_come_in_their_order():
    assert in_order(["test", "extra", "train", "", "val", "train"]) == ["train", "val", "test", "", "extra"]


def test_the_worst_comes_first():
    leaks = [
        Leak("time", 1, 2, "train", "test", seconds=0.1),
        Leak("alike", 1, 3, "train", "test", similarity=0.96),
        Leak("hash", 1, 4, "train", "test", bits=0),
        Leak("alike", 1, 5, "train", "test", similarity=0.99),
        Leak("holdout", 1, 6, "gate@1", "test", similarity=0.95),
    ]
    assert [leak.right for leak in sorted(leaks, key=Leak.severity)] == [6, 4, 5, 3, 2]


def report(**values):
    checked = Checked("descriptor", 0.95, 6, 10.0, with_vector=2, with_hash=0, uncompared=0)
    return Leakage(
        **{"frames": 2, "splits": {"train": 1, "test": 1}, "checked": checked, "between": (), "torn_groups": (),
           "holdouts": {}, "held_out": 0, **values}
    )  # fmt: skip


def test_a_clean_report_says_what_was_looked_at():
    assert report().is_clean
    assert report().summary() == (
        "Nothing leaks as far as was looked. Compared by vectors of descriptor from 0.95, by perceptual hash up to 6 "
        "bits, in time up to 10 s, by group, and with no hold-outs."
    )
    blind = report(checked=Checked("", 0.95, 6, 10.0, 0, 0, uncompared=2, holdouts=("gate@1",)))
    assert "no frame has a vector" in blind.summary()
    assert "2 frames have neither a vector nor a hash" in blind.summary()
    assert "with 1 hold-out." in blind.summary()


def test_a_report_that_is_not_clean_says_why():
    frames = sides(("train", [1, 0]), ("test", [1, 0]))
    figures, leaks = between(frames, "train", "test", Asked())
    found = report(between=[figures], leaks=leaks, found=1, torn_groups=["g"], held_out=3, holdouts={"gate@1": 2})
    assert found.summary().startswith(
        "1 of 1 test frames look like a train frame; 1 groups stand on both sides; 2 frames look like the hold-out "
        "gate@1; 3 frames are held out by now"
    )
    assert found.to_dict()["between"][0]["share"] == 1.0
    assert "leaks" not in found.to_dict(with_leaks=False)


def test_nothing_is_near_where_nothing_is():
    none = np.empty(0, np.int64)
    away, row = nearest_in_time(np.array([1]), np.array([5]), none, none)
    assert (away.tolist(), row.tolist()) == ([NEVER], [-1])
    assert nearest_in_time(none, none, none, none)[0].shape == (0,)


MOMENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=30)


@given(mine=MOMENTS, others=MOMENTS)
def test_the_nearest_in_time_is_what_comparing_with_each_gives(mine, others):
    columns = [np.array(column, np.int64).reshape(-1, 2).T for column in (mine, others)]
    away, row = nearest_in_time(*columns[0], *columns[1])
    for at, (place, time) in enumerate(mine):
        expected = min((abs(t - time) for p, t in others if p == place), default=NEVER)
        assert away[at] == expected
        assert (row[at] == -1) == (expected == NEVER)
        if row[at] >= 0:
            assert others[row[at]][0] == place
            assert abs(others[row[at]][1] - time) == expected
