"""What drifts between a real Label Studio and here, and that each mend mends it."""

import dataclasses
from datetime import timedelta

import pytest
from django.core.signing import TimestampSigner
from django.utils import timezone

from activelearning.backends.labelstudio import projects
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services import drift, label_projects
from activelearning.services.batch_errors import BatchError
from activelearning.services.drift import drift_of
from activelearning.services.drift_mending import MENDS, mend
from activelearning.services.label_projects import ProjectMisfit, adopt_project
from activelearning.services.picture_links import SALT, picture_address
from curation.core.errors import SpecError
from curation.models import Annotation
from curation.services.datasets import create_version
from curation.services.job_kinds import run_here
from evaluation.models import TestRun
from tests.activelearning.factories import LabelBatchFactory, LabelProjectFactory
from tests.activelearning.services.labelled_there import There, region
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.world import seen

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OTHER = """<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="box" toName="image"><Label value="person"/><Label value="bicycle"/></RectangleLabels>
</View>"""


@pytest.fixture
def there(label_studio):
    there = There(label_studio)
    adopt_project(connection=there.connection, number=there.project.number)
    there.project.refresh_from_db()
    there.batch.project = there.project
    return there


def test_where_nothing_drifted_the_report_is_clean(there):
    found = drift_of(there.batch)
    assert found.is_clean, found
    assert found.to_dict()["is_clean"]


def test_deleted_tasks_are_sent_again_as_new_ones(there):
    one, two, _ = there.tasks
    there.answer(two, region())
    there.pull()
    for task in (one, two):
        there.delete("tasks", task.number)
    found = drift_of(there.batch)
    assert (found.deleted, found.deleted_labelled, found.is_clean) == ((one.pk,), (two.pk,), False)
    done = mend(batch=there.batch, what="deleted")
    assert done.count == 1
    run_here(done.job)
    again = LabelTask.objects.get(pk=one.pk)
    assert (again.state, again.key != one.key, again.number not in (None, one.number)) == ("sent", True, True)
    assert drift_of(there.batch).deleted == ()
    there.answer(again, region())
    there.pull()
    assert [task.state for task in there.tasks] == ["labelled", "labelled", "sent"]


def test_a_changed_config_is_told_and_put_back_or_taken_over(there):
    change = there.server.sdk().projects.update
    change(there.project.number, label_config=OTHER)
    found = drift_of(there.batch).config
    assert (found.is_changed, found.classes_missing, found.classes_new) == (True, ("jacket",), ("bicycle",))
    one = there.tasks[0]
    there.answer(one, region(label="bicycle"))
    assert "label 'bicycle', which was not asked for" in there.pull()["problems"]
    assert Annotation.objects.count() == 0
    done = mend(batch=there.batch, what="config-adopt")
    assert drift_of(there.batch).config.is_changed is False
    assert run_here(done.job).result["counts"]["answers_changed"] == 1
    assert Annotation.objects.get().label == "bicycle"
    there.delete("tasks", one.number)
    LabelProject.objects.update(config=there.project.config, classes=there.project.classes)
    mend(batch=there.batch, what="config-restore")
    assert drift_of(there.batch).config.is_changed is False


def test_skipped_frames_are_put_back_or_taken_out(there):
    one, two, _ = there.tasks
    there.answer(one, was_cancelled=True)
    there.answer(two, was_cancelled=True)
    there.pull()
    assert drift_of(there.batch).skipped == (one.pk, two.pk)
    assert mend(batch=there.batch, what="skipped-back").count == 2
    assert [task.state for task in there.tasks] == ["sent"] * 3
    there.pull()
    assert [task.state for task in there.tasks] == ["sent"] * 3
    there.answer(one, was_cancelled=True)
    there.pull()
    assert mend(batch=there.batch, what="skipped-drop").count == 1
    there.pull()
    assert [task.state for task in there.tasks] == ["dropped", "sent", "sent"]


def test_frames_that_nobody_labels_are_named_and_taken_out(there):
    one = there.tasks[0]
    LabelTask.objects.filter(pk=one.pk).update(sent_at=timezone.now() - timedelta(days=15))
    assert drift_of(there.batch).never_labelled == (one.pk,)
    assert drift_of(there.batch, days=30).never_labelled == ()
    mend(batch=there.batch, what="never-drop")
    assert [task.state for task in there.tasks] == ["dropped", "sent", "sent"]
    assert len(there.server.tasks(there.project.number)) == 2


def test_links_that_end_soon_are_renewed(there, monkeypatch):
    one, two, _ = there.tasks
    now = timezone.now().timestamp()
    for task, days in ((one, 28), (two, 20)):
        monkeypatch.setattr("django.core.signing.time.time", lambda days=days: now - days * 86_400)
        address = picture_address(task, there.connection)
        monkeypatch.undo()
        body = {"data": {"image": address, "winnow": str(task.key)}}
        there.server.ask("PATCH", f"/api/tasks/{task.number}/", json=body)
    assert drift_of(there.batch).links == (one.pk,)
    mend(batch=there.batch, what="links")
    assert drift_of(there.batch).links == ()
    (task,) = [task for task in there.server.tasks(there.project.number) if task["id"] == one.number]
    token = task["data"]["image"].rpartition("/")[2]
    assert TimestampSigner(salt=SALT).unsign(token.removesuffix(".jpg"), max_age=600)
    assert task["data"]["winnow"] == str(one.key)


