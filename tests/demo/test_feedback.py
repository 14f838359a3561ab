"""The demo's round, on real rows and a real network: from a red scenario to a model that was tested again."""

import io

import pytest

from activelearning.models import Candidate, LabelBatch, Round, Training
from demo import base_frames, feedback, pool_frames, trial_frames
from demo.feedback import SCENARIO, TRAINER, Feedback
from demo.footage import clip_of
from demo.model_test import Examiner
from demo.render.people import Walk
from demo.world import Script, render_video
from evaluation.models import TestRun

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _small(settings, tmp_path, monkeypatch):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"
    monkeypatch.setattr(feedback, "BUDGET", 4)
    monkeypatch.setattr(base_frames, "PICTURES", 6)
    monkeypatch.setattr(feedback, "TRAINER", {**TRAINER, "epochs": 1, "imgsz": 160})


@pytest.fixture
def worlds(make_script, look, monkeypatch):
    """Stand in for the test and for ordinary days: people who lie there one after another, elsewhere on other days."""

    def lying(count, x, *, camera, **condition):
        walks = [_lies(look, start_s=at * 20.0, x=x, y=7.0 + at) for at in range(count)]
        made = make_script(*walks, camera=camera, **condition)
        stretches = tuple((at * 20, at * 20 + 1) for at in range(count))
        return Script(**{**vars(made), "fps": 1, "recorded_s": stretches, "duration_s": count * 20})

    scripts = {"test": lying(6, 0.5, camera="courtyard"), "pool": lying(8, -1.0, camera="courtyard", level=150)}
    scripts["pool"] = Script(**{**vars(scripts["pool"]), "recorded_at": scripts["test"].recorded_at.replace(month=7)})

    def render(folder, *, world, seed, say):
        script = scripts[world]
        return [render_video(script, folder / script.camera / f"{script.name}.mp4", seed=seed)]

    monkeypatch.setattr(trial_frames, "render_all", render)
    monkeypatch.setattr(pool_frames, "render_all", render)


def _lies(look, *, start_s, x, y):
    return Walk(look=look, start_s=start_s, corners=((x - 0.01, y), (x, y)), stops=((1, 0.99),), lies=True)


def examined(make_script, passer_by, tmp_path):
    script = make_script(passer_by, duration_s=2.0)
    clips = [clip_of(render_video(script, tmp_path / "courtyard" / f"{script.name}.mp4", seed=1))]
    examiner = Examiner(io.StringIO(), io.StringIO())
    examiner.prepare()
    return examiner.hold(clips)


def test_red_scenario_is_mined_for_labelled_by_the_truth_and_its_model_tested_again(
    worlds, make_script, passer_by, tmp_path
):
    run = examined(make_script, passer_by, tmp_path)
    assert run.results.get(name=SCENARIO).verdict == "fail"
    printed = io.StringIO()
    Feedback(printed, io.StringIO()).turn(run)
    said = printed.getvalue()
    assert "The round stopped" not in said
    round = Round.objects.get()
    assert (round.state, round.scenarios, round.test_run) == (Round.State.CLOSED, [SCENARIO], run)
    assert 0 < Candidate.objects.filter(round=round).count() <= 4
    batch = LabelBatch.objects.get(round=round)
    assert batch.via == LabelBatch.Via.TRUTH
    assert {task.frame.annotations.first().label_origin.answer.annotator for task in batch.tasks.all()} == {
        "truth: demo"
    }
    training = Training.objects.get()
    assert training.model.parent == run.model
    assert (round.base_version.dataset.name, training.version.dataset.name) == ("demo-base", "demo-labels")
    assert training.version.members.count() > round.base_version.members.count() > 0
    assert TestRun.objects.order_by("id").last() == round.retest
    assert f'--scenario "{SCENARIO}"' in said
    assert "the renderer's truth stands in for the annotator" in said
    assert f"manage.py rounds report {round.pk}" in said


def test_scenario_that_passes_needs_no_round(worlds, make_script, passer_by, tmp_path):
    run = examined(make_script, passer_by, tmp_path)
    result = run.results.get(name=SCENARIO)
    result.delete()  # a stored result never changes
    result.pk, result.verdict = None, "pass"
    result.save()
    printed = io.StringIO()
    Feedback(printed, io.StringIO()).turn(run)
    assert "nothing to mend" in printed.getvalue()
    assert not Round.objects.exists()
