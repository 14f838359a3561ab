"""Answers taken in: what becomes of tasks, and of the labels and tags of their frames."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from activelearning.core.given_answer import GivenAnswer, GivenBox
from activelearning.models import Answer, LabelBatch, LabelOrigin, LabelTask
from activelearning.services.answers import HELD, TAKEN_OUT, merge_again, take_answers
from activelearning.services.closing import close_batch, is_finished
from activelearning.services.merging_rows import IMPORTED, NEWER
from curation.core.errors import SpecError
from curation.models import Annotation, Frame, TagEdit
from curation.services.tag_edits import edit_tags
from tests.activelearning.core.answers import answer, box
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory
from tests.evaluation.factories import ModelVersionFactory
from tests.factories import AnnotationFactory, FrameFactory

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 5, 1, tzinfo=UTC)


def a_task(batch=None, **values):
    return LabelTaskFactory(batch=batch or LabelBatchFactory(), **({"state": "sent", "number": None} | values))


def take(task, *answers, **how):
    return take_answers(batch=task.batch, given={task.pk: list(answers)}, **how)


def labels(task):
    rows = Annotation.objects.filter(frame=task.frame).order_by("x1")
    return [(row.label, (row.x1, row.y1, row.x2, row.y2)) for row in rows]


def fresh(task):
    task = LabelTask.objects.select_related("frame").get(pk=task.pk)
    return task


def state_of_everything():
    kinds = (Answer, LabelTask, LabelOrigin, Annotation, TagEdit, Frame)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


def ada(*boxes, number=1, **values):
    return answer("ada", *boxes, number=number, **values)


def test_an_answer_labels_its_frame_and_says_where_each_label_came_from():
    task = a_task()
    taken = take(task, ada(box(region="r1"), box(50, region="r2"), lead_time_s=12.5, created_there=DAY))
    assert (taken.counts["labelled"], taken.counts["answers_new"], taken.counts["labels_new"]) == (1, 1, 2)
    task = fresh(task)
    assert (task.state, task.frame.annotated_at) == ("labelled", task.labelled_at)
    assert labels(task) == [("person", (0, 0, 10, 10)), ("person", (50, 0, 60, 10))]
    label = Annotation.objects.order_by("x1").first()
    assert (label.source, label.by, label.label_origin.region) == ("labelling", "ada", "r1")
    origin = label.label_origin.answer
    assert (origin.task, origin.annotator, origin.number, origin.lead_time_s) == (task, "ada", 1, 12.5)
    assert is_finished(task.batch)


def test_the_same_answers_again_change_nothing_not_even_a_time():
    let_people_speak_of_weather()
    task, other = a_task(), a_task()
    given = [ada(box(), box(20), tags={"weather": "rain"}, raw=({"id": "r"},)), answer("bob", box(1), number=2)]
    take(task, *given)
    take(other, answer("eve", is_skip=True, number=3))
    before = state_of_everything()
    taken = take(task, *given)
    assert not taken.is_changed()
    assert taken.counts["unchanged"] == 1
    take(other, answer("eve", is_skip=True, number=3))
    assert state_of_everything() == before


def let_people_speak_of_weather():
    """Let people speak of the weather."""
    FrameFactory(tags={"weather": "rain"})


def test_an_empty_answer_is_a_true_negative():
    task = a_task()
    take(task, ada())
    task = fresh(task)
    assert (task.state, task.frame.annotated_at is not None, labels(task)) == ("labelled", True, [])


def test_a_skip_labels_nothing():
    task = a_task()
    assert take(task, ada(box(), is_skip=True)).counts["skipped"] == 1
    task = fresh(task)
    assert (task.state, task.frame.annotated_at, labels(task)) == ("skipped", None, [])
    take(task, ada(is_skip=True), answer("bob", box(), number=2))
    assert (fresh(task).state, len(labels(task))) == ("labelled", 1)


def test_updates_follow_and_labels_that_stay_keep_their_rows():
    task = a_task()
    take(task, ada(box(), box(50)))
    kept = Annotation.objects.get(x1=0).pk
    taken = take(task, ada(box(), box(90, label="person")))
    assert (taken.counts["answers_changed"], taken.counts["labels_new"], taken.counts["labels_removed"]) == (1, 1, 1)
    assert labels(task) == [("person", (0, 0, 10, 10)), ("person", (90, 0, 100, 10))]
    assert Annotation.objects.get(x1=0).pk == kept


def test_a_deleted_answer_is_marked_and_its_frame_is_unlabelled_again():
    task = a_task()
    take(task, ada(box()))
    taken = take(task)
    assert (taken.counts["answers_deleted"], taken.counts["reopened"], taken.counts["labels_removed"]) == (1, 1, 1)
    task = fresh(task)
    assert (task.state, task.labelled_at, task.frame.annotated_at, labels(task)) == ("sent", None, None, [])
    assert Answer.objects.get().deleted_at is not None
    take(task, ada(box()))
    assert (fresh(task).state, Answer.objects.get().deleted_at) == ("labelled", None)


def test_of_two_annotators_one_may_take_their_word_back():
    task = a_task()
    take(task, ada(box()), answer("bob", box(50), number=2))
    assert labels(task) == [("person", (50, 0, 60, 10))]
    take(task, ada(box()))
    assert (labels(task), fresh(task).state) == ([("person", (0, 0, 10, 10))], "labelled")


def test_newest_is_by_time_there():
    task = a_task()
    take(task, ada(box(), updated_there=DAY + timedelta(1)), answer("bob", box(50), number=2, updated_there=DAY))
    assert labels(task) == [("person", (0, 0, 10, 10))]


def test_several_annotators_are_merged_by_the_batchs_policy_and_compared():
    task = a_task(LabelBatchFactory(merge={"policy": "majority"}))
    take(task, ada(box()), answer("bob", box(), box(50), number=2))
    assert labels(task) == [("person", (0, 0, 10, 10))]
    assert fresh(task).agreement == pytest.approx(2 / 3)
    assert Annotation.objects.get().by == "ada, bob"
    assert merge_again(batch=task.batch, merge={"policy": "union", "iou": 0.6}).counts["labels_new"] == 1
    assert (len(labels(task)), LabelBatch.objects.get().merge["policy"]) == (2, "union")
    assert not merge_again(batch=task.batch).counts["labels_new"]
    with pytest.raises(SpecError, match="no parameter"):
        merge_again(batch=task.batch, merge={"policy": "newest", "iou": 0.6})


def test_a_policy_that_is_none_is_refused_before_anything_is_written():
    task = a_task(LabelBatchFactory(merge={"policy": "best"}))
    with pytest.raises(SpecError, match="newest"):
        take(task, ada(box()))
    assert not Answer.objects.exists()


def test_labels_of_imports_are_never_touched():
    task = a_task()
    task.frame.annotated_at = DAY
    task.frame.save()
    AnnotationFactory(frame=task.frame, x1=0, y1=0, x2=10, y2=10)
    taken = take(task, ada(box(), box(50)))
    assert taken.notes[IMPORTED] == 1
    assert len(labels(task)) == 2  # what the import said already is not said twice
    take(task)
    task = fresh(task)
    assert (labels(task), task.frame.annotated_at) == ([("person", (0, 0, 10, 10))], DAY)


def test_an_import_that_saw_nothing_stays_true_when_answers_go():
    task = a_task()
    Frame.objects.update(annotated_at=DAY)
    take(task, ada(box()))
    take(task)
    assert fresh(task).frame.annotated_at == DAY


def test_of_two_batches_the_newer_speaks_and_the_older_is_there_when_it_goes():
    old = a_task()
    take(old, ada(box()))
    new = a_task(frame=old.frame)
    take(new, answer("bob", box(50), number=2))
    assert labels(old) == [("person", (50, 0, 60, 10))]
    assert take(old, ada(box(), box(70))).notes[NEWER] == 1
    assert labels(old) == [("person", (50, 0, 60, 10))]
    take(new)
    assert len(labels(old)) == 2
    assert fresh(old).frame.annotated_at is not None
    take(old)
    assert (labels(old), fresh(old).frame.annotated_at) == ([], None)


def test_when_the_older_batch_goes_the_frame_stays_labelled():
    old = a_task()
    take(old, ada(box()))
    new = a_task(frame=old.frame)
    take(new, answer("bob", box(50), number=2))
    # Both are open again only one at a time: the frame is in one open task at most.
    take(old)
    new = fresh(new)
    assert (new.frame.annotated_at, len(labels(new))) == (new.labelled_at, 1)
    take(new)
    assert (fresh(new).frame.annotated_at, fresh(new).state) == (None, "dropped")


def test_answers_deleted_after_the_batch_was_closed_do_not_open_it():
    task = a_task()
    take(task, ada(box()))
    close_batch(batch=task.batch)
    take(task)
    task = fresh(task)
    assert (task.state, "closed" in task.note, task.frame.annotated_at) == ("dropped", True, None)


def test_closing_frees_what_nobody_labelled_and_later_answers_still_count():
    done = a_task()
    left = a_task(done.batch)
    take(done, ada(box()))
    assert not is_finished(done.batch)
    first = close_batch(batch=done.batch)
    assert close_batch(batch=done.batch).closed_at == first.closed_at
    assert (fresh(left).state, is_finished(done.batch)) == ("dropped", True)
    take(done, ada(box(), box(50)))
    assert len(labels(done)) == 2
    assert take(left, ada(box())).notes[TAKEN_OUT] == 1
    assert (fresh(left).state, labels(left), Answer.objects.filter(task=left).count()) == ("dropped", [], 1)


def test_a_frame_that_is_held_out_since_keeps_its_labels_and_it_is_said():
    task = a_task()
    Frame.objects.update(held_out=True)
    assert take(task, ada(box())).notes[HELD] == 1
    assert len(labels(task)) == 1


def test_what_was_not_asked_for_or_cannot_be_is_left_out_named_and_kept():
    task = a_task()
    nan = float("nan")
    taken = take(
        task,
        GivenAnswer("ada", (GivenBox("unicorn", (0, 0, 5, 5)), GivenBox("person", (0, 0, nan, 1)), box()), 1),
    )
    assert labels(task) == [("person", (0, 0, 10, 10))]
    assert taken.problems["label 'unicorn', which was not asked for"] == 1
    assert taken.problems.total() == 2
    stored = Answer.objects.get()
    assert (len(stored.problems), len(stored.raw)) == (2, 2)


def test_tasks_of_other_batches_are_counted_and_left_alone():
    task, other = a_task(), a_task()
    taken = take_answers(batch=task.batch, given={other.pk: [ada(box())], 99999: []})
    assert (taken.counts["tasks"], taken.counts["foreign"], Answer.objects.count()) == (0, 2, 0)


def test_without_is_whole_answers_are_added():
    task = a_task()
    take(task, answer("one.xml", box()), is_whole=False)
    take(task, answer("two.xml", box(50)), is_whole=False)
    assert Answer.objects.filter(deleted_at=None).count() == 2
    take(task, answer("two.xml"), is_whole=False)
    assert (Answer.objects.count(), labels(task)) == (2, [])


def test_what_was_changed_of_the_pre_annotation_is_told():
    model = ModelVersionFactory()
    task = a_task(predicted_by=model, predicted=[{"label": "person", "score": 0.9, "box": [0, 0, 10, 10]}])
    bare = a_task()
    for one in (task, bare):
        take(one, ada(box(), box(50)))
    told = fresh(task).changes
    assert (told["kept"], told["added"], told["classes"]["person"]) == (1, 1, {"kept": 1, "added": 1})
    assert fresh(bare).changes == {}


class TestTags:
    @pytest.fixture(autouse=True)
    def weather(self):
        let_people_speak_of_weather()

    def test_tags_are_peoples_word_and_the_note_says_whose(self):
        task = a_task()
        assert take(task, ada(tags={"weather": "fog"})).counts["tags"] == 1
        frame = fresh(task).frame
        assert (frame.tags["weather"], frame.evidence["weather"]["source"]) == ("fog", "human")
        assert "ada" in TagEdit.objects.get().note

    def test_they_follow_updates_and_are_taken_back(self):
        task = a_task()
        take(task, ada(tags={"weather": "fog"}))
        take(task, ada(tags={"weather": "snow"}))
        assert fresh(task).frame.tags["weather"] == "snow"
        take(task, ada())
        assert "weather" not in fresh(task).frame.tags

    def test_a_person_who_said_otherwise_since_has_the_last_word(self):
        task = a_task()
        take(task, ada(tags={"weather": "fog"}))
        edit_tags(frames=[task.frame_id], changes={"weather": "rain"}, user=None)
        take(task, ada(box(), tags={"weather": "fog"}))
        assert fresh(task).frame.tags["weather"] == "rain"
        take(task, ada(box()))
        assert fresh(task).frame.tags["weather"] == "rain"
        take(task, ada(tags={"weather": "snow"}))
        assert fresh(task).frame.tags["weather"] == "snow"

    def test_choices_become_what_their_factor_holds_and_what_cannot_be_is_said(self):
        task = a_task()
        taken = take(task, ada(tags={"has_people": "Yes", "people": "2", "moon": "full"}))
        tags = fresh(task).frame.tags
        assert (tags["has_people"], tags["people"]) == (True, 2)
        assert "moon" not in tags
        assert any("moon" in why for why in taken.problems)


def test_many_tasks_take_few_queries(django_assert_max_num_queries):
    batch = LabelBatchFactory()
    tasks = [a_task(batch) for _ in range(60)]
    given = {task.pk: [ada(box(), box(50), number=n)] for n, task in enumerate(tasks)}
    with django_assert_max_num_queries(30):
        take_answers(batch=batch, given=given)
    with django_assert_max_num_queries(10):
        take_answers(batch=batch, given=given)
    assert timezone.now() - fresh(tasks[0]).labelled_at < timedelta(minutes=10)
