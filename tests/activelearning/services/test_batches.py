"""Batches: what can be put into one, and what is refused."""

import threading

import pytest
from django.db import connection, transaction

from activelearning.models import LabelBatch, LabelTask
from activelearning.services.batches import (
    BatchError,
    NoSuchBatch,
    add_frames,
    drop_tasks,
    find_batch,
    make_batch,
)
from curation.core.errors import SpecError
from curation.services.holdout import HoldoutError
from tests.activelearning.factories import LabelProjectFactory, a_round
from tests.evaluation.factories import ModelVersionFactory, SuiteVersionFactory, TestRunFactory
from tests.factories import FrameFactory, OperatingConditionsFactory

FILES, STUDIO = LabelBatch.Via.FILES, LabelBatch.Via.LABEL_STUDIO


def frames(count, **values):
    return [FrameFactory(**values).pk for _ in range(count)]


def batch_of(frame_ids, **values):
    return make_batch(**{"name": "one", "frame_ids": frame_ids, "via": FILES, "classes": ["person"], **values})


@pytest.mark.django_db
def test_frames_wait_in_the_order_in_which_they_were_named_and_only_once():
    first, second, third = frames(3)
    batch = batch_of([third, first, third, second])
    assert [task.frame_id for task in batch.tasks.all()] == [third, first, second]
    assert {task.state for task in batch.tasks.all()} == {"waiting"}
    assert len({task.key for task in batch.tasks.all()}) == 3
    assert batch.state == "open"


@pytest.mark.django_db
def test_held_out_frames_are_refused_and_nothing_is_made():
    held = frames(1, held_out=True)
    with pytest.raises(HoldoutError, match="wanted for labelling are held out"):
        batch_of([*frames(2), *held])
    assert not LabelBatch.objects.exists()
    assert not LabelTask.objects.exists()


@pytest.mark.django_db
def test_frames_that_are_not_there_are_named():
    with pytest.raises(BatchError, match=r"There is no frame 999999\.") as error:
        batch_of([*frames(1), 999999])
    assert error.value.code == "not_found"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["waiting", "sent"])
def test_frames_that_are_being_labelled_elsewhere_are_listed_with_their_batch(state):
    taken, free = frames(2)
    other = batch_of([taken], name="earlier")
    other.tasks.update(state=state)
    with pytest.raises(BatchError, match=rf"batch {other.pk} \(earlier\): frame {taken}\.") as error:
        batch_of([taken, free])
    assert error.value.code == "asked_already"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["labelled", "skipped", "gone", "dropped"])
def test_frames_whose_task_has_ended_can_be_asked_for_again(state):
    (frame,) = frames(1)
    batch_of([frame]).tasks.update(state=state)
    assert batch_of([frame]).tasks.count() == 1


@pytest.mark.django_db
def test_a_batch_needs_frames():
    with pytest.raises(BatchError, match="no frames to label"):
        batch_of([])
    assert not LabelBatch.objects.exists()


@pytest.mark.django_db
def test_label_studio_needs_a_project_and_files_take_none():
    with pytest.raises(BatchError, match="needs a project there"):
        batch_of(frames(1), via=STUDIO)
    with pytest.raises(BatchError, match="goes to no project"):
        batch_of(frames(1), project=LabelProjectFactory())
    with pytest.raises(SpecError, match="must be one of label_studio, files, truth"):
        batch_of(frames(1), via="post")


@pytest.mark.django_db
def test_classes_default_to_the_projects():
    project = LabelProjectFactory(classes=["person", "jacket"], factors={"weather": ["clear", "rain"]})
    batch = batch_of(frames(1), via=STUDIO, project=project, classes=())
    assert (batch.classes, batch.factors) == (["person", "jacket"], ["weather"])
    assert batch.tasks.get().project == project


@pytest.mark.django_db
def test_a_project_that_lacks_a_class_or_factor_is_refused():
    project = LabelProjectFactory(classes=["person"])
    with pytest.raises(SpecError, match="does not offer jacket; it offers person"):
        batch_of(frames(1), via=STUDIO, project=project, classes=["person", "jacket"])
    with pytest.raises(SpecError, match="does not ask for weather; it asks for none"):
        batch_of(frames(1), via=STUDIO, project=project, factors=["weather"])


@pytest.mark.django_db
def test_classes_default_to_all_that_the_model_knows_by_the_datasets_names():
    model = ModelVersionFactory(labels=["pedestrian", "bus", "car"], label_map={"pedestrian": "person", "bus": None})
    assert batch_of(frames(1), classes=(), model=model).classes == ["person", "car"]


