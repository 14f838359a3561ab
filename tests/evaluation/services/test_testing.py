"""A model held against a suite: figures, verdicts, what is stored, and what is refused."""

import pytest
from django.db import DatabaseError, transaction

from curation.core.errors import SpecError
from curation.models import Frame, HoldoutUse, Job
from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, lock_version
from curation.services.job_kinds import run_here
from evaluation.models import LabelReview, ScenarioResult, SuiteVersion, TestRun
from evaluation.services.predicting import NoPredictions
from evaluation.services.suites import SuiteError, find_suite, save_suite
from evaluation.services.test_records import TestRunError, find_run, record_of
from evaluation.services.testing import request_test
from tests.evaluation.factories import LabelReviewFactory, ModelVersionFactory
from tests.evaluation.world import BOX, SUITE, by_day, seen, street, visits
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db


def held(model, text=SUITE, **asked):
    suite, _ = save_suite(text=text)
    run = request_test(suite=suite, model=model, here=True, **asked)
    run_here(run.job)
    return record_of(find_run(run.pk))


def by_name(record):
    return {one.name: one for one in record.scenarios}


def test_a_model_that_is_blind_at_night_fails_there_and_passes_by_day():
    version = street()
    record = held(seen(version, "v1", finds=by_day))
    day, night = record.scenarios
    assert (day.value, day.verdict, day.images, day.instances, day.groups) == (1.0, "pass", 36, 36, 12)
    assert (night.value, night.verdict) == (0.0, "fail")
    assert day.low < 1.0 == day.high  # twelve of twelve visits do not prove that all are found
    assert record.verdict == "failed"
    assert record.readiness.value == pytest.approx(0.75)
    assert record.readiness.low < 0.75 < record.readiness.high
    assert (record.dataset, record.model, record.suite) == ("street@1", "v1", "street@1")
    assert night.link_query == 'dataset:"street@1" AND (lighting:dark)'
    assert night.errors.kinds["missed"] == 36
    assert len(night.frames) == 12
    assert [box.what for box in night.frames[0].boxes] == ["missed"]
    stored = TestRun.objects.get()
    assert (stored.verdict, ScenarioResult.objects.count()) == ("failed", 2)


def test_a_model_that_sees_all_is_ready():
    assert held(seen(street(), "v1")).verdict == "ready"


def test_few_visits_decide_nothing():
    version = street(3)
    record = held(seen(version, "v1"))
    assert [one.verdict for one in record.scenarios] == ["inconclusive", "inconclusive"]
    assert record.verdict == "undecided"
    assert "3 groups" in record.scenarios[0].reason
    assert record.scenarios[0].groups_needed > 0


def test_in_simple_mode_the_figure_decides():
    assert held(seen(street(3), "v1"), options={"mode": "simple"}).verdict == "ready"


def test_the_same_seed_gives_the_same_intervals():
    version = street()
    model = seen(version, "v1", finds=lambda frame: frame.pk % 7 > 2)
    records = [held(model, options={"seed": seed}) for seed in (1, 1, 2)]
    ends = [[(one.low, one.high) for one in record.scenarios] for record in records]
    assert ends[0] == ends[1]
    assert ends[0] != ends[2]


def test_slices_stay_those_that_the_version_froze():
    version = street()
    model = seen(version, "v1", finds=by_day)
    before = held(model)
    Frame.objects.update(tags={"lighting": "dim"})
    after = held(model)
    assert [one.images for one in after.scenarios] == [one.images for one in before.scenarios] == [36, 36]


def test_frames_that_nobody_labelled_are_left_out_and_counted():
    frames = [*visits(6), FrameFactory(tags={"lighting": "bright"})]
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in frames])
    record = held(seen(version, "v1"))
    assert by_name(record)["day"].images == 18
    assert "1 frames of street@1 are not labelled, so they were left out." in record.notes


def test_a_version_without_labels_cannot_be_tested_on():
    version = create_version(dataset="street", frame_ids=[FrameFactory().pk])
    with pytest.raises(Exception, match="no frame whose objects are labelled"):
        held(seen(version, "v1"))


def test_frozen_labels_can_be_asked_for():
    frames = [*visits(6), *visits(6, label="car")]
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in frames])
    text = SUITE.replace("lighting:bright", "label:person").replace("lighting:dark", "NOT label:*")
    record = held(seen(version, "v1"), text)
    assert [one.images for one in record.scenarios] == [18, 0]
    assert "no image matches" in record.scenarios[1].reason


def test_what_is_to_be_ignored_is_neither_found_nor_missed():
    frames = [*visits(6), *visits(6, ignore=True)]
    version = create_version(dataset="street", frame_ids=[frame.pk for frame in frames])
    day = held(seen(version, "v1")).scenarios[0]
    assert (day.images, day.instances, day.value) == (36, 18, 1.0)
    assert day.errors.kinds["background"] == 0


def test_labels_under_review_are_left_out():
    version = street()
    model = seen(version, "v1", finds=by_day)
    x1, y1, x2, y2 = BOX
    for pk in version.members.values_list("frame_id", flat=True):
        LabelReviewFactory(frame_id=pk, label="person", x1=x1, y1=y1, x2=x2, y2=y2)
    LabelReview.objects.filter(frame__tags__lighting="bright").update(state=LabelReview.State.RIGHT)
    day, night = held(model).scenarios
    assert (day.under_review, day.value) == (0, 1.0)
    assert (night.under_review, night.instances, night.verdict) == (36, 0, "inconclusive")


