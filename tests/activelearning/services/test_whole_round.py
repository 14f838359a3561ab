"""A round from end to end: seeds, candidates, labels, dataset, model, the same suite again, and the report."""

import pytest
from django.db import connection
from django.utils import timezone

from activelearning.core.given_answer import GivenAnswer, GivenBox
from activelearning.core.round_report import RoundReport
from activelearning.models import LabelTask, Loop, Round
from activelearning.services.loops import LoopOptions, find_loop, start_loop
from activelearning.services.round_steps import dataset as dataset_step
from activelearning.services.rounds import RoundError, attach_model, find_round, go_on, rerun, start_round
from curation.core.errors import WeightsMissing
from curation.models import Annotation, DatasetVersion, Job
from curation.services.datasets import create_version
from curation.services.job_kinds import run_here
from evaluation.core.record_json import from_plain
from evaluation.models import ModelVersion, TestRun
from tests.activelearning.services.mined import blind_at_night, footage, predicted
from tests.evaluation.world import BOX, seen

pytestmark = pytest.mark.django_db
ELSEWHERE = {"kind": "none"}


def truth(batch):
    """Answer each task as the world was painted: one person, always in the same place."""
    for task in batch.tasks.exclude(state="dropped"):
        yield task.pk, GivenAnswer(annotator="world", boxes=(GivenBox("person", BOX),))


@pytest.fixture
def red(settings, media):
    """A test run with a red scenario, and 24 frames that nobody labelled, of which 12 are like what is missed."""
    settings.WINNOW_TRUTHS = {"painted": "tests.activelearning.services.test_whole_round.truth"}
    stub = blind_at_night()
    run = stub.test_run
    stub.delete()
    pool = [*footage(12, "red"), *footage(12, "green")]
    predicted(run.model, pool)
    ModelVersion.objects.filter(pk=run.model_id).update(detector="ultralytics:v1.pt", weights_sha256="1" * 64)
    return TestRun.objects.select_related("suite__suite", "model", "version__dataset").get(pk=run.pk)


def started(run, **asked):
    values = {"budget": 8, "via": "truth", "trainer": ELSEWHERE, "is_automatic": True} | asked
    made = start_round(test_run=run, here=True, **values)
    run_here(made.job)
    return find_round(made.pk)


def report_of(made):
    return from_plain(RoundReport, made.report)


def test_a_round_labels_what_is_like_the_misses_and_ends_with_a_report(red):
    made = started(red)
    assert made.state == "training"  # somebody else trains
    members = set(made.version.members.values_list("frame_id", flat=True))
    chosen = set(made.candidates.values_list("frame_id", flat=True))
    assert members == chosen
    assert len(members) == 8
    assert str(made.version) == "street-labels@1"
    assert Annotation.objects.filter(frame__in=members, source="labelling", by="truth: painted").count() == 8
    better = seen(red.version, "v2")
    job = attach_model(round=made, model=better, here=True)
    run_here(job)
    made = find_round(made.pk)
    assert (made.state, made.retest.model.name, made.retest.verdict) == ("closed", "v2", "undecided")
    report = report_of(made)
    night = next(one for one in report.scenarios if one.name == "night")
    assert (night.is_target, night.before.value, night.after.value, night.fixed) == (True, 0.0, 1.0, 12)
    assert (report.spent.frames, report.spent.boxes, report.test_run, report.retest) == (8, 8, red.pk, made.retest_id)
    assert [step["state"] for step in made.history][-2:] == ["retest", "closed"]


def test_candidates_wait_for_people_unless_the_round_is_automatic(red):
    made = started(red, is_automatic=False)
    assert made.state == "candidates"
    assert not made.batches.exists()
    run_here(go_on(round=made, here=True))
    assert find_round(made.pk).state == "training"


def test_with_files_a_round_waits_and_goes_on_early_with_what_there_is(red):
    made = started(red, is_automatic=False, via="files")
    run_here(go_on(round=made, wait=False, here=True))
    made = find_round(made.pk)
    assert made.state == "labelling"
    batch = made.batches.get()
    tasks = list(batch.tasks.order_by("pk"))
    with pytest.raises(RoundError, match="was labelled, so there is nothing to learn from"):
        run_here(go_on(round=made, early=True, here=True))
    # That closed the batch, since nobody labelled anything; a new round is what is left.
    assert find_round(made.pk).state == "labelling"
    other = started(red, is_automatic=False, via="files", seed=5)
    run_here(go_on(round=other, wait=False, here=True))
    from activelearning.services.answers import take_answers

    batch = find_round(other.pk).batches.get()
    tasks = list(batch.tasks.order_by("pk"))
    answer = GivenAnswer(annotator="ada", boxes=(GivenBox("person", BOX),))
    take_answers(batch=batch, given={tasks[0].pk: [answer]}, is_whole=False)
    run_here(go_on(round=find_round(other.pk), early=True, here=True))
    other = find_round(other.pk)
    assert (other.state, other.version.frame_count) == ("training", 1)
    assert batch.tasks.filter(state=LabelTask.State.DROPPED).count() == len(tasks) - 1


