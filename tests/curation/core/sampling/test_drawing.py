"""Constraints on a draw: they hold, they are named where they keep frames out, and what is scarce is served first."""

import numpy as np

from curation.core.sampling.quota import Quota
from curation.core.sampling.random import Random
from curation.core.sampling.uniform import Uniform
from tests.curation.core.sampling.frames import Frames, alike, draw, given, lit, reasons


def test_at_most_so_many_of_a_video_a_camera_and_an_interval():
    frames = Frames({"lighting": lit(dark=12)}, video=[1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], pts_s=[0, 1, 70, 71] * 3)
    frames.camera = [1] * 8 + [2] * 4
    assert draw(frames, Random(), size=12, max_per_video=1).rows.tolist() == [0, 4, 8]
    assert draw(frames, Random(), size=12, max_per_interval=1).rows.tolist() == [0, 2, 4, 6, 8, 10]
    assert draw(frames, Random(), size=12, max_per_camera=3).rows.tolist() == [0, 1, 2, 8, 9, 10]
    drawn = draw(frames, Random(), size=12, max_per_camera=3, max_per_interval=1)
    assert drawn.rows.tolist() == [0, 2, 4, 8, 10]
    assert reasons(drawn) == {"all frames": "Kept out: 5 by max_per_interval, 2 by max_per_camera."}
    assert drawn.ruled_out == {"max_per_interval": 5, "max_per_camera": 2}


def test_a_cap_beyond_all_numbers_caps_nothing():
    frames = Frames({"lighting": lit(dark=3)})
    assert (
        len(draw(frames, Random(), size=5, max_per_video=10**200, max_per_camera=2**40, max_per_interval=2**31).rows)
        == 3
    )


def test_a_constraint_that_keeps_frames_out_is_named_and_others_fill_up():
    frames = Frames({"lighting": lit(dark=40, bright=40)}, video=[1] * 40 + list(range(2, 42)))
    drawn = draw(frames, Uniform(["lighting"]), size=40, max_per_video=5)
    assert given(drawn) == {"lighting:bright": 35, "lighting:dark": 5}
    assert drawn.strata[1].wanted == 20
    assert reasons(drawn) == {"lighting:dark": "Kept out: 35 by max_per_video."}


