"""Splits by group: whole groups, the shares asked for, the same whatever the order, stable over versions."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.splits import SPLITS, SplitSpec, draw_splits

SPEC = SplitSpec()


def groups_of(*sizes):
    return [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]


def sides(groups, draw):
    return dict(zip(groups, draw.splits, strict=True))


def test_ten_equal_groups_give_the_very_shares():
    draw = draw_splits(groups_of(*[5] * 10), spec=SPEC, seed=0)
    assert draw.counts() == {"train": 40, "val": 5, "test": 5}
    assert draw.notes == ()
    assert draw.groups == tuple(groups_of(*[5] * 10))


def test_large_groups_go_first_and_no_split_stays_empty():
    draw = draw_splits(groups_of(60, 30, 10), spec=SPEC, seed=0)
    assert draw.counts() == {"train": 60, "val": 30, "test": 10}
    [note] = draw.notes
    assert note == (
        "Asked for train 80.0%, val 10.0%, test 10.0%; the nearest that 3 videos allow is train 60.0%, val 30.0%, "
        "test 10.0%: the largest, g0, has 60.0% of the frames."
    )


def test_too_few_groups_are_refused_with_what_is_possible():
    with pytest.raises(SpecError) as caught:
        draw_splits(groups_of(62, 38), spec=SPEC, seed=0)
    assert str(caught.value).startswith(
        "The frames come from 2 videos, too few for 3 splits (train 80%, val 10%, test 10%), since a video never "
        "stands on both sides. Nearest possible: train 62 frames, val 38 frames."
    )
    with pytest.raises(SpecError, match="come from 1 camera,"):
        draw_splits(groups_of(3), spec=SplitSpec(by="camera"), seed=0)


def test_nothing_and_a_single_split():
    assert draw_splits([], spec=SPEC, seed=0).splits == ()
    only = draw_splits(groups_of(2, 1), spec=SplitSpec(train=1, val=0, test=0), seed=0)
    assert only.counts() == {"train": 3}


def test_a_share_of_nought_is_left_out():
    draw = draw_splits(groups_of(*[1] * 10), spec=SplitSpec(train=0.7, val=0, test=0.3), seed=3)
    assert draw.counts() == {"train": 7, "test": 3}


def test_links_join_groups_for_good():
    groups = groups_of(2, 2, 2, 2, 2, 2)
    draw = draw_splits(groups, spec=SPEC, seed=1, links=[(0, 4), (5, 10)])  # g0 - g2 - g5
    assert len({draw.splits[place] for place in (0, 4, 10)}) == 1
    assert [draw.groups[place] for place in (0, 4, 10)] == ["g0"] * 3
    assert draw.groups[2] == "g1"


def test_links_leave_too_few_groups():
    with pytest.raises(SpecError, match="from 2 videos"):
        draw_splits(groups_of(2, 2, 2), spec=SPEC, seed=1, links=[(0, 5)])


def test_a_group_keeps_its_split():
    groups = groups_of(*[1] * 20)
    kept = {"g0": "test", "g7": "val", "gone": "test"}
    for seed in range(5):
        draw = draw_splits(groups, spec=SPEC, seed=seed, kept=kept)
        assert (draw.splits[0], draw.splits[7]) == ("test", "val")
        assert draw.counts() == {"train": 16, "val": 2, "test": 2}


def test_look_alikes_that_were_on_both_sides_are_for_training():
    draw = draw_splits(groups_of(*[1] * 10), spec=SPEC, seed=0, kept={"g0": "test", "g1": "train"}, links=[(0, 1)])
    assert draw.splits[:2] == ("train", "train")
    assert "1 groups of look-alikes stood on both sides" in draw.notes[0]


def test_a_split_that_is_not_asked_for_any_more_is_drawn_anew():
    draw = draw_splits(groups_of(*[1] * 10), spec=SplitSpec(train=0.9, val=0, test=0.1), seed=0, kept={"g0": "val"})
    assert draw.splits[0] in ("train", "test")
    assert draw.notes == ("Groups that were in val, which is not asked for any more, were drawn anew.",)


def test_groups_that_are_kept_may_leave_a_split_empty():
    draw = draw_splits(groups_of(5, 5), spec=SPEC, seed=0, kept={"g0": "train", "g1": "train"})
    assert draw.counts() == {"train": 10}
    assert "the nearest that 2 videos allow is train 100.0%, val 0.0%, test 0.0%" in draw.notes[0]


def test_strata_come_in_like_shares():
    # 40 groups of 5: in the first half all is dark, in the second all bright.
    groups = groups_of(*[5] * 40)
    strata = np.repeat([0, 1], 100)
    draw = draw_splits(groups, spec=SPEC, seed=11, strata=strata)
    found = Counter(zip(draw.splits, strata.tolist(), strict=True))
    assert found == {
        ("train", 0): 80, ("train", 1): 80, ("val", 0): 10, ("val", 1): 10, ("test", 0): 10, ("test", 1): 10,
    }  # fmt: skip


def test_another_seed_is_another_draw():
    groups = groups_of(*[3] * 30)
    assert len({draw_splits(groups, spec=SPEC, seed=seed).splits for seed in range(8)}) == 8


@pytest.mark.parametrize(
    "values, says",
    [
        ({"train": 0.5}, "add up to 0.7"),
        ({"by": "week"}, "one of video, camera, day, block, frame"),
        ({"alike": 1.5}, "0 to 1"),
    ],
)
def test_a_split_that_cannot_be_is_refused(values, says):
    with pytest.raises(SpecError, match=says):
        build(SplitSpec, values, where="splits")


SIZES = st.lists(st.integers(1, 40), min_size=3, max_size=40)


@given(sizes=SIZES, seed=st.integers(0, 1 << 40), order=st.randoms(use_true_random=False))
def test_whatever_the_order_groups_stay_whole(sizes, seed, order):
    groups = groups_of(*sizes)
    draw = draw_splits(groups, spec=SPEC, seed=seed)
    by_group = sides(groups, draw)
    assert all(by_group[group] == split for group, split in zip(groups, draw.splits, strict=True))
    assert set(draw.splits) == set(SPLITS)
    shuffled = order.sample(groups, len(groups))
    assert sides(shuffled, draw_splits(shuffled, spec=SPEC, seed=seed)) == by_group
    # The next version has the same groups and more: nobody moves.
    grown = [*groups, "new-a", "new-b", "new-b"]
    after = sides(grown, draw_splits(grown, spec=SPEC, seed=seed + 1, kept=by_group))
    assert {group: after[group] for group in by_group} == by_group


@given(count=st.integers(20, 200), seed=st.integers(0, 100))
def test_small_groups_come_within_one_frame_of_the_shares(count, seed):
    counts = draw_splits(groups_of(*[1] * count), spec=SPEC, seed=seed).counts()
    for name, share in SPEC.shares().items():
        assert abs(counts[name] - share * count) <= 1.5
