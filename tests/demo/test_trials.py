"""The world for tests: one condition a video, visits apart, all people inside their visits."""

import itertools

import numpy as np
import pytest

from demo.footage import DEMO_SEED, TRIAL_SEED
from demo.render.fallen import FALLS, falls
from demo.render.people import JOINTS
from demo.render.trials import GAP_S, LEAD_S, VISIT_S, VISITS, trials
from demo.render.truth import presence_intervals
from demo.train import TEST_SEED, TRAIN_SEED, VAL_SEED
from demo.world import cameras, scripts
from evaluation.core.visits import Grouping


def test_seed_is_one_that_nothing_was_taught_or_shown_with():
    assert len({TRIAL_SEED, DEMO_SEED, TRAIN_SEED, TRAIN_SEED + 1, VAL_SEED, TEST_SEED}) == 6


def test_same_seed_gives_the_same_scripts_and_another_gives_other_people():
    assert scripts(5, world="test") == scripts(5, world="test")
    assert all(a.walks != b.walks for a, b in zip(scripts(5, world="test"), scripts(6, world="test"), strict=True))


def test_every_camera_is_tested_and_no_two_videos_share_a_file():
    written = scripts(TRIAL_SEED, world="test")
    assert {script.camera for script in written} == {camera.name for camera in cameras()}
    assert len({(script.camera, script.name) for script in written}) == len(written) == len(trials()) + len(falls())


TRIALS = scripts(TRIAL_SEED, world="test")[: len(trials())]
LYING = scripts(TRIAL_SEED, world="test")[len(trials()) :]


@pytest.mark.parametrize("script", TRIALS, ids=lambda s: f"{s.camera}/{s.name}")
def test_people_walk_only_while_their_visit_is_recorded(script):
    assert len(script.recorded_s) == 1 + VISITS
    assert script.frame_count == (LEAD_S + VISITS * VISIT_S) * script.fps
    visits = script.recorded_s[1:]
    for walk in script.walks:
        assert any(start <= walk.start_s and walk.end_s <= end + 1e-3 for start, end in visits)
    for start, _ in visits:
        assert any(walk.start_s == start for walk in script.walks)


def test_visits_are_far_enough_apart_to_be_independent_groups():
    (start, end), (next_start, _) = scripts(TRIAL_SEED, world="test")[0].recorded_s[1:3]
    assert next_start - end == GAP_S > Grouping().gap_s
    assert end - start == VISIT_S


def test_presence_ends_where_nothing_was_recorded():
    assert presence_intervals([0, 1, 1, 1, 0], fps=1, ticks=[0, 1, 2, 20, 21]) == [(1.0, 3.0), (20.0, 21.0)]
    assert presence_intervals([1], fps=2, ticks=[7]) == [(3.5, 4.0)]


@pytest.mark.parametrize("script", LYING, ids=lambda s: f"{s.camera}/{s.name}")
def test_whoever_lies_there_is_seen_once_and_is_a_group_of_its_own(script):
    assert script.frame_count == len(script.walks) == FALLS
    assert all(walk.lies for walk in script.walks)
    starts = [start for start, _ in script.recorded_s]
    assert starts == [walk.start_s for walk in script.walks]
    assert all(b - a > Grouping().gap_s for a, b in itertools.pairwise(starts))


def test_lying_people_lie_in_every_direction_and_are_near_enough_to_be_seen():
    crown, ankle = JOINTS.index("crown"), JOINTS.index("ankle_l")
    joints = [walk.joints(walk.start_s + 0.5) for script in LYING for walk in script.walks]
    heads = [found[crown] - found[ankle] for found in joints]
    assert {(head[0] > 0, head[1] > 0) for head in heads} == {(a, b) for a in (True, False) for b in (True, False)}
    assert all(abs(head[2]) < 0.3 < np.hypot(head[0], head[1]) for head in heads)