def test_boxes_of_labels_that_nobody_labelled_do_not_count():
    version = street()
    text = SUITE.replace("kind: recall", "kind: precision").replace("labels: [person]", "labels: []")
    model = seen(version, "v1")
    run = model.prediction_runs.get()
    first = run.predictions.first()
    first.pk, first.label = None, "cat"
    first.save()
    assert held(model, text).scenarios[0].value == 1.0


def test_relative_to_a_baseline_the_difference_is_judged():
    version = street()
    new, old = seen(version, "v2", finds=by_day), seen(version, "v1")
    text = SUITE.replace("at_least: 0.7", "not_worse_by: 0.02")
    with pytest.raises(TestRunError, match="--baseline"):
        held(new, text)
    day, night = held(new, text, baseline=old).scenarios
    assert day.verdict == "pass"
    assert (night.value, night.model_value, night.baseline_value, night.threshold) == (-1.0, 0.0, 1.0, -0.02)
    assert night.verdict == "fail"
    with pytest.raises(TestRunError, match="its own baseline"):
        held(new, text, baseline=new)


def test_the_score_can_come_from_another_version():
    other = create_version(dataset="val", frame_ids=[frame.pk for frame in visits(6)])
    version = street()
    model = seen(version, "v1", score=0.4)
    run = seen(other, "v1", score=0.4).prediction_runs.get(version=other)
    assert run.model == model
    chosen = "metric: {kind: recall}\n    score_from: {dataset: val@1, recall: 0.9}"
    record = held(model, SUITE.replace("metric: {kind: recall, score: 0.5}", chosen))
    assert record.scenarios[0].value == 1.0
    assert "0.4" in record.scenarios[0].metric
    with pytest.raises(TestRunError, match="street@1 itself"):
        held(model, SUITE.replace("metric: {kind: recall, score: 0.5}", chosen.replace("val@1", "street@1")))


def test_a_model_without_predictions_or_weights_says_how_to_get_them():
    street()
    with pytest.raises(NoPredictions, match=r"manage\.py predict blind"):
        held(ModelVersionFactory(name="blind"))
    assert Job.objects.get(kind="test").state == "failed"
    with pytest.raises(TestRunError, match="is not done"):
        record_of(TestRun.objects.get())


def test_a_hold_out_is_only_for_the_final_evaluation_which_is_written_down():
    version = street()
    model = seen(version, "v1")
    lock_version(version, user=None)
    version.refresh_from_db()
    with pytest.raises(HoldoutError, match="scenarios final"):
        held(model)
    record = held(model, is_final=True, by_name="ada (shell)")
    use = HoldoutUse.objects.get()
    assert (record.is_final, record.previous_uses) == (True, 0)
    assert (use.model, use.by_name, use.value) == ("v1", "ada (shell)", pytest.approx(1.0))
    assert "Ready" in use.note
    assert held(model, is_final=True).previous_uses == 1
    assert HoldoutUse.objects.count() == 2


def test_no_frame_of_a_hold_out_is_shown():
    version = street()
    model = seen(version, "v1", finds=by_day)
    lock_version(version, user=None)
    record = held(model, is_final=True)
    assert record.scenarios[1].errors.kinds["missed"] == 36
    assert all(one.frames == () for one in record.scenarios)
    assert any("not for looking" in note for note in record.notes)


def test_a_final_evaluation_needs_a_locked_version():
    with pytest.raises(HoldoutError, match="not locked"):
        held(seen(street(), "v1"), is_final=True)


def test_a_test_that_fails_leaves_no_figure_and_no_use_in_the_ledger(monkeypatch):
    version = street()
    model = seen(version, "v1")
    lock_version(version, user=None)
    monkeypatch.setattr("evaluation.services.testing.readiness_of", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        held(model, is_final=True)
    assert (HoldoutUse.objects.count(), ScenarioResult.objects.count()) == (0, 0)


def test_the_same_suite_is_one_version_and_a_change_is_the_next():
    first, is_new = save_suite(text=SUITE)
    again, is_new_again = save_suite(text=f"# a comment\n{SUITE}")
    assert (is_new, is_new_again, first.pk) == (True, False, again.pk)
    second, _ = save_suite(text=SUITE.replace("0.7\n", "0.65\n", 1))
    assert (second.number, find_suite("street").pk, find_suite("street@1").pk) == (2, second.pk, first.pk)


@pytest.mark.parametrize(
    "name, says", [("street@9", "from 1 to 1"), ("road", "There are: street"), ("a b", "no suite")]
)
def test_a_suite_that_is_not_there_is_said(name, says):
    save_suite(text=SUITE)
    with pytest.raises(SuiteError, match=says):
        find_suite(name)


def test_a_wrong_query_is_shown_where_it_is_wrong():
    with pytest.raises(SuiteError, match="scenario 'day'") as caught:
        save_suite(text=SUITE.replace("lighting:bright", "lightning:bright"))
    assert "^" in str(caught.value)


def test_options_are_checked():
    suite, _ = save_suite(text=SUITE)
    version = street(1)
    with pytest.raises(SpecError, match="confidence"):
        request_test(suite=suite, model=seen(version, "v1"), options={"confidence": 2})


@pytest.mark.parametrize(
    "change",
    [
        lambda: TestRun.objects.update(verdict="ready"),
        lambda: ScenarioResult.objects.update(verdict="pass"),
        lambda: SuiteVersion.objects.update(spec={}),
    ],
)
def test_what_was_said_of_a_model_stays_said(change):
    held(seen(street(1), "v1", finds=by_day))
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        change()
    Job.objects.all().delete()  # what a run no longer needs may go
    assert record_of(TestRun.objects.get()).scenarios
