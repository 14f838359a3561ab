"""Choosing frames worth a label."""

import numpy as np
import pytest

from activelearning.core.planning import choose
from activelearning.core.pool import Boxes, Pool, Seeds
from activelearning.core.strategy import parse_strategy
from tests.activelearning.core.pools import boxes, pool, seeds, unit

FREE = {"diversity": False, "limits": {"min_gap_s": None, "max_similarity": None}}
DOUBTS = [0.5, 0.45, 0.4, 0.35, 0.3, 0.2, 0.15, 0.1]


def strategy(*mine, **more):
    return parse_strategy({"mine": list(mine), **FREE, **more})


def looked(count=8, **more):
    """Frames with one box each, the first the most doubtful."""
    return pool(count, boxes(*[(i, "person", DOUBTS[i % 8]) for i in range(count)]), **more)


def chosen(choice, arm="strategy"):
    return [pick.row for pick in choice.picks if pick.arm == arm]


def test_the_most_wanted_frames_come_in_order_with_their_reasons():
    choice = choose(looked(), Seeds.none(), strategy("entropy"), budget=3)
    assert chosen(choice) == [0, 1, 2]
    first = choice.picks[0]
    assert (first.frame_id, first.arm, first.sampler, first.score) == (100, "strategy", "entropy", 1.0)
    assert [told.to_dict() for told in first.reasons] == [
        {
            "sampler": "entropy",
            "score": 1.0,
            "text": "Entropy 1.00: person at score 0.50.",
            "box": [0.0, 0.0, 10.0, 10.0],
        }
    ]
    assert (choice.notes, choice.given) == ((), {"entropy": 3})


def test_the_budget_is_shared_and_what_one_cannot_give_the_others_do():
    both = strategy({"kind": "similar_frames", "share": 1}, {"kind": "entropy", "share": 1})
    sought = seeds(("missed", "dark"), frame_vectors=unit((1, 0)))
    vectors = unit(*[(0, 1)] * 7, (1, 0))
    choice = choose(looked(vectors=vectors), sought, both, budget=4)
    assert chosen(choice) == [0, 7, 1, 2]
    assert choice.given == {"similar_frames": 1, "entropy": 3}
    assert choice.notes == (
        "similar_frames gave 1 of the 2 frames that were its share; the other samplers were asked for the rest.",
    )


def test_a_frame_that_several_want_carries_all_reasons_the_one_it_was_picked_for_first():
    mine = strategy({"kind": "entropy", "share": 1}, {"kind": "margin", "share": 1})
    choice = choose(looked(), Seeds.none(), mine, budget=4)
    told = {pick.row: [each.sampler for each in pick.reasons] for pick in choice.picks}
    assert told[0] == ["entropy", "margin"]
    assert told[chosen(choice)[-1]] == ["margin"]


def test_the_first_picks_are_a_smaller_draw_of_the_same_kind():
    sought = seeds(("missed", "dark"), ("missed", "rain"), frame_vectors=unit((1, 0), (0, 1)))
    vectors = unit(*[(1, 0.01 * i) if i % 2 else (0.01 * i, 1) for i in range(40)])
    mine = strategy({"kind": "similar_frames", "share": 2}, {"kind": "entropy", "share": 1})
    choice = choose(looked(40, vectors=vectors), sought, mine, budget=18)
    half = choice.picks[:9]
    assert [pick.sampler for pick in half].count("similar_frames") == 6
    scenarios = [pick.reasons[0].reason.scenario for pick in half if pick.sampler == "similar_frames"]
    assert scenarios.count("dark") == scenarios.count("rain") == 3


def test_a_reason_names_the_scenario_that_the_frame_was_picked_for():
    sought = seeds(("missed", "dark"), ("missed", "rain"), frame_vectors=unit((1, 0), (1, 0.1)))
    vectors = unit(*[(1, 0.02 * i) for i in range(8)])
    choice = choose(looked(vectors=vectors), sought, strategy("similar_frames"), budget=4)
    assert [pick.reasons[0].reason.scenario for pick in choice.picks] == ["dark", "rain", "dark", "rain"]


def test_diversity_picks_what_covers_the_most_wanted_best():
    vectors = unit((1, 0, 0), (1, 0.1, 0), (1, 0.2, 0), (0, 1, 0), (0, 0, 1), (-1, 0, 0), (0, -1, 0), (0, 0, -1))
    spread = choose(looked(vectors=vectors), Seeds.none(), strategy("entropy", diversity={"oversample": 2}), budget=2)
    assert chosen(spread) == [0, 3]  # the fourth is the farthest of the four most wanted
    plain = choose(looked(vectors=vectors), Seeds.none(), strategy("entropy"), budget=2)
    assert chosen(plain) == [0, 1]


def test_frames_like_a_labelled_or_a_chosen_one_are_not_chosen():
    vectors = unit((1, 0), (1, 0.01), (0, 1), (0.01, 1), (-1, 0), (-1, 0), (0, -1), (0, -1))
    limits = {"max_similarity": 0.99, "min_gap_s": None}
    for diversity in (False, {"oversample": 3}):
        mine = strategy("entropy", limits=limits, diversity=diversity)
        choice = choose(looked(vectors=vectors), Seeds.none(), mine, budget=8, labelled_vectors=unit((0, 1)))
        assert sorted(chosen(choice)) == [0, 4, 6]
        assert choice.notes[-1] == (
            "3 of the 8 frames that were asked for were found. "
            "Of the other 5 of the pool: 5 too like a labelled or a chosen one (max_similarity)."
        )