def test_the_labels_join_the_base_and_keep_its_dataset(red):
    base = create_version(dataset="yard", frame_ids=[one.pk for one in footage(3, "blue", annotated_at=timezone.now())])
    made = started(red, base_version=base)
    assert str(made.version) == "yard@2"
    assert made.version.parent == base
    assert made.version.frame_count == 3 + 8


def test_a_base_that_gives_the_test_away_makes_nothing(red):
    base = create_version(dataset="leaky", frame_ids=red.version.members.values_list("frame_id", flat=True)[:2])
    with pytest.raises(RoundError) as refused:
        started(red, base_version=base)
    assert refused.value.code == "leak"
    assert "2 in the test" in str(refused.value)
    made = Round.objects.get()
    assert (made.state, made.version, made.job.state) == ("dataset", None, "failed")
    assert DatasetVersion.objects.filter(dataset__name="leaky").count() == 1


def test_a_step_that_failed_goes_on_when_it_is_mended(red, monkeypatch):
    real = dataset_step.labelled_frames
    monkeypatch.setattr(dataset_step, "labelled_frames", lambda round, **_: [])
    with pytest.raises(RoundError, match="nothing was made"):
        started(red)
    made = Round.objects.get()
    assert made.state == "dataset"
    monkeypatch.setattr(dataset_step, "labelled_frames", real)
    run_here(go_on(round=made, here=True))
    assert find_round(made.pk).state == "training"


@pytest.mark.parametrize("step", range(2, 14, 2))
def test_a_job_that_is_killed_anywhere_goes_on_without_doing_anything_twice(red, step):
    """Cut the work off after so many of its steps, as a dead worker would, and let another attempt go on."""
    made = start_round(test_run=red, budget=8, via="truth", trainer=ELSEWHERE, is_automatic=True)
    from curation.services.job_kinds import kind_of
    from curation.services.jobs import claim_job

    work = kind_of(made.job)(claim_job(made.job.pk, worker="first"))
    for _ in range(step):
        if next(work, None) is None:
            break
    work.close()
    Job.objects.filter(pk=made.job.pk).update(state=Job.State.QUEUED, lease_until=None)
    run_here(Job.objects.get(pk=made.job.pk))
    made = find_round(made.pk)
    assert made.state == "training"
    assert made.batches.count() == 1
    assert DatasetVersion.objects.filter(dataset__name="street-labels").count() == 1
    assert LabelTask.objects.count() == made.candidates.count() == 8
    assert Annotation.objects.filter(source="labelling").count() == 8


def test_a_control_is_drawn_and_gets_a_dataset_of_its_own(red):
    made = started(red, strategy_text=f"{_default()}\ncontrol: 0.5\n")
    assert {arm: made.candidates.filter(arm=arm).count() for arm in ("strategy", "control")} == {
        "strategy": 4, "control": 4
    }  # fmt: skip
    versions = {name: DatasetVersion.objects.get(pk=said["version"]) for name, said in made.arms.items()}
    assert {name: str(one) for name, one in versions.items()} == {
        "strategy": "street-labels.strategy@1", "control": "street-labels.control@1"
    }  # fmt: skip
    assert {one.frame_count for one in versions.values()} == {4}
    assert made.version.frame_count == 8


def test_doing_the_dataset_again_makes_the_next_version(red):
    made = started(red)
    run_here(rerun(round=made, state="dataset", here=True))
    made = find_round(made.pk)
    assert str(made.version) == "street-labels@2"
    first = DatasetVersion.objects.get(number=1, dataset__name="street-labels")
    assert made.version.manifest_sha256 == first.manifest_sha256


def test_a_loop_ends_when_there_is_nothing_left_to_look_in(red):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE curation_frame SET annotated_at = now() WHERE annotated_at IS NULL")
    loop = start_loop(first_run=red, budget=20, rounds=3, options=LoopOptions(via="truth"), here=True)
    run_here(loop.job)
    loop = find_loop(loop.pk)
    assert loop.ended == Loop.Ended.NO_CANDIDATES
    assert loop.rounds.get().state == "abandoned"


def test_a_loop_of_a_model_that_is_ready_needs_no_label(red):
    model = seen(red.version, "perfect", detector="ultralytics:v9.pt")
    from tests.activelearning.services.mined import run_of

    run = run_of(model, options={"mode": "simple"})
    loop = start_loop(first_run=run, budget=20, rounds=3, here=True)
    run_here(loop.job)
    loop = find_loop(loop.pk)
    assert (loop.ended, loop.rounds.count()) == ("ready", 0)
    assert loop.reason.startswith("Ready after 0 labels in 0 rounds")


def test_a_training_that_fails_leaves_its_words_on_the_round(red):
    """The weights of v1 are nowhere, which only the training finds out."""
    with pytest.raises(WeightsMissing, match=r"v1\.pt"):
        started(red, trainer={})
    made = find_round(Round.objects.get().pk)
    assert (made.state, made.training, made.version.frame_count) == ("training", None, 8)
    assert "v1.pt" in made.job.error


def _default():
    from activelearning.core.shipped import shipped_text

    return "\n".join(line for line in shipped_text("default").splitlines() if not line.startswith("control"))
