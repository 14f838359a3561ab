"""Rounds: what they start from, what is refused, and how people move them."""

import pytest

from activelearning.core.shipped import shipped_text
from activelearning.models import Candidate, LabelTask, Round
from activelearning.services.rounds import (
    NoSuchRound,
    RoundError,
    abandon,
    add_candidates,
    attach_model,
    drop_candidates,
    find_round,
    go_on,
    rerun,
    restore_candidates,
    start_round,
)
from curation.core.errors import SpecError
from curation.models import Frame, Job
from curation.services.datasets import create_version
from curation.services.holdout import HoldoutError, lock_version
from evaluation.models import ModelVersion
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory
from tests.evaluation.services.test_testing import held
from tests.evaluation.world import SUITE, by_day, seen, street
from tests.factories import FrameFactory

pytestmark = pytest.mark.django_db
ARMS = {"control": {"version": 4, "training": 2, "test_run": 7}}


@pytest.fixture
def test_run():
    """A model that is blind at night, tested; its weights are a name only."""
    model = seen(street(), "v1", finds=by_day)
    record = held(model)
    ModelVersion.objects.filter(pk=model.pk).update(detector="ultralytics:v1.pt", weights_sha256="1" * 64)
    from evaluation.services.test_records import find_run

    return find_run(record.id)


def at_candidates(test_run, count=3, **asked):
    """Start a round and put frames in as if they had been found."""
    made = start_round(test_run=test_run, budget=10, **asked)
    Job.objects.update(state=Job.State.DONE)
    frames = [FrameFactory() for _ in range(count)]
    Candidate.objects.bulk_create(
        Candidate(round=made, frame=frame, arm="strategy", rank=n) for n, frame in enumerate(frames)
    )
    Round.objects.filter(pk=made.pk).update(state=Round.State.CANDIDATES)
    return find_round(made.pk), [frame.pk for frame in frames]


def test_a_round_is_about_what_is_not_green_and_keeps_all_that_makes_it(test_run):
    made = find_round(start_round(test_run=test_run, budget=40, seed=7).pk)
    assert (made.scenarios, made.budget, made.seed, made.state) == (["night"], 40, 7, "seeds")
    assert made.strategy_text == shipped_text("default")
    assert made.strategy["name"] == "default"
    assert made.dataset == "street-labels"
    assert (made.job.kind, made.job.params) == ("round", {"round": made.pk})
    assert [step["note"] for step in made.history] == ["started"]


def test_scenarios_can_be_named_green_ones_too(test_run):
    assert start_round(test_run=test_run, budget=1, scenarios=["night", "day"]).scenarios == ["day", "night"]
    with pytest.raises(RoundError, match="has no scenario 'fog'"):
        start_round(test_run=test_run, budget=1, scenarios=["fog"])


def test_where_all_is_green_there_is_nothing_to_mend(test_run):
    version = create_version(dataset="bright", frame_ids=list(Frame.objects.values_list("pk", flat=True)))
    model = seen(version, "perfect")
    green = held(model, text=SUITE.replace("street@1", "bright@1"))
    ModelVersion.objects.filter(pk=model.pk).update(detector="ultralytics:v1.pt")
    from evaluation.services.test_records import find_run

    with pytest.raises(RoundError, match="nothing to mend"):
        start_round(test_run=find_run(green.id), budget=10)


def test_a_model_without_weights_cannot_look_through_footage(test_run):
    ModelVersion.objects.update(detector="")
    test_run.refresh_from_db()
    with pytest.raises(RoundError) as refused:
        start_round(test_run=test_run, budget=10)
    assert refused.value.code == "no_weights"


def test_a_hold_out_starts_no_round_and_is_no_base(test_run):
    lock_version(test_run.version, user=None)
    test_run.refresh_from_db()
    with pytest.raises(HoldoutError, match="final evaluation on a hold-out"):
        start_round(test_run=test_run, budget=10)


def test_a_locked_base_is_refused(test_run):
    base = create_version(dataset="base", frame_ids=[FrameFactory().pk])
    lock_version(base, user=None)
    base.refresh_from_db()
    with pytest.raises(HoldoutError, match="nothing is trained on it"):
        start_round(test_run=test_run, budget=10, base_version=base)


@pytest.mark.parametrize("budget", [0, -1, 10**9])
def test_a_budget_that_cannot_be_labelled_is_refused(test_run, budget):
    with pytest.raises(RoundError) as refused:
        start_round(test_run=test_run, budget=budget)
    assert refused.value.code == "budget"
    assert not Round.objects.exists()


def test_a_strategy_that_is_wrong_is_refused_before_anything_is_written(test_run):
    with pytest.raises(SpecError):
        start_round(test_run=test_run, budget=10, strategy_text="mine: [{kind: oracle}]")
    assert not Round.objects.exists()
    assert not Job.objects.filter(kind="round").exists()


def test_rounds_are_found_by_number():
    with pytest.raises(NoSuchRound, match="none yet"):
        find_round(1)
    with pytest.raises(NoSuchRound):
        find_round("x; DROP")