def test_what_is_scarce_is_served_first():
    # One frame a video. Of the bright ones, each is in a video of a dark one or in its own.
    frames = Frames({"lighting": lit(dark=5, bright=10)}, video=[1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    drawn = draw(frames, Uniform(["lighting"]), size=10, max_per_video=1)
    assert given(drawn) == {"lighting:bright": 5, "lighting:dark": 5}


def test_where_choosing_one_by_one_falls_short_frames_are_swapped():
    # Both cells have two frames. Dark first takes row 0, of video 1, which bright needs; row 1 would do as well.
    frames = Frames({"lighting": ["dark", "dark", "bright"]}, video=[1, 2, 1])
    drawn = draw(frames, Quota({"lighting:dark": 50, "lighting:bright": 50}), size=2, max_per_video=1)
    assert drawn.rows.tolist() == [1, 2]
    assert not reasons(drawn)


def test_quotas_are_solved_anew_with_what_the_caps_let_through():
    # Rain is only in video 1, of which 3 frames may come; dark frames are elsewhere too.
    frames = Frames(
        {"lighting": lit(dark=10, bright=30), "weather": ["rain"] * 10 + ["dry"] * 30},
        video=[1] * 10 + list(range(2, 32)),
    )
    drawn = draw(frames, Quota({"weather:rain": 50}), size=20, max_per_video=3)
    assert given(drawn) == {"50% weather:rain": 3, "the rest": 17}
    assert reasons(drawn) == {"50% weather:rain": "Kept out: 7 by max_per_video."}
    assert drawn.notes == ("All quotas can be met up to a size of 6.",)


def test_least_time_between_two_frames_of_a_video():
    frames = Frames({"lighting": lit(dark=6)}, video=[1, 1, 1, 1, 2, 2], pts_s=[0, 1, 2, 3, 0, 1.5])
    drawn = draw(frames, Random(), size=6, min_gap_s=2)
    assert drawn.rows.tolist() == [0, 2, 4]
    assert reasons(drawn) == {"all frames": "Kept out: 3 by min_gap_s."}


def test_where_time_is_scarce_frames_are_packed():
    # Chance comes with 1 s first, which leaves room for one more; from the earliest on, three fit.
    frames = Frames({"lighting": lit(dark=6)}, video=[1] * 6, pts_s=[1, 3.5, 0, 2, 4, 5])
    assert draw(frames, Random(), size=2, min_gap_s=2).rows.tolist() == [0, 1]
    assert draw(frames, Random(), size=3, min_gap_s=2).rows.tolist() == [2, 3, 4]


CIRCLE = [[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8], [-1, 0], [0, -1]]


def test_no_frame_is_too_alike_to_one_before_it():
    frames = Frames({"lighting": lit(dark=6)})
    drawn = draw(frames, Random(), size=6, likeness=alike(CIRCLE, most=0.7))
    assert drawn.rows.tolist() == [0, 2, 4, 5]
    assert reasons(drawn) == {"all frames": "Kept out: 2 by max_similarity."}
    assert draw(frames, Random(), size=6, likeness=alike(CIRCLE, most=0.8)).rows.tolist() == [0, 1, 2, 3, 4, 5]


def test_no_frame_is_too_alike_to_what_is_there_already():
    beside = np.asarray([CIRCLE[0]], np.float32)
    drawn = draw(Frames({"lighting": lit(dark=6)}), Random(), size=6, likeness=alike(CIRCLE, most=0.7, beside=beside))
    assert drawn.rows.tolist() == [2, 4, 5]


def test_frames_without_a_vector_are_like_nothing():
    drawn = draw(
        Frames({"lighting": lit(dark=4)}), Random(), size=4, likeness=alike([[1, 0], [0, 0], [0, 0], [1, 0]], most=0.9)
    )
    assert drawn.rows.tolist() == [0, 1, 2]


def test_covering_picks_the_farthest_and_frames_without_a_vector_come_last():
    frames = Frames({"lighting": lit(dark=6)})
    assert draw(frames, Random(), size=3, likeness=alike(CIRCLE, covers=100)).rows.tolist() == [0, 2, 4]
    assert draw(frames, Random(), size=2, likeness=alike(CIRCLE, covers=2)).rows.tolist() == [0, 1]
    blind = [[0, 0], *CIRCLE[1:]]
    assert draw(frames, Random(), size=5, likeness=alike(blind, covers=100)).rows.tolist() == [1, 2, 3, 4, 5]
    assert draw(frames, Random(), size=6, likeness=alike(blind, covers=100)).rows.tolist() == [0, 1, 2, 3, 4, 5]


def test_covering_within_each_part_reckons_with_the_others():
    frames = Frames({"lighting": ["dark", "bright", "bright", "bright"]})
    # The dark frame, alone in its part, looks to the right; so the bright one that looks to the left comes.
    drawn = draw(
        frames, Uniform(["lighting"]), size=2, likeness=alike([[1, 0], [0.8, 0.6], [-1, 0], [0, 1]], covers=100)
    )
    assert drawn.rows.tolist() == [0, 2]


def test_covering_keeps_to_all_constraints():
    frames = Frames({"lighting": lit(dark=6)}, video=[1, 2, 3, 3, 1, 2])
    drawn = draw(frames, Random(), size=6, max_per_video=1, likeness=alike(CIRCLE, covers=100, most=0.9))
    assert drawn.rows.tolist() == [0, 3, 5]


def test_frames_that_cover_are_as_many_as_fit():
    frames = Frames({"lighting": lit(dark=4)}, camera=[1, 1, 2, 1])
    # Taken by chance, 0 and 1 would fill the camera, and 2 is too alike to 1.
    likeness = alike([[1, 0], [0, 1], [0, 1], [-1, 0]], most=0.9, covers=50)
    drawn = draw(frames, Random(), size=3, likeness=likeness, max_per_camera=2)
    assert drawn.rows.tolist() == [0, 2, 3]
