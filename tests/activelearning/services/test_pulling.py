"""Pulling from a real Label Studio: what annotators did there is what is here, whatever came in between."""

import pytest

from activelearning.backends.labelstudio import LabelStudioError, annotations
from activelearning.models import Answer, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.closing import is_finished
from activelearning.services.pull_writing import DELETED, DELETED_SINCE
from activelearning.services.pulling import pull, request_pull
from curation.models import Annotation, Frame, Job
from curation.services.job_kinds import run_here
from tests.activelearning.factories import LabelBatchFactory
from tests.activelearning.services.labelled_there import There, region

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def there(label_studio):
    return There(label_studio)


def states(there):
    return [task.state for task in there.tasks]


def labels(task):
    rows = Annotation.objects.filter(frame=task.frame_id).order_by("x1")
    return [(row.label, (row.x1, row.y1, row.x2, row.y2)) for row in rows]


def test_answers_skips_and_empty_answers_arrive_with_who_when_and_how_long(there):
    one, two, three = there.tasks
    number = there.answer(one, region())
    there.answer(two, was_cancelled=True)
    there.answer(three)
    told = there.pull()
    assert states(there) == ["labelled", "skipped", "labelled"]
    assert is_finished(there.batch)
    assert told["counts"]["answers_new"] == 3
    assert labels(one) == [("person", (64.0, 36.0, 192.0, 108.0))]
    answer = Answer.objects.get(task=one)
    assert (answer.number, answer.annotator, answer.lead_time_s) == (number, there.server.user, 5.0)
    assert answer.created_there is not None
    assert Annotation.objects.get().label_origin.region == answer.raw[0]["id"]
    assert [Frame.objects.get(pk=task.frame_id).annotated_at is not None for task in there.tasks] == [True, False, True]


def test_changes_and_deletions_follow(there):
    one, *_ = there.tasks
    number = there.answer(one, region())
    there.pull()
    there.change(number, region(50, label="jacket"))
    there.pull()
    assert labels(one) == [("jacket", (320.0, 36.0, 448.0, 108.0))]
    there.delete("annotations", number)
    told = there.pull()
    assert (told["counts"]["answers_deleted"], states(there), labels(one)) == (1, ["sent"] * 3, [])
    assert Answer.objects.get().deleted_at is not None


def test_a_task_that_an_annotator_deletes_is_gone_unless_it_was_labelled(there):
    one, two, three = there.tasks
    there.answer(two, region())
    there.pull()
    there.delete("tasks", one.number)
    there.delete("tasks", two.number)
    told = there.pull()
    assert (told["counts"]["gone"], states(there)) == (1, ["gone", "labelled", "sent"])
    assert [task.note for task in there.tasks] == [DELETED, DELETED_SINCE, ""]
    assert len(labels(two)) == 1
    there.answer(three)
    there.pull()
    assert is_finished(there.batch)


def test_nothing_new_is_told_without_reading_all(there, monkeypatch):
    there.answer(there.tasks[0], region())
    there.pull()
    monkeypatch.setattr("activelearning.services.pull_reading.read_whole", None)
    assert there.pull() == {"project": there.project.pk, "unchanged": True}


def test_two_annotators_are_compared_and_merged(label_studio):
    there = There(label_studio, 1, merge={"policy": "majority"})
    other = label_studio.annotator("bob@winnow.test")
    (task,) = there.tasks
    there.answer(task, region(), region(60))
    there.answer(task, region(), token=other)
    there.pull()
    (task,) = there.tasks
    assert task.agreement == pytest.approx(2 / 3)
    assert labels(task) == [("person", (64.0, 36.0, 192.0, 108.0))]
    assert {row.annotator for row in Answer.objects.all()} == {label_studio.user, "bob@winnow.test"}


def test_ground_truth_decides(there):
    one, *_ = there.tasks
    there.answer(one, region(60), ground_truth=True)
    there.answer(one, region())
    there.pull()
    assert labels(one) == [("person", (384.0, 36.0, 512.0, 108.0))]


def test_what_the_server_takes_although_it_is_wrong_is_named_and_stops_nothing(there):
    one, two, _ = there.tasks
    odd = {**region(), "value": {**region()["value"], "rotation": 30}}
    there.answer(one, region(label="unicorn"), odd, region(x=150), {"type": "rectanglelabels"})
    there.answer(two, region())
    told = there.pull()
    assert states(there) == ["labelled", "labelled", "sent"]
    assert len(labels(one)) == 1  # the rotated one
    assert len(told["problems"]) == 4


