"""Pushing to a real Label Studio: each frame becomes one task, with what a model found."""

import pytest

from activelearning.models import LabelBatch
from activelearning.services.batches import BatchError, drop_tasks
from activelearning.services.label_projects import ProjectMisfit
from activelearning.services.picture_links import frame_behind
from activelearning.services.pushing import request_push
from curation.core.errors import WinnowError
from curation.models import Job
from evaluation.services.predicting import NoPredictions
from tests.activelearning.studio import (
    batch_for,
    connected,
    frames_of,
    keys_here,
    keys_there,
    model_that_finds,
    project_at,
    pushed,
)
from tests.evaluation.factories import ModelVersionFactory
from tests.factories import OperatingConditionsFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(label_studio, db):
    return project_at(connected(label_studio.url, label_studio.token))


def test_each_frame_becomes_a_task_with_the_models_boxes(label_studio, project):
    frames = frames_of(3)
    model = model_that_finds(frames, boxes=[(10.0, 20.0, 60.0, 120.0), (-20.0, 0.0, 64.0, 36.0)])
    batch = pushed(batch_for(project, frames, model=model))
    there = label_studio.tasks(project.number)
    assert [task["data"]["frame_id"] for task in there] == [frame.pk for frame in frames]
    assert keys_there(label_studio, project) == keys_here(batch)
    assert batch.state == "sent"
    for ours, theirs in zip(batch.tasks.order_by("frame"), there, strict=True):
        assert (ours.number, ours.state, str(ours.key)) == (theirs["id"], "sent", theirs["data"]["winnow"])
        assert ours.predicted == [
            {"label": "person", "score": pytest.approx(0.9), "box": [10.0, 20.0, 60.0, 120.0]},
            {"label": "person", "score": pytest.approx(0.9), "box": [0.0, 0.0, 64.0, 36.0]},
        ]
        assert ours.predicted_by == model
        (prediction,) = theirs["predictions"]
        assert prediction["model_version"] == "people-v1"
        assert prediction["result"][1]["value"] == {
            "x": 0.0, "y": 0.0, "width": 10.0, "height": 10.0, "rotation": 0, "rectanglelabels": ["person"],
        }  # fmt: skip
        assert prediction["result"][1]["original_width"] == 640


def test_boxes_below_the_least_score_and_of_other_classes_are_not_sent(label_studio, project):
    frames = frames_of(1)
    model = model_that_finds(frames, score=0.29)
    batch = pushed(batch_for(project, frames, model=model, least_score=0.3))
    assert (batch.tasks.get().predicted, label_studio.tasks(project.number)[0]["predictions"]) == ([], [])


def test_tags_that_are_known_are_chosen_already(label_studio, db):
    OperatingConditionsFactory(text="name: usual\nfactors: {weather: , indoors: }", spec={"name": "usual", "factors": {
        "weather": {"values": ["clear", "rain"], "from": "people"}, "indoors": {"kind": "boolean", "from": "people"},
    }})  # fmt: skip
    project = project_at(connected(label_studio.url, label_studio.token), factors=["weather", "indoors"])
    pushed(batch_for(project, frames_of(1, tags={"weather": "rain", "indoors": False})))
    (task,) = label_studio.tasks(project.number)
    chosen = {region["from_name"]: region["value"]["choices"] for region in task["predictions"][0]["result"]}
    assert chosen == {"weather": ["rain"], "indoors": ["false"]}


def test_a_picture_is_reached_by_a_signed_link(label_studio, db):
    connection = connected(label_studio.url, label_studio.token, pictures_url="https://winnow.example.org/here/")
    project = project_at(connection)
    (frame,) = frames_of(1)
    pushed(batch_for(project, [frame]))
    address = label_studio.tasks(project.number)[0]["data"]["image"]
    assert address.startswith("https://winnow.example.org/here/api/v1/label-pictures/")
    assert frame_behind(address.rsplit("/", 1)[1])[0] == frame


def test_pushing_twice_leaves_one_task_a_frame(label_studio, project):
    batch = pushed(pushed(batch_for(project, frames_of(4))))
    assert keys_there(label_studio, project) == keys_here(batch)
    assert len(keys_here(batch)) == 4


def test_more_than_one_hundred_go_in_several_imports(label_studio, project):
    batch = pushed(batch_for(project, frames_of(230)))
    assert keys_there(label_studio, project) == keys_here(batch)
    assert batch.tasks.filter(state="sent", number__isnull=False).count() == 230


def test_dropped_frames_and_those_held_out_since_are_not_sent(label_studio, project):
    kept, dropped, held = frames_of(3)
    batch = batch_for(project, [kept, dropped, held])
    drop_tasks(batch=batch, frame_ids=[dropped.pk])
    held.held_out = True
    held.save()
    pushed(batch)
    assert [task["data"]["frame_id"] for task in label_studio.tasks(project.number)] == [kept.pk]
    assert batch.tasks.get(frame=held).state == "dropped"


def test_two_who_push_at_once_get_the_same_job(project):
    batch = batch_for(project, frames_of(1))
    job = request_push(batch=batch)
    assert request_push(batch=batch) == job
    assert LabelBatch.objects.get().state == "sending"
    with pytest.raises(BatchError, match=f"Job {job.pk} is sending") as error:
        request_push(batch=batch, here=True)
    assert error.value.code == "busy"
    assert Job.objects.filter(kind="push").count() == 1


def test_a_closed_batch_is_not_sent(project):
    batch = batch_for(project, frames_of(1))
    LabelBatch.objects.update(state="closed")
    with pytest.raises(BatchError, match="is closed"):
        request_push(batch=batch)


def test_a_configuration_that_was_changed_there_stops_the_push(label_studio, project):
    batch = batch_for(project, frames_of(1))
    fewer = project.config.replace('value="jacket"', 'value="coat"')
    label_studio.sdk().projects.update(project.number, label_config=fewer)
    with pytest.raises(ProjectMisfit, match="it has no label 'jacket'"):
        pushed(batch)
    assert keys_there(label_studio, project) == []
    label_studio.sdk().projects.update(project.number, label_config=project.config)
    assert pushed(batch).state == "sent"


def test_a_model_that_cannot_predict_says_how_to_help(project):
    batch = batch_for(project, frames_of(1), model=ModelVersionFactory(labels=["person"]), classes=["person"])
    with pytest.raises(NoPredictions, match="Import them"):
        pushed(batch)
    assert batch.tasks.get().state == "waiting"


def test_a_project_that_was_deleted_there_is_told(label_studio, project):
    label_studio.sdk().projects.delete(project.number)
    with pytest.raises(WinnowError, match="does not have it"):
        pushed(batch_for(project, frames_of(1)))