def test_a_project_that_was_deleted_is_made_again_and_gets_what_is_open_once(there):
    one, two, three = there.tasks
    there.answer(one, region())
    there.answer(two, was_cancelled=True)
    there.pull()
    before, keys = there.project.number, {task.key for task in there.tasks}
    with pytest.raises(ProjectMisfit, match="no other was made"):
        mend(batch=there.batch, what="project")
    there.server.sdk().projects.delete(before)
    done = mend(batch=there.batch, what="project")
    assert (done.count, done.left) == (1, 0)
    with pytest.raises(ProjectMisfit, match="no other was made"):  # of two clicks
        mend(batch=there.batch, what="project")
    there.project.refresh_from_db()
    assert there.project.number != before
    run_here(done.job)
    (task,) = there.server.tasks(there.project.number)
    again = LabelTask.objects.get(pk=three.pk)
    assert (task["id"], task["data"]["winnow"]) == (again.number, str(again.key))
    assert again.key not in keys
    assert [task.state for task in there.tasks] == ["labelled", "skipped", "sent"]
    assert Annotation.objects.get().frame_id == one.frame_id
    found = drift_of(there.batch)
    assert (found.is_project_gone, found.deleted, found.config.is_changed) == (False, (), False)

    # It is a project as any other: answers come, and what was skipped in the old one is asked for again.
    there.answer(again, region())
    there.pull()
    assert [task.state for task in there.tasks] == ["labelled", "skipped", "labelled"]
    mend(batch=there.batch, what="skipped-back")
    there.pull()
    run_here(mend(batch=there.batch, what="deleted").job)
    assert [task.state for task in there.tasks] == ["labelled", "sent", "labelled"]
    assert len(there.server.tasks(there.project.number)) == 2


def test_other_batches_of_a_project_that_was_made_again_follow(there):
    first, other = there.batch, LabelBatchFactory(
        via="label_studio", project=there.project, classes=["person"], state="sent"
    )  # fmt: skip
    there.batch = other
    there.send(2)
    there.server.sdk().projects.delete(there.project.number)
    run_here(mend(batch=first, what="project").job)
    run_here(mend(batch=other, what="deleted").job)
    there.project.refresh_from_db()
    keys = {task["data"]["winnow"] for task in there.server.tasks(there.project.number)}
    rows = LabelTask.objects.filter(project=there.project, state="sent")
    assert (len(keys), keys) == (5, {str(task.key) for task in rows})


def test_numbers_of_a_server_that_was_set_up_anew_are_not_taken_for_old_ones(there, monkeypatch):
    number = there.project.number
    there.server.sdk().projects.delete(number)
    LabelProjectFactory(connection=there.connection, number=number + 1)
    made = []

    def create(server, **asked):
        made.append(projects.create_project(server, **asked))
        return dataclasses.replace(made[0], number=number + 1)

    monkeypatch.setattr(label_projects, "create_project", create)
    monkeypatch.setattr(label_projects, "delete_project", lambda server, _: made.append("deleted"))
    with pytest.raises(ProjectMisfit, match="set up anew"):
        mend(batch=there.batch, what="project")
    assert made[1] == "deleted"
    assert LabelProject.objects.get(pk=there.project.pk).number == number


def test_tasks_of_others_are_told_and_a_project_that_is_gone(there):
    there.server.sdk().projects.import_tasks(there.project.number, request=[{"data": {"image": "http://x.test/2.jpg"}}])
    assert len(drift_of(there.batch).unknown_there) == 1
    there.server.sdk().projects.delete(there.project.number)
    found = drift_of(there.batch)
    assert (found.is_project_gone, found.is_clean, len(found.deleted)) == (True, False, 3)


def test_pre_annotations_of_an_older_model_are_told(there, monkeypatch):
    old, new = ModelVersionFactory(name="v1"), ModelVersionFactory(name="v2")
    there.batch.model = old
    there.batch.save()
    assert drift_of(there.batch).stale is None
    monkeypatch.setattr(drift, "newest_tested", lambda batch: new)
    stale = drift_of(there.batch).stale
    assert (stale.model, stale.newer, len(stale.tasks)) == ("v1", "v2", 3)
    assert TestRun.objects.count() == 0


def test_what_cannot_be_mended_is_said(label_studio):
    with pytest.raises(SpecError, match="skipped-back"):
        mend(batch=LabelBatchFactory(), what="everything")
    for what in MENDS:
        with pytest.raises(BatchError, match="nothing can drift"):
            mend(batch=LabelBatchFactory(), what=what)


def test_pre_annotations_of_open_tasks_are_replaced_by_those_of_the_newest_model(there, monkeypatch):
    one, two, three = there.tasks
    version = create_version(dataset="out", frame_ids=[task.frame_id for task in there.tasks])
    old, new = seen(version, "v1", score=0.6), seen(version, "v2", finds=lambda frame: frame.pk != three.frame_id)
    body = {"task": one.number, "model_version": "v1", "score": 0.6, "result": [region()]}
    there.server.ask("POST", "/api/predictions/", json=body)
    LabelTask.objects.update(predicted_by=old)
    there.batch.model = old
    there.batch.save()
    there.answer(two, region())
    there.pull()
    for where in ("drift", "drift_mending"):
        monkeypatch.setattr(f"activelearning.services.{where}.newest_tested", lambda batch: new)
    assert mend(batch=there.batch, what="predictions").count == 2
    found = {task["id"]: task["predictions"] for task in there.server.tasks(there.project.number)}
    assert [len(found[task.number]) for task in (one, two, three)] == [1, 0, 0]
    assert found[one.number][0]["model_version"] == "v2"
    one, two, three = there.tasks
    assert [task.predicted_by_id for task in there.tasks] == [new.pk, old.pk, new.pk]
    assert (len(one.predicted), three.predicted) == (1, [])
    assert drift_of(LabelBatch.objects.get(pk=there.batch.pk)).stale is None
