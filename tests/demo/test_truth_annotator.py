"""Who stands in for annotators: what the renderer knows of a frame comes back as anybody's labels."""

import pytest

from activelearning.models import LabelBatch, LabelTask
from activelearning.services.batches import make_batch
from activelearning.services.known_truth import answer_by_truth
from activelearning.services.pulling import request_pull
from curation.models import Annotation, Frame, Job
from curation.services.filtering import frames_matching
from curation.services.job_kinds import run_here
from demo import pool_frames
from demo.frame_truth import truth_of_frame
from demo.label_studio_annotator import Annotated, answer_tasks
from demo.pool_frames import FOLDER, send_for_pool
from demo.render.people import Walk
from demo.taking_in import arrived
from demo.trial_frames import use_conditions
from demo.truth_annotator import NAME
from demo.world import Script, render_video
from tests.activelearning.studio import batch_for, connected, project_at, pushed
from tests.factories import FrameFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path


@pytest.fixture
def days(make_script, look, monkeypatch):
    """Stand in for the footage of ordinary days: nobody, then somebody who lies there, for two frames."""
    lies = Walk(look=look, start_s=20, corners=((0.0, 8.0), (0.01, 8.0)), stops=((1, 1.99),), lies=True)
    made = make_script(lies)
    script = Script(**{**vars(made), "fps": 1, "recorded_s": ((19, 22),), "duration_s": 22})

    def render(folder, *, world, seed, say):
        assert world == "pool"
        return [render_video(script, folder / "courtyard" / f"{script.name}.mp4", seed=seed)]

    monkeypatch.setattr(pool_frames, "render_all", render)
    return script


@pytest.fixture
def frames(days, tmp_path):
    use_conditions(do=run_here)
    assert len(arrived(send_for_pool(tmp_path / FOLDER, say=lambda _: None))) == 3
    return list(Frame.objects.order_by("pts_us"))


def test_frames_of_ordinary_days_come_without_labels_and_without_what_only_the_truth_knows(frames):
    assert [frame.annotated_at for frame in frames] == [None] * 3
    assert not Annotation.objects.exists()
    assert all(not frame.tags.keys() & {"fallen", "weather", "occluded", "glare"} for frame in frames)
    assert frames[0].tags["lighting"] == "normal"
    assert [frame.pts_us for frame in frames] == [0, 1_000_000, 2_000_000]
    assert frames[0].recorded_at is not None


def test_second_time_takes_nothing_in(frames, tmp_path):
    jobs = Job.objects.count()
    assert arrived(send_for_pool(tmp_path / FOLDER, say=lambda _: None)) == sorted(frame.pk for frame in frames)
    assert Job.objects.count() == jobs


def test_truth_answers_with_boxes_and_with_the_tags_that_were_asked_for(frames):
    batch = make_batch(
        name="days", frame_ids=[frame.pk for frame in frames], via=LabelBatch.Via.TRUTH, classes=["person"],
        factors=["fallen"], merge={"truth": NAME},
    )  # fmt: skip
    answer_by_truth(batch=batch)
    assert set(batch.tasks.values_list("state", flat=True)) == {LabelTask.State.LABELLED}
    assert [frame.annotations.count() for frame in frames] == [0, 1, 1]
    (said,) = Annotation.objects.filter(frame=frames[1])
    assert (said.label, said.source) == ("person", Annotation.Source.LABELLING)
    assert said.label_origin.answer.annotator == "truth: demo"
    assert said.x2 - said.x1 > said.y2 - said.y1
    assert set(frames_matching("fallen:true")) == set(frames[1:])
    assert list(frames_matching("fallen:false")) == frames[:1]


@pytest.mark.slow
def test_at_a_real_label_studio_a_stand_in_submits_the_truth_and_it_arrives_like_anybodys(label_studio, frames):
    project = project_at(connected(label_studio.url, label_studio.token), factors=["fallen"])
    batch = pushed(batch_for(project, [*frames, FrameFactory()]))
    assert answer_tasks(batch) == Annotated(answered=3, skipped=1)
    run_here(request_pull(batch=batch, here=True, wait=False))
    tasks = list(batch.tasks.order_by("frame__video", "frame__pts_us"))
    assert sorted(task.state for task in tasks) == ["labelled", "labelled", "labelled", "skipped"]
    assert [frame.annotations.filter(label="person").count() for frame in frames] == [0, 1, 1]
    drawn, known = frames[1].annotations.get(label="person"), truth_of_frame(frames[1], labels=["person"])
    assert (drawn.x1, drawn.y1, drawn.x2, drawn.y2) == pytest.approx(known.boxes[0][1], abs=0.01)
    assert drawn.label_origin.answer.annotator == label_studio.user
    assert set(frames_matching("fallen:true")) == set(frames[1:])


def test_footage_that_nobody_rendered_is_skipped(frames):
    other = FrameFactory()
    assert truth_of_frame(other, labels=["person"]) is None
    batch = make_batch(name="other", frame_ids=[other.pk], via=LabelBatch.Via.TRUTH, classes=["person"])
    answer_by_truth(batch=batch, name=NAME)
    assert batch.tasks.get().state == LabelTask.State.SKIPPED


def test_only_the_classes_that_were_asked_for_are_drawn(frames):
    both = truth_of_frame(frames[1], labels=["person", "jacket"])
    alone = truth_of_frame(frames[1], labels=["jacket"])
    assert {label for label, _ in both.boxes} == {"person", "jacket"}
    assert {label for label, _ in alone.boxes} == {"jacket"}
