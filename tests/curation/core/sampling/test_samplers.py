"""Each kind of plan: what comes, and what is said where less comes than was asked for."""

import numpy as np
import pytest

from curation.core.errors import SpecError
from curation.core.sampling.quota import Quota
from curation.core.sampling.random import Random
from curation.core.sampling.undersample import Undersample
from curation.core.sampling.uniform import Uniform
from curation.core.sampling.weighted import Weighted
from tests.curation.core.sampling.frames import Frames, draw, given, lit, reasons


def test_random_takes_the_first_since_the_order_is_chance():
    drawn = draw(Frames({"lighting": lit(dark=10)}), Random(), size=4)
    assert drawn.rows.tolist() == [0, 1, 2, 3]
    assert given(drawn) == {"all frames": 4}


def test_random_gives_what_there_is_and_says_so():
    drawn = draw(Frames({"lighting": lit(dark=3)}), Random(), size=4)
    assert drawn.rows.tolist() == [0, 1, 2]
    assert reasons(drawn) == {"all frames": "There are only 3 such frames."}


@pytest.mark.parametrize(
    "sampler",
    [Random(), Quota({"lighting:dark": 40}), Uniform(["lighting"]), Undersample(["lighting"]), Weighted({"*": 2})],
)
def test_nothing_to_draw_from_is_no_error(sampler):
    frames = Frames({"lighting": []}, names={"lighting": ["dark", "bright"]})
    drawn = draw(frames, sampler, size=5, max_per_video=1, min_gap_s=1, max_per_camera=1)
    assert drawn.rows.tolist() == []
    assert all(stratum.reason == "There is no such frame." for stratum in drawn.strata if stratum.missing)


def test_quotas_are_met_and_the_rest_filled():
    frames = Frames({"lighting": lit(dark=50, bright=100), "weather": ["rain", "dry"] * 75})
    drawn = draw(frames, Quota({"lighting:dark": 40, "weather:rain": 30}), size=100)
    assert given(drawn)["40% lighting:dark"] == 40
    assert given(drawn)["30% weather:rain"] == 30
    assert len(drawn.rows) == 100
    assert not reasons(drawn)


def test_a_quota_that_falls_short_says_why_and_up_to_what_size_it_would_not():
    frames = Frames({"lighting": lit(dark=30, bright=1000)})
    drawn = draw(frames, Quota({"lighting:dark": 40}), size=100)
    dark = drawn.strata[0]
    assert (dark.wanted, dark.given, dark.available, dark.missing) == (40, 30, 30, 10)
    assert dark.reason == "There are only 30 such frames."
    assert len(drawn.rows) == 100
    assert drawn.notes == ("All quotas can be met up to a size of 75.",)


def test_shrinking_keeps_the_shares():
    frames = Frames({"lighting": lit(dark=30, bright=1000)})
    drawn = draw(frames, Quota({"lighting:dark": 40}, when_short="shrink"), size=100)
    assert given(drawn) == {"40% lighting:dark": 30, "the rest": 45}
    assert drawn.notes == ("The size is 75, not 100: above that not all quotas can be met.",)


def test_quotas_that_leave_no_room_for_each_other_are_named():
    frames = Frames({"lighting": lit(dark=100, bright=100)})
    drawn = draw(frames, Quota({"lighting:dark": 60, "lighting:bright": 60}), size=100)
    assert given(drawn) == {"60% lighting:dark": 50, "60% lighting:bright": 50}
    assert reasons(drawn)["60% lighting:dark"] == (
        "With 60% lighting:bright it asks for 120 frames of 100, and none matches both."
    )
    assert drawn.notes == ("The quotas cannot be met at any size.",)


def test_a_ceiling_that_stands_in_the_way_is_named():
    frames = Frames({"lighting": lit(dark=100, bright=100), "weather": lit(rain=100, dry=100)})
    drawn = draw(frames, Quota({"lighting:dark": 50, "weather:rain": 20}), size=100)
    assert given(drawn)["50% lighting:dark"] == 20
    assert reasons(drawn)["50% lighting:dark"].startswith("Only 0 of its frames do not match weather:rain too")


def test_exact_quotas_do_not_stand_in_for_the_rest():
    frames = Frames({"lighting": lit(dark=100, bright=20)})
    drawn = draw(frames, Quota({"lighting:dark": 40}), size=100)
    assert given(drawn) == {"40% lighting:dark": 40, "the rest": 20}
    assert reasons(drawn) == {"the rest": "There are only 20 such frames."}
    assert len(draw(frames, Quota(quotas=[">=40% lighting:dark"]), size=100).rows) == 100


def test_uniform_gives_each_combination_as_many_and_names_those_that_are_missing():
    frames = Frames(
        {"lighting": lit(dark=4, bright=100, dim=30), "weather": lit(rain=4, dry=130)},
        names={"lighting": ["dark", "dim", "bright"], "weather": ["rain", "dry"]},
    )
    drawn = draw(frames, Uniform(["lighting", "weather"]), size=60)
    assert given(drawn) == {
        "lighting:dark weather:rain": 4,
        "lighting:dark weather:dry": 0,
        "lighting:dim weather:rain": 0,
        "lighting:dim weather:dry": 28,
        "lighting:bright weather:rain": 0,
        "lighting:bright weather:dry": 28,
    }
    assert [stratum.wanted for stratum in drawn.strata] == [10] * 6
    assert reasons(drawn)["lighting:dark weather:rain"] == "There are only 4 such frames."
    assert reasons(drawn)["lighting:dim weather:rain"] == "There is no such frame."
    assert drawn.notes == ("3 of 6 combinations have no frame to draw.",)


