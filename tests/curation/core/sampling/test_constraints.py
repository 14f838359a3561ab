"""Groups and gaps: who counts together, and who is too near in time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.sampling.constraints import Constraints, Whereabouts, rules_of
from curation.core.sampling.spacing import earliest, spaced, stretches


def at(video, pts_s, *, camera=None, is_picture=None):
    count = len(video)
    return Whereabouts(
        video=np.asarray(video, np.int64),
        camera=np.asarray(camera if camera is not None else np.zeros(count), np.int64),
        pts_us=np.asarray(np.asarray(pts_s, float) * 1e6, np.int64),
        is_picture=np.asarray(is_picture if is_picture is not None else np.zeros(count), bool),
    )


def same_group(groups):
    return [[i for i, g in enumerate(groups) if g == group] for group in dict.fromkeys(groups) if group >= 0]


def test_groups_are_intervals_within_videos_within_cameras():
    where = at([7, 7, 7, 9, 9], [0, 59.999, 60, 0, 61], camera=[1, 1, 1, 1, 2])
    caps = rules_of(Constraints(max_per_interval=1, max_per_video=2, max_per_camera=3), where).caps
    assert [(cap.name, cap.most) for cap in caps] == [
        ("max_per_interval", 1),
        ("max_per_video", 2),
        ("max_per_camera", 3),
    ]
    assert same_group(caps[0].groups) == [[0, 1], [2], [3], [4]]
    assert same_group(caps[1].groups) == [[0, 1, 2], [3, 4]]
    assert same_group(caps[2].groups) == [[0, 1, 2, 3], [4]]
    assert all(cap.groups.max() < cap.group_count for cap in caps)


def test_a_time_before_the_start_is_in_an_interval_of_its_own():
    (cap,) = rules_of(Constraints(max_per_interval=1, interval_s=10), at([1, 1, 1], [-0.5, 0.5, 9.5])).caps
    assert same_group(cap.groups) == [[0], [1, 2]]


def test_pictures_have_a_camera_but_no_video():
    where = at([7, 7, 7], [0, 0.1, 0.2], is_picture=[True, True, False])
    rules = rules_of(Constraints(max_per_interval=1, max_per_video=1, max_per_camera=1, min_gap_s=5), where)
    assert [same_group(cap.groups) for cap in rules.caps] == [[[2]], [[2]], [[0, 1, 2]]]
    assert spaced(rules, np.arange(3)).tolist() == [0, 1, 2]


def test_no_constraints_and_no_frames():
    rules = rules_of(Constraints(), at([1, 1], [0, 1]))
    assert (list(rules.caps), rules.apart) == ([], None)
    assert spaced(rules, np.arange(2)).tolist() == [0, 1]
    empty = rules_of(Constraints(max_per_video=1, max_per_interval=1, max_per_camera=1, min_gap_s=1), at([], []))
    assert spaced(empty, np.arange(0)).tolist() == []
    assert [cap.groups.tolist() for cap in empty.caps] == [[], [], []]


def test_frames_a_gap_apart_are_far_enough_and_those_of_another_video_too():
    rules = rules_of(Constraints(min_gap_s=2), at([1, 1, 1, 2], [0, 1.9, 2, 0]))
    assert sorted(stretches(rules.apart, np.asarray([0]))) == [0, 1]
    assert sorted(stretches(rules.apart, np.asarray([1]))) == [0, 1, 2]
    assert sorted(stretches(rules.apart, np.asarray([0, 3]))) == [0, 1, 3]


def test_a_picture_at_the_same_moment_is_not_ruled_out():
    where = at([1, 1, 1], [0, 0, 0], is_picture=[False, True, False])
    rules = rules_of(Constraints(min_gap_s=2), where)
    assert sorted(stretches(rules.apart, np.array([0])).tolist()) == [0, 2]
    assert stretches(rules.apart, np.array([1])).tolist() == [1]


def test_one_after_the_other_rules_out_what_is_near():
    rules = rules_of(Constraints(min_gap_s=2), at([1] * 5, [0, 1, 2, 3, 4]))
    assert spaced(rules, np.asarray([0, 1, 2, 3, 4])).tolist() == [0, 2, 4]
    assert spaced(rules, np.asarray([1, 0, 2, 4, 3])).tolist() == [1, 4]
    assert spaced(rules, np.asarray([3])).tolist() == [3]


def test_from_the_earliest_on_the_most_fit():
    rules = rules_of(Constraints(min_gap_s=2), at([1, 1, 1, 1, 2], [0, 1, 2, 3, 0]))
    assert sorted(earliest(rules, np.asarray([1, 3, 2, 0, 4]))) == [0, 2, 4]
    assert earliest(rules, np.arange(0)).tolist() == []


@st.composite
def footage(draw):
    count = draw(st.integers(0, 14))
    video = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    pts_s = draw(st.lists(st.integers(-3, 12), min_size=count, max_size=count))
    return at(video, pts_s), draw(st.sampled_from([0.5, 1, 2, 3.5, 100])), draw(st.permutations(range(count)))


@given(case=footage())
def test_spacing_is_that_of_a_plain_loop(case):
    where, gap_s, order = case
    rules = rules_of(Constraints(min_gap_s=gap_s), where)

    def near(i, j):
        return where.video[i] == where.video[j] and abs(where.pts_us[i] - where.pts_us[j]) < gap_s * 1e6

    kept = []
    for i in order:
        if not any(near(i, j) for j in kept):
            kept.append(i)
    assert spaced(rules, np.asarray(order, np.int64)).tolist() == kept
    packed = earliest(rules, np.asarray(order, np.int64)).tolist()
    assert not any(near(i, j) for i in packed for j in packed if i != j)
    assert len(packed) >= len(kept)
    for rows in (kept, list(order)):
        listed = set(stretches(rules.apart, np.asarray(rows, np.int64)).tolist())
        assert listed == {j for i in rows for j in range(len(order)) if near(i, j)}


@pytest.mark.parametrize(
    "values, says",
    [
        ({"max_per_video": 0}, "at least 1"),
        ({"max_per_video": 1.5}, "integer"),
        ({"min_gap_s": -1}, "0 to"),
        ({"max_similarity": 1.1}, "0 to 1"),
        ({"interval_s": 0}, "0.001"),
        ({"max_per_videos": 3}, "Valid ones: interval_s"),
    ],
)
def test_a_constraint_that_cannot_be_meant_is_refused(values, says):
    with pytest.raises(SpecError, match=says):
        build(Constraints, values, where="constraints")