@pytest.mark.django_db
def test_classes_of_a_rounds_scenarios_come_along():
    scenarios = [{"name": "night", "labels": ["person", "jacket"]}, {"name": "day", "labels": ["car"]}]
    suite = SuiteVersionFactory(spec={"scenarios": scenarios})
    run = TestRunFactory(suite=suite, model=ModelVersionFactory(labels=["person"]))
    assert batch_of(frames(1), classes=(), round=a_round(run, scenarios=["night"])).classes == ["person", "jacket"]


@pytest.mark.django_db
def test_what_is_labelled_must_be_known():
    with pytest.raises(SpecError, match="not known what is to be labelled"):
        batch_of(frames(1), classes=(), model=ModelVersionFactory(labels=[]))


@pytest.mark.django_db
def test_only_factors_with_a_list_of_values_can_be_asked_for():
    factors = {
        "weather": {"values": ["clear", "rain"], "from": "people"},
        "crowd": {"kind": "numeric", "bins": [1, 3], "from": "people"},
        "indoors": {"kind": "boolean", "from": "people"},
    }
    OperatingConditionsFactory(text="name: usual\nfactors: {weather: , crowd: , indoors: }", spec={
        "name": "usual", "factors": factors,
    })  # fmt: skip
    assert batch_of(frames(1), factors=["weather", "indoors"]).factors == ["weather", "indoors"]
    with pytest.raises(SpecError, match="'crowd' is a number or has no list of values"):
        batch_of(frames(1), factors=["crowd"])
    with pytest.raises(SpecError, match="'mood' is no factor"):
        batch_of(frames(1), factors=["mood"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"least_score": 1.5}, {"least_score": float("nan")}, {"cost_per_hour": -1.0}, {"merge": {"policy": "loudest"}},
     {"name": "  "}, {"name": "x" * 121}, {"currency": "a lot of it"}, {"classes": [" person"]}],
)  # fmt: skip
def test_what_is_not_valid_is_refused(wrong):
    with pytest.raises(SpecError):
        batch_of(frames(1), **wrong)
    assert not LabelBatch.objects.exists()


@pytest.mark.django_db
def test_dropped_frames_are_free_for_another_batch_and_can_come_back():
    first, second = frames(2)
    batch = batch_of([first, second])
    assert drop_tasks(batch=batch, frame_ids=[first], note="blurred") == 1
    dropped = batch.tasks.get(frame=first)
    assert (dropped.state, dropped.note) == ("dropped", "blurred")
    assert add_frames(batch=batch, frame_ids=[first, second, *frames(1)]) == 2
    assert batch.tasks.filter(state="waiting").count() == 3


@pytest.mark.django_db
def test_what_was_sent_cannot_be_dropped_here():
    sent, waiting = frames(2)
    batch = batch_of([sent, waiting])
    batch.tasks.filter(frame=sent).update(state="sent")
    with pytest.raises(BatchError, match=f"were sent already: frame {sent}") as error:
        drop_tasks(batch=batch, frame_ids=[sent, waiting])
    assert error.value.code == "sent"
    assert batch.tasks.get(frame=waiting).state == "waiting"
    with pytest.raises(BatchError, match="These are not in"):
        drop_tasks(batch=batch, frame_ids=[999999])


@pytest.mark.django_db
def test_a_batch_that_is_on_its_way_takes_no_more():
    batch = batch_of(frames(1))
    LabelBatch.objects.update(state=LabelBatch.State.SENT)
    with pytest.raises(BatchError, match="Make another batch"):
        add_frames(batch=batch, frame_ids=frames(1))


@pytest.mark.django_db
def test_a_batch_is_found_by_its_number():
    batch = batch_of(frames(1))
    assert find_batch(str(batch.pk)) == batch
    for wrong in ("999999", "one", "-1", "9" * 30):
        with pytest.raises(NoSuchBatch, match="There is no batch"):
            find_batch(wrong)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_for_the_same_frame_one_is_refused():
    (frame,) = frames(1)
    heard = []

    def ask():
        try:
            batch_of([frame], name="second")
        except BatchError as error:
            heard.append(error.code)
        finally:
            connection.close()

    with transaction.atomic():
        batch_of([frame], name="first")
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "the second should wait for the first"
    thread.join(10)
    assert heard == ["asked_already"]
    assert list(LabelBatch.objects.values_list("name", flat=True)) == ["first"]