def test_frames_without_a_value_are_left_out_or_a_value_of_their_own():
    frames = Frames({"lighting": ["dark", None, "bright", None], "weather": [None, None, "dry", "dry"]})
    drawn = draw(frames, Uniform(["lighting", "weather"]), size=4)
    assert drawn.rows.tolist() == [2]
    assert drawn.left_out == {"no value for lighting": 2, "no value for weather": 1}
    drawn = draw(frames, Uniform(["lighting"], unknown=True), size=4)
    assert given(drawn) == {"lighting:bright": 1, "lighting:dark": 1, "lighting:unknown": 2}


def test_uniform_over_values_balances_each_factor_by_itself():
    frames = Frames({"lighting": lit(dark=300, bright=300), "weather": ["rain"] * 30 + ["dry"] * 570})
    drawn = draw(frames, Uniform(["lighting", "weather"], over="values"), size=100)
    assert given(drawn) == {"lighting:bright": 50, "lighting:dark": 50, "weather:dry": 70, "weather:rain": 30}
    assert reasons(drawn) == {"weather:rain": "There are only 30 such frames."}


def test_too_many_combinations_are_refused():
    factors = {f"f{i}": [str(v) for v in range(200)] for i in range(2)}
    with pytest.raises(SpecError, match="makes 40,000 combinations"):
        draw(Frames(factors), Uniform(["f0", "f1"]), size=10)
    with pytest.raises(SpecError, match="no factor 'f9'"):
        draw(Frames(factors), Uniform(["f9"]), size=10)


def test_under_sampling_takes_the_rarest_and_the_next_rarest_is_the_limit():
    drawn = draw(Frames({"lighting": lit(bright=90, dark=4, dim=10)}), Undersample(["lighting"]))
    assert given(drawn) == {"dark": 4, "dim": 10, "bright": 10}
    assert drawn.notes == ("The limit is 10 frames a class.",)


def test_under_sampling_of_objects_counts_frames_that_show_several():
    shown = [("cat",)] * 3 + [("dog",)] * 4 + [("dog", "person")] * 1 + [("person",)] * 50 + [()] * 5 + [None] * 2
    drawn = draw(Frames(shown={"objects": shown}), Undersample(["objects"]))
    assert given(drawn) == {"cat": 3, "dog": 5, "person": 5}
    assert drawn.left_out == {"shows none of the classes": 7}
    assert given(draw(Frames(shown={"objects": shown}), Undersample(["objects"], ["dog", "person"]))) == {
        "dog": 5,
        "person": 51,
    }
    with pytest.raises(SpecError, match=r"no 'cow'\. Valid ones: cat, dog, person"):
        draw(Frames(shown={"objects": shown}), Undersample(["objects"], ["cow"]))


def test_what_goes_above_the_limit_is_named():
    shown = [("cat", "person")] * 3 + [("dog", "person")] * 8 + [("person",)] * 50
    drawn = draw(Frames(shown={"objects": shown}), Undersample(["objects"]))
    assert given(drawn) == {"cat": 3, "dog": 8, "person": 11}
    assert drawn.notes[1] == "Above it, as they are seen together with rarer ones: person 11."


def test_under_sampling_over_two_factors_balances_their_values():
    frames = Frames({"lighting": lit(bright=90, dark=4), "weather": ["dry"] * 80 + ["rain"] * 14})
    assert given(draw(frames, Undersample(["lighting", "weather"]), size=30))["lighting:dark"] == 4


def test_classes_that_nobody_shows_are_named():
    frames = Frames({"weather": lit(dry=9, rain=3)}, names={"weather": ["dry", "rain", "snow"]})
    drawn = draw(frames, Undersample(["weather"]))
    assert given(drawn) == {"snow": 0, "rain": 3, "dry": 9}
    assert "No frame shows: snow." in drawn.notes


def test_weights_make_frames_more_likely_in_proportion():
    chance = np.random.default_rng(1)
    frames = Frames({"lighting": lit(dark=1000, bright=1000)})
    shares = []
    for _ in range(20):
        frames.chances = lambda: chance.random(2000)
        shares.append((draw(frames, Weighted({"lighting:dark": 3}), size=100).rows < 1000).mean())
    assert np.mean(shares) == pytest.approx(0.75, abs=0.03)


def test_weight_0_never_comes_and_weights_of_several_queries_multiply():
    frames = Frames({"lighting": lit(dark=5, bright=5), "weather": ["rain", "dry"] * 5})
    drawn = draw(frames, Weighted({"lighting:dark": 0}), size=10)
    assert drawn.rows.tolist() == [5, 6, 7, 8, 9]
    assert drawn.left_out == {"weight 0": 5}
    layout = Weighted({"lighting:dark": 1e6, "weather:rain": 1e6}).lay_out(frames, size=10)
    assert set(layout.order[:3].tolist()) == {0, 2, 4}


def test_a_number_weighs_and_what_is_not_known_counts_as_said():
    frames = Frames(values={"uniqueness": [0.0, 1e-6, 1.0, None, -1.0, 1.0]})
    drawn = draw(frames, Weighted(field="uniqueness"), size=6)
    assert drawn.rows.tolist() == [1, 2, 5]
    assert drawn.left_out == {"weight 0": 3}
    assert draw(frames, Weighted(field="uniqueness", unknown=1e6), size=1).rows.tolist() == [3]
    assert draw(frames, Weighted(field="uniqueness", power=-8), size=1).rows.tolist() == [1]