@pytest.mark.parametrize("refusal", ["not_found", "timeout"])
def test_a_server_that_gives_no_export_is_read_page_by_page(there, monkeypatch, refusal):
    def refuse(*_):
        raise LabelStudioError(refusal, "no export")

    monkeypatch.setattr(annotations, "_read_at_once", refuse)
    monkeypatch.setattr(annotations, "PAGE", 2)
    there.send(3)
    for task in there.tasks[:4]:
        there.answer(task, region(), region(50))
    there.delete("tasks", there.tasks[5].number)
    there.pull()
    assert states(there) == ["labelled"] * 4 + ["sent", "gone"]
    assert Annotation.objects.count() == 8


def test_tasks_that_somebody_else_made_there_are_counted_and_left_alone(there):
    there.server.sdk().projects.import_tasks(there.project.number, request=[{"data": {"image": "http://x.test/2.jpg"}}])
    assert there.pull()["counts"]["unknown_there"] == 1
    assert states(there) == ["sent"] * 3


def test_a_frame_that_was_sent_twice_has_the_answers_of_both(there):
    one = there.tasks[0]
    fields = {"data": {"image": "http://x.test/1.jpg", "winnow": str(one.key)}}
    told = there.server.sdk().projects.import_tasks(there.project.number, request=[fields], return_task_ids=True)
    LabelTask.objects.filter(pk=one.pk).update(number=None)
    one.number = told.task_ids[0]
    there.answer(one, region())
    there.pull()
    assert labels(one) == [("person", (64.0, 36.0, 192.0, 108.0))]
    assert LabelTask.objects.get(pk=one.pk).number is not None


def test_a_later_pull_stops_an_earlier_one_whose_reading_is_old(there, monkeypatch):
    monkeypatch.setattr("activelearning.services.pulling.BATCH", 1)
    last = there.tasks[-1]
    old = pull(request_pull(batch=there.batch, here=True, wait=False))
    next(old)
    assert next(old).doing == "taking answers in"  # of the first task; all is read
    there.answer(last, region())
    there.pull()
    assert ended(old) == {"project": there.project.pk, "overtaken": True}
    assert len(labels(last)) == 1


def ended(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_one_pull_that_waits_will_do(there):
    first = request_pull(batch=there.batch)
    assert request_pull(project=there.project) == first
    run_here(first)
    assert request_pull(batch=there.batch) != first
    with pytest.raises(BatchError, match="nothing can be pulled"):
        request_pull(batch=LabelBatchFactory())


def test_a_server_that_is_down_loses_nothing_says_so_and_is_asked_again(there):
    one, *_ = there.tasks
    there.answer(one, region())
    there.pull()
    up = there.connection.url
    there.connection.url = "http://localhost:9"
    there.connection.save()
    with pytest.raises(LabelStudioError, match="cannot be reached"):
        there.pull()
    assert (states(there), len(labels(one))) == (["labelled", "sent", "sent"], 1)
    job = request_pull(batch=there.batch)
    pauses = []
    for _ in range(6):  # over an hour's worth of tries in a row, the last ones five minutes apart
        progress = first_pause(pull(job))
        assert "Nothing is lost" in progress.doing
        job.checkpoint = progress.checkpoint
        pauses.append(progress.again_in_s)
    assert pauses == [15, 30, 60, 120, 240, 300]
    there.connection.url = up
    there.connection.save()
    there.answer(there.tasks[1], region())
    assert run_here(Job.objects.get(pk=job.pk)).state == "done"
    assert states(there) == ["labelled", "labelled", "sent"]


def first_pause(work):
    return next(step for step in work if step.again_in_s is not None)


def test_a_project_that_is_gone_says_so_and_nothing_is_taken_for_deleted(there):
    there.answer(there.tasks[0], region())
    there.pull()
    there.server.sdk().projects.delete(there.project.number)
    with pytest.raises(LabelStudioError) as caught:
        there.pull()
    assert caught.value.code == "not_found"
    assert states(there) == ["labelled", "sent", "sent"]
