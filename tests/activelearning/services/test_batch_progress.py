"""How far a batch is."""

from datetime import UTC, datetime, timedelta

import pytest

from activelearning.models import Answer
from activelearning.services.answers import take_answers
from activelearning.services.batch_progress import counts_of, progress_of
from tests.activelearning.core.answers import answer, box
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory
from tests.evaluation.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


def test_an_empty_batch_and_one_of_which_nothing_is_known():
    found = progress_of(LabelBatchFactory())
    assert (found.tasks, found.share_done, found.labels_per_hour, found.cost_so_far) == (0, 1.0, None, None)
    batch = LabelTaskFactory().batch
    found = progress_of(batch)
    assert (found.waiting, found.share_done, found.left_s, found.lead_time_s, found.classes) == (1, 0.0, None, None, {})


def test_pace_cost_and_what_is_left():
    batch = LabelBatchFactory(cost_per_hour=30.0, currency="EUR")
    tasks = [LabelTaskFactory(batch=batch, state="sent") for _ in range(8)]
    LabelTaskFactory(batch=batch, state="dropped")
    # An answer a minute, a night in between; each took 30 s, one lay open over night.
    minutes = [0, 1, 2, 3 + 12 * 60, 4 + 12 * 60]
    leads = [30.0, 30.0, 30.0, 43_200.0, 30.0]
    given = {
        task.pk: [answer("ada", number=n, lead_time_s=lead, created_there=DAY + timedelta(minutes=at))]
        for n, (task, at, lead) in enumerate(zip(tasks, minutes, leads, strict=False))
    }
    given[tasks[5].pk] = [answer("bob", number=99, is_skip=True, created_there=DAY + timedelta(minutes=5 + 12 * 60))]
    take_answers(batch=batch, given=given)
    found = progress_of(batch)
    assert (found.tasks, found.labelled, found.skipped, found.sent, found.dropped) == (9, 5, 1, 2, 1)
    assert found.share_done == pytest.approx(6 / 8)
    assert (found.annotators, found.answers, found.lead_time_s) == (2, 6, 30.0)
    assert found.labels_per_hour == pytest.approx(60)
    assert found.left_s == pytest.approx(120)
    assert found.work_s == pytest.approx(4 * 30 + 3600)
    assert found.cost_so_far == pytest.approx(found.work_s / 3600 * 30)
    assert found.cost_expected == pytest.approx(found.cost_so_far + 2 * 30 / 3600 * 30)
    assert counts_of([batch])[batch.pk]["labelled"] == 5


def test_times_that_a_file_does_not_say_are_those_of_reading():
    batch = LabelBatchFactory()
    tasks = [LabelTaskFactory(batch=batch, state="sent") for _ in range(3)]
    take_answers(batch=batch, given={task.pk: [answer("one.xml")] for task in tasks})
    for n, row in enumerate(Answer.objects.order_by("id")):
        Answer.objects.filter(pk=row.pk).update(read_at=DAY + timedelta(seconds=10 * n))
    assert progress_of(batch).labels_per_hour == pytest.approx(360)


def test_what_became_of_the_pre_annotations_and_how_far_people_agree():
    batch, model = LabelBatchFactory(classes=[]), ModelVersionFactory()
    predicted = [{"label": "person", "score": 0.9, "box": [0, 0, 10, 10]}]
    tasks = [LabelTaskFactory(batch=batch, state="sent", predicted_by=model, predicted=predicted) for _ in range(2)]
    first, second = (task.pk for task in tasks)
    take_answers(
        batch=batch,
        given={
            first: [answer("ada", box(), number=1), answer("bob", box(), number=2)],
            second: [answer("ada", box(50), box(label="car"), number=3)],
        },
    )
    found = progress_of(batch)
    assert (found.agreement, found.compared) == (1.0, 2)
    assert found.changes == {"kept": 1, "moved": 0, "relabelled": 1, "added": 1, "removed": 0}
    person = found.classes["person"]
    assert (person.precision, person.recall, person.share_kept) == (0.5, 0.5, 0.5)


def test_its_size_costs_no_queries(django_assert_num_queries):
    batch = LabelBatchFactory()
    for _ in range(5):
        LabelTaskFactory(batch=batch)
    with django_assert_num_queries(4):
        progress_of(batch)