def test_people_drop_and_bring_back_and_add(test_run):
    made, (first, second, _) = at_candidates(test_run)
    assert drop_candidates(round=made, frame_ids=[first, second], note="blurred") == 2
    assert drop_candidates(round=made, frame_ids=[first]) == 0
    assert restore_candidates(round=made, frame_ids=[second]) == 1
    mine = FrameFactory().pk
    assert add_candidates(round=made, frame_ids=[mine, second, mine]) == 1
    rows = {one.frame_id: one for one in made.candidates.all()}
    assert (rows[first].is_dropped, rows[first].note) == (True, "blurred")
    assert (rows[mine].arm, rows[mine].rank) == ("person", 3)
    assert "added by" in rows[mine].reasons[0]["text"]


def test_what_may_not_be_labelled_is_not_added(test_run):
    made, _ = at_candidates(test_run)
    of_test = test_run.version.members.values_list("frame_id", flat=True)[0]
    with pytest.raises((RoundError, HoldoutError)):
        add_candidates(round=made, frame_ids=[FrameFactory().pk, of_test])
    assert made.candidates.count() == 3


def test_a_frame_that_is_no_candidate_is_named(test_run):
    made, _ = at_candidates(test_run)
    with pytest.raises(RoundError, match="is no candidate"):
        drop_candidates(round=made, frame_ids=[FrameFactory().pk])


def test_once_they_are_sent_candidates_stay_as_they_are(test_run):
    made, ids = at_candidates(test_run)
    Round.objects.update(state=Round.State.LABELLING)
    with pytest.raises(RoundError) as refused:
        drop_candidates(round=made, frame_ids=ids)
    assert refused.value.code == "not_open"


def test_candidates_are_not_sent_before_one_says_where(test_run):
    made, ids = at_candidates(test_run)
    with pytest.raises(RoundError, match="how the frames"):
        go_on(round=made)
    assert go_on(round=made, via="files").params["go"]
    Job.objects.update(state=Job.State.DONE)
    drop_candidates(round=made, frame_ids=ids)
    with pytest.raises(RoundError) as refused:
        go_on(round=made, via="files")
    assert refused.value.code == "no_candidates"


def test_two_jobs_are_never_at_one_round(test_run):
    made = start_round(test_run=test_run, budget=5)
    for move in (lambda: go_on(round=made), lambda: rerun(round=made, state="seeds")):
        with pytest.raises(RoundError) as refused:
            move()
        assert refused.value.code == "busy"


def test_candidates_are_looked_for_again_until_they_are_sent(test_run):
    made, _ = at_candidates(test_run)
    rerun(round=made, state="seeds")
    made.refresh_from_db()
    assert (made.state, made.history[-1]["note"]) == ("seeds", "seeds is done again")
    Job.objects.update(state=Job.State.DONE)
    LabelBatchFactory(round=made)
    with pytest.raises(RoundError, match="with the annotators already"):
        rerun(round=find_round(made.pk), state="seeds")


def test_a_step_that_was_not_reached_is_not_done_again(test_run):
    made, _ = at_candidates(test_run)
    with pytest.raises(RoundError, match="has not come to 'training'"):
        rerun(round=made, state="training")
    with pytest.raises(RoundError, match="Valid steps: seeds, dataset, training, retest"):
        rerun(round=made, state="labelling")


def test_going_back_forgets_what_came_after_and_keeps_what_was_made(test_run):
    made, _ = at_candidates(test_run)
    version = create_version(dataset="labels", frame_ids=[FrameFactory().pk])
    Round.objects.update(state="closed", version=version, retest=test_run, report={"x": 1}, arms=ARMS)
    rerun(round=find_round(made.pk), state="training")
    made.refresh_from_db()
    assert (made.state, made.version, made.retest, made.report) == ("training", version, None, {})
    assert made.arms == {"control": {"version": 4}}


def test_an_abandoned_round_frees_what_was_not_sent(test_run):
    made, _ = at_candidates(test_run)
    batch = LabelBatchFactory(round=made)
    waiting, sent = LabelTaskFactory(batch=batch), LabelTaskFactory(batch=batch, state=LabelTask.State.SENT)
    start = go_on(round=made, via="files")
    abandon(round=made, note_text="the camera moved")
    for row in (waiting, sent, start, made):
        row.refresh_from_db()
    assert (waiting.state, sent.state) == (LabelTask.State.DROPPED, LabelTask.State.SENT)
    assert (start.state, made.state, made.history[-1]["note"]) == ("cancelled", "abandoned", "the camera moved")
    for move in (lambda: abandon(round=made), lambda: go_on(round=find_round(made.pk))):
        with pytest.raises(RoundError) as refused:
            move()
        assert refused.value.code == "closed"


def test_a_model_from_elsewhere_is_attached_once_there_is_a_dataset(test_run):
    made, _ = at_candidates(test_run, trainer={"kind": "none"})
    other = seen(test_run.version, "v2")
    with pytest.raises(RoundError, match="after its dataset"):
        attach_model(round=made, model=other)
    Round.objects.update(state=Round.State.TRAINING)
    with pytest.raises(RoundError, match="started from"):
        attach_model(round=made, model=test_run.model)
    attach_model(round=made, model=other)
    made.refresh_from_db()
    assert (made.state, made.trainer["model"]) == ("retest", "v2")