def test_limits_hold_and_the_note_counts_what_they_held_back():
    mine = strategy("entropy", limits={"max_per_video": 2, "max_per_camera": 3, "min_gap_s": 2, "max_similarity": None})
    frames = looked(video=[0, 0, 0, 0, 0, 1, 1, 1], camera=[5] * 8)
    choice = choose(frames, Seeds.none(), mine, budget=8)
    assert chosen(choice) == [0, 2, 5]
    assert choice.notes == (
        "entropy gave 3 of the 8 frames that were its share.",
        "3 of the 8 frames that were asked for were found. "
        "Of the other 5 of the pool: 3 too near in time to a chosen one (min_gap_s), "
        "1 in a video that gave enough (max_per_video), 1 from a camera that gave enough (max_per_camera).",
    )


def test_an_interval_gives_no_more_than_its_share_but_pictures_are_free():
    limits = {"max_per_interval": 1, "interval_s": 4, "min_gap_s": None, "max_similarity": None}
    choice = choose(looked(), Seeds.none(), strategy("entropy", limits=limits), budget=8)
    assert chosen(choice) == [0, 4]
    choice = choose(looked(picture=range(8)), Seeds.none(), strategy("entropy", limits=limits), budget=8)
    assert len(chosen(choice)) == 8


def test_the_control_is_drawn_by_chance_whatever_the_samplers_want():
    frames = looked(400)
    drawn = chosen(choose(frames, Seeds.none(), strategy("entropy", control=0.25), budget=40, seed=3), "control")
    assert len(drawn) == 10
    other = choose(frames, Seeds.none(), strategy("least_confidence", "margin", control=0.25), budget=40, seed=3)
    assert chosen(other, "control") == drawn
    assert not set(drawn) & set(chosen(other))
    assert other.picks[-1].reasons[0].to_dict() == {
        "sampler": "random", "score": 0.0, "text": "Drawn at random, as a control."
    }  # fmt: skip
    assert other.given["control"] == 10
    doubts = [DOUBTS[row % 8] for row in drawn]
    assert len(set(doubts)) > 3  # not the most wanted ones


def test_a_random_strategy_and_its_control_share_no_frame():
    choice = choose(looked(20), Seeds.none(), strategy("random", control=0.5), budget=20)
    assert len(chosen(choice)) == len(chosen(choice, "control")) == 10
    assert len({pick.row for pick in choice.picks}) == 20


def test_seeds_of_a_strategy_are_used_where_no_other_is_given():
    frames, mine = looked(100), strategy("random", seed=5)
    assert chosen(choose(frames, Seeds.none(), mine, budget=9)) == chosen(
        choose(frames, Seeds.none(), mine, budget=9, seed=5)
    )
    assert chosen(choose(frames, Seeds.none(), mine, budget=9, seed=6)) != chosen(
        choose(frames, Seeds.none(), mine, budget=9)
    )


def test_an_empty_pool_gives_an_empty_choice_with_a_note():
    choice = choose(pool(0), Seeds.none(), strategy("entropy", control=0.5), budget=5)
    assert (choice.picks, choice.notes) == ((), ("There is no frame to look through, so none is chosen.",))


def test_a_budget_of_nothing_gives_nothing_and_one_below_is_refused():
    choice = choose(looked(), Seeds.none(), strategy("entropy", control=0.5), budget=0)
    assert (choice.picks, choice.notes) == ((), ())
    with pytest.raises(ValueError, match="budget is -1"):
        choose(looked(), Seeds.none(), strategy("entropy"), budget=-1)


def test_notes_of_samplers_come_along():
    choice = choose(looked(), seeds(("missed", "dark")), strategy("similar_boxes", "entropy"), budget=2)
    assert choice.notes[0] == "similar_boxes: the boxes have no vectors, so there is nothing to compare."
    assert len(choice.picks) == 2


def test_frames_without_a_vector_come_after_those_with_one():
    vectors = np.concatenate([np.zeros((3, 2), np.float32), unit((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1))])
    mine = strategy("entropy", diversity={"oversample": 8})
    choice = choose(looked(vectors=vectors), Seeds.none(), mine, budget=6)
    assert set(chosen(choice)) == {0, 3, 4, 5, 6, 7}


def test_columns_that_do_not_fit_are_refused():
    two = np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="frame_ids must rise"):
        Pool(two, two, two, two, np.zeros(2, bool), (), Boxes.none())
    with pytest.raises(ValueError, match="boxes lie in rows 0 to 9 of 2 frames"):
        pool(2, boxes((0, "person", 0.5), (9, "person", 0.5)))
    with pytest.raises(ValueError, match="in order of frame"):
        Boxes(np.asarray([1, 0]), np.zeros(2, np.int64), np.zeros(2), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="not of one length"):
        Boxes(np.asarray([1, 0]), np.zeros(1, np.int64), np.zeros(2), np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"xyxy is \(2, 3\)"):
        Boxes(np.asarray([0, 1]), np.zeros(2, np.int64), np.zeros(2), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="2 seeds need as many vectors"):
        seeds(("missed", "a"), ("missed", "a"), box_vectors=unit((1, 0)))
