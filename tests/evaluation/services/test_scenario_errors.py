"""Everything that went wrong in a scenario, not only what the run shows."""

import pytest

from curation.services.holdout import HoldoutError, lock_version
from curation.services.job_kinds import run_here
from evaluation.models import Prediction
from evaluation.services.scenario_errors import scenario_errors
from evaluation.services.suites import save_suite
from evaluation.services.test_records import TestRunError, find_run, record_of
from evaluation.services.testing import request_test
from tests.evaluation.factories import LabelReviewFactory, TestRunFactory
from tests.evaluation.world import BOX, SUITE, by_day, seen, street

pytestmark = pytest.mark.django_db


def held(model, text=SUITE, **asked):
    suite, _ = save_suite(text=text)
    run = request_test(suite=suite, model=model, here=True, **asked)
    run_here(run.job)
    return find_run(run.pk)


def errors_in(run, *names, **asked):
    work = scenario_errors(run, names, **asked)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def kinds(found):
    return [one.kind for one in found.mistakes]


def test_all_misses_are_listed_not_only_those_of_the_frames_that_are_shown():
    run = held(seen(street(), "v1", finds=by_day))
    (night,) = errors_in(run, "night")
    shown = next(one for one in record_of(run).scenarios if one.name == "night")
    assert len(shown.frames) == 12
    assert kinds(night) == ["missed"] * 36
    assert {night.frame_ids[one.image] for one in night.mistakes} == set(
        run.version.members.filter(frame__tags__lighting="dark").values_list("frame_id", flat=True)
    )
    first = night.mistakes[0]
    assert (first.label, first.xyxy, first.score, night.score, night.iou) == ("person", BOX, None, 0.5, 0.5)
    assert len({int(night.group[one.image]) for one in night.mistakes}) == 12


def test_false_boxes_and_right_ones_that_are_unsure_are_told_apart():
    version = street(2)
    model = seen(version, "v1", score=0.62)
    boxes = Prediction.objects.filter(frame__tags__lighting="dark").order_by("frame")
    nowhere, sure, below = boxes[0], boxes[1], boxes[2]
    Prediction.objects.filter(pk=nowhere.pk).update(x1=300, x2=350)
    Prediction.objects.filter(pk=sure.pk).update(score=0.9)
    Prediction.objects.filter(pk=below.pk).update(score=0.49)
    (night,) = errors_in(held(model), "night")
    at = {one.kind: [] for one in night.mistakes}
    for one in night.mistakes:
        at[one.kind].append((int(night.frame_ids[one.image]), one.score))
    assert at["missed"] == [(nowhere.frame_id, None), (below.frame_id, None)]
    assert at["false_alarm"] == [(nowhere.frame_id, 0.62)]
    assert [score for _, score in at["low_confidence"]] == [0.62] * 3
    (strict,) = errors_in(held(model), "night", unsure=0.1)
    assert "low_confidence" not in kinds(strict)


def test_counts_are_those_of_the_record():
    version = street(4)
    run = held(seen(version, "v1", finds=lambda frame: frame.pk % 3 > 0))
    for found, record in zip(errors_in(run, "day", "night"), record_of(run).scenarios, strict=True):
        assert found.scenario == record.name
        assert kinds(found).count("missed") == record.errors.kinds["missed"] > 0


def test_what_is_under_review_by_now_is_no_error():
    version = street(2)
    run = held(seen(version, "v1", finds=by_day))
    frame = version.members.filter(frame__tags__lighting="dark").order_by("frame").first().frame
    x1, y1, x2, y2 = BOX
    LabelReviewFactory(frame=frame, label="person", x1=x1, y1=y1, x2=x2, y2=y2)
    (night,) = errors_in(run, "night")
    assert len(night.mistakes) == 5
    assert frame.pk not in {int(night.frame_ids[one.image]) for one in night.mistakes}


def test_scenarios_over_time_have_no_boxes():
    text = SUITE + "  - {name: visits, events: there, metric: {kind: event_recall, score: 0.5}, at_least: 0.5}\n"
    suite, _ = save_suite(text=text)
    version = street(1)
    run = held(seen(version, "v1", finds=by_day))
    other = TestRunFactory(suite=suite, model=run.model, version=version, finished_at=run.finished_at)
    assert errors_in(other, "visits") == []
    assert [one.scenario for one in errors_in(other, "visits", "night")] == ["night"]


def test_a_final_evaluation_and_a_version_that_was_locked_since_tell_nothing():
    version = street(2)
    model = seen(version, "v1", finds=by_day)
    before = held(model)
    lock_version(version, user=None)
    final = held(model, is_final=True)
    with pytest.raises(HoldoutError, match="final evaluation"):
        errors_in(final, "night")
    with pytest.raises(HoldoutError, match="is a hold-out"):
        errors_in(find_run(before.pk), "night")


def test_unknown_names_and_runs_that_are_not_done_are_said():
    run = held(seen(street(1), "v1"))
    with pytest.raises(TestRunError, match=r"no scenario 'dusk'\. It has: day, night"):
        errors_in(run, "dusk")
    with pytest.raises(TestRunError, match="not done"):
        errors_in(TestRunFactory(suite=run.suite), "day")
