"""Batches that a known truth answers."""

import pytest

from activelearning.models import Answer, LabelBatch, LabelTask
from activelearning.services.closing import is_finished
from activelearning.services.known_truth import TruthError, answer_by_truth
from curation.models import Annotation
from tests.activelearning.core.answers import answer, box
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory

pytestmark = pytest.mark.django_db
HERE = "tests.activelearning.services.test_known_truth"


def one_person(batch):
    for task in batch.tasks.order_by("pk"):
        yield task.pk, answer("whoever", box())


def half(batch):
    yield from list(one_person(batch))[::2]


@pytest.fixture(autouse=True)
def truths(settings):
    settings.WINNOW_TRUTHS = {"one": f"{HERE}.one_person", "half": f"{HERE}.half"}


def a_batch(count=4, **values):
    batch = LabelBatchFactory(via=LabelBatch.Via.TRUTH, **values)
    for _ in range(count):
        LabelTaskFactory(batch=batch)
    return batch


def test_it_answers_and_says_that_it_did():
    batch = a_batch(merge={"truth": "one"})
    assert answer_by_truth(batch=batch).counts["labelled"] == 4
    assert is_finished(batch)
    assert set(Answer.objects.values_list("annotator", flat=True)) == {"truth: one"}
    assert set(Annotation.objects.values_list("by", flat=True)) == {"truth: one"}
    assert (batch.state, LabelTask.objects.filter(sent_at=None).count()) == ("sent", 0)
    assert not answer_by_truth(batch=batch).is_changed()


def test_what_it_does_not_know_stays_open():
    batch = a_batch()
    answer_by_truth(batch=batch, name="half")
    assert batch.tasks.filter(state="sent").count() == 2
    assert not is_finished(batch)


def test_the_only_one_need_not_be_named(settings):
    with pytest.raises(TruthError, match="one, half"):
        answer_by_truth(batch=a_batch())
    settings.WINNOW_TRUTHS = {"one": f"{HERE}.one_person"}
    assert answer_by_truth(batch=a_batch()).counts["labelled"] == 4


@pytest.mark.parametrize(
    "values, code",
    [({"merge": {"truth": "two"}}, "unknown"), ({}, "unnamed"), ({"via": LabelBatch.Via.FILES}, "not_truth")],
)
def test_what_is_wrong_is_said(values, code):
    batch = LabelBatchFactory(**({"via": LabelBatch.Via.TRUTH} | values))
    with pytest.raises(TruthError) as caught:
        answer_by_truth(batch=batch)
    assert caught.value.code == code
