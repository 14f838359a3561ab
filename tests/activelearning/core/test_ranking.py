"""Frames in order."""

import numpy as np

from activelearning.core.ranking import best_first, chances, in_turn
from tests.activelearning.core.pools import pool


def test_the_highest_score_comes_first_and_equals_by_chance():
    score, chance = np.asarray([0.2, np.nan, 0.9, 0.9]), np.asarray([0.1, 0.2, 0.8, 0.3])
    assert best_first(score, chance).tolist() == [3, 2, 0]
    assert best_first(np.zeros(0), np.zeros(0)).tolist() == []
    assert best_first(np.full(2, np.nan), chance[:2]).tolist() == []


def test_chance_hangs_on_the_frame_and_the_seed_and_not_on_where_it_stands():
    all_frames = chances(pool(50), seed=7)
    assert ((all_frames > 0) & (all_frames < 1)).all()
    assert len(set(all_frames.tolist())) == 50
    assert chances(pool(20), seed=7).tolist() == all_frames[:20].tolist()
    assert chances(pool(20), seed=8).tolist() != all_frames[:20].tolist()


def test_groups_take_turns_as_far_as_fading_says():
    rows, groups, score = np.asarray([4, 7, 2, 9]), np.asarray([0, 0, 0, 1]), np.asarray([0.9, 0.8, 0.7, 0.5])
    assert in_turn(rows, groups, score, fade=1.0).tolist() == [4, 7, 2, 9]
    assert in_turn(rows, groups, score, fade=0.5).tolist() == [4, 9, 7, 2]  # 0.9, 0.5, 0.4, 0.175
    assert in_turn(rows, groups, score, fade=0.0).tolist() == [4, 9, 7, 2]
    assert in_turn(rows[:0], groups[:0], score[:0], fade=0.5).tolist() == []


def test_with_no_fading_left_turns_are_strict():
    rows, groups, score = np.arange(5), np.asarray([0, 0, 1, 1, 1]), np.asarray([0.9, 0.8, 0.3, 0.2, 0.1])
    assert in_turn(rows, groups, score, fade=0.0).tolist() == [0, 2, 1, 3, 4]
