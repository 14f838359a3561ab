"""The world that nobody has labelled: ordinary days, in which hardly anybody is hidden."""

from demo.footage import DEMO_SEED, POOL_SEED, TRIAL_SEED
from demo.render.pool import PAUSE_S, VISITS
from demo.render.trials import GAP_S, VISIT_S
from demo.train import TEST_SEED, TRAIN_SEED, VAL_SEED
from demo.world import cameras, scripts
from evaluation.core.visits import Grouping


def test_its_seed_is_nobody_elses():
    others = {TRIAL_SEED, DEMO_SEED, TRAIN_SEED, TRAIN_SEED + 1, VAL_SEED, TEST_SEED}
    assert POOL_SEED not in others


def test_no_day_of_it_is_a_day_of_the_test():
    pool, test = scripts(POOL_SEED, world="pool"), scripts(TRIAL_SEED, world="test")
    assert {s.camera for s in pool} == {camera.name for camera in cameras()}
    assert len({(s.camera, s.name) for s in pool}) == len(pool)
    last = max(script.recorded_at for script in test)
    assert all(script.recorded_at.date() > last.date() for script in pool)


def test_same_seed_gives_the_same_scripts_and_another_gives_other_people():
    assert scripts(5, world="pool") == scripts(5, world="pool")
    assert scripts(5, world="pool")[0].walks != scripts(6, world="pool")[0].walks


def test_each_visit_begins_with_nobody_there_and_is_a_group_of_its_own():
    for script in scripts(POOL_SEED, world="pool"):
        assert len(script.recorded_s) == VISITS
        assert script.frame_count == VISITS * (PAUSE_S + VISIT_S) * script.fps
        begins = [start + PAUSE_S for start, _ in script.recorded_s]
        assert {walk.start_s for walk in script.walks} == set(begins)
        assert all(walk.end_s <= script.duration_s + 1e-3 for walk in script.walks)
    assert Grouping().gap_s < GAP_S


def test_most_come_alone_and_few_in_a_crowd():
    scenes = [script for seed in range(3) for script in scripts(seed, world="pool")]
    together = [
        sum(walk.start_s == start + PAUSE_S for walk in script.walks)
        for script in scenes
        for start, _ in script.recorded_s
    ]
    assert 0.5 < together.count(1) / len(together) < 0.8
    assert 0 < sum(count >= 3 for count in together) / len(together) < 0.15
