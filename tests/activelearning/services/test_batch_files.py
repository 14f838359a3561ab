"""A batch out by files and its labels back in: the round trip, and what does not fit."""

import json
import zipfile

import numpy as np
import pytest

from activelearning.core.answer_rows import boxes_of
from activelearning.models import Answer, LabelBatch, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.batch_export import export_batch
from activelearning.services.batch_import import DOUBLED, OTHER_SIZE, import_answers
from activelearning.services.closing import is_finished
from activelearning.services.file_names import Finder
from curation.backends import storage
from curation.core.errors import SpecError
from curation.models import Annotation, Frame
from curation.services.datasets import create_version
from curation.services.holding import HoldoutError
from curation.services.import_pictures import jpeg
from evaluation.services.predicting import NoPredictions
from tests.activelearning.factories import LabelBatchFactory, LabelTaskFactory
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.world import BOX, seen
from tests.factories import FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db
PREDICTED = [{"label": "person", "score": 0.8, "box": [10.0, 20.0, 60.0, 120.0]}]


@pytest.fixture
def batch(media):
    """Three frames of two videos; the first is pre-annotated. Two cameras took frames at the same moment."""
    batch, model = LabelBatchFactory(classes=["person", "car"]), ModelVersionFactory()
    videos = [VideoFactory(), VideoFactory()]
    for video, pts_us in ((videos[0], 0), (videos[0], 1_000_000), (videos[1], 0)):
        frame = FrameFactory(video=video, pts_us=pts_us)
        storage.put_bytes(frame.image, jpeg(np.full((360, 640, 3), 90, np.uint8), quality=80))
        first = not batch.tasks.exists()
        LabelTaskFactory(
            batch=batch, frame=frame, predicted=PREDICTED if first else [], predicted_by=model if first else None
        )
    return batch


def archive_of(batch, path, format):
    made = export_batch(batch=batch, path=path, format=format)
    assert (made.pictures, made.boxes) == (3, 1)
    return path


@pytest.mark.parametrize("format", ["cvat", "coco", "voc", "yolo", "label_studio"])
def test_what_goes_out_comes_back(batch, tmp_path, format):
    path = archive_of(batch, tmp_path / "out" / f"{format}.zip", format)
    with zipfile.ZipFile(path) as opened:
        said = json.loads(opened.read("manifest.json"))
        assert len([name for name in opened.namelist() if name.endswith(".jpg")]) == 3
    assert (said["batch"], said["classes"], said["pictures"]) == (batch.name, ["person", "car"], 3)
    assert set(batch.tasks.values_list("state", flat=True)) == {"sent"}
    assert LabelBatch.objects.get().state == "sent"
    read = import_answers(batch=batch, path=path, format=format)
    assert (read.pictures, read.matched, read.unmatched, read.missing) == (3, 3, [], 0)
    assert is_finished(batch)
    (label,) = Annotation.objects.all()
    first = batch.tasks.order_by("pk").first()
    assert (label.frame_id, label.label, label.by) == (first.frame_id, "person", f"{format}.zip")
    assert (label.x1, label.y1, label.x2, label.y2) == pytest.approx((10, 20, 60, 120), abs=0.51)
    assert first.changes["removed"] == 0
    assert Frame.objects.filter(annotated_at=None).count() == 0
    assert not import_answers(batch=batch, path=path, format=format).taken.is_changed()


def test_the_same_batch_gives_the_same_bytes(batch, tmp_path):
    one, two = (archive_of(batch, tmp_path / name, "cvat").read_bytes() for name in ("a.zip", "b.zip"))
    assert one == two


@pytest.mark.parametrize("format", ["cvat", "coco"])
def test_labels_find_their_frames_by_name_whatever_their_order_and_folder(batch, tmp_path, format):
    with zipfile.ZipFile(archive_of(batch, tmp_path / "out.zip", format)) as opened:
        names = sorted(name for name in opened.namelist() if name.endswith(".jpg"))
    if format == "cvat":
        images = "".join(
            f'<image id="{n}" name="elsewhere/{name.rpartition("/")[2]}" width="640" height="360">'
            f'<box label="car" xtl="{n + 1}" ytl="1" xbr="50" ybr="50" occluded="0"/></image>'
            for n, name in enumerate(reversed(names))
        )
        path = tmp_path / "annotations.xml"
        path.write_text(f"<annotations><version>1.1</version>{images}</annotations>")
    else:
        path = tmp_path / "labels.json"
        shuffled = list(enumerate(reversed(names)))
        plain = {
            "images": [{"id": 7 - n, "file_name": name, "width": 640, "height": 360} for n, name in shuffled],
            "annotations": [
                {"id": n, "image_id": 7 - n, "category_id": 1, "bbox": [n + 1, 1, 49 - n, 49]} for n, _ in shuffled
            ],
            "categories": [{"id": 1, "name": "car"}],
        }
        path.write_text(json.dumps(plain))
    read = import_answers(batch=batch, path=path)
    assert (read.format, read.matched) == (format, 3)
    assert Annotation.objects.count() == 3
    for task in batch.tasks.select_related("frame__video", "frame__camera"):
        stem = f"{task.frame.camera.name}_{task.frame.video.sha256[:8]}_{task.frame.pts_us:012d}"
        (place,) = [n for n, name in enumerate(reversed(names)) if stem in name]
        assert Annotation.objects.get(frame=task.frame).x1 == place + 1


def write_coco(path, *images, boxes=()):
    plain = {
        "images": [{"id": n, "file_name": name, "width": w, "height": h} for n, (name, w, h) in enumerate(images)],
        "annotations": [{"id": n, "image_id": i, "category_id": 1, "bbox": b} for n, (i, b) in enumerate(boxes)],
        "categories": [{"id": 1, "name": "person"}],
    }
    path.write_text(json.dumps(plain))
    return path


def name_of(task):
    frame = task.frame
    return f"{frame.camera.name}_{frame.video.sha256[:8]}_{frame.pts_us:012d}.jpg"


def test_what_fits_no_task_is_listed_and_what_is_missing_counted(batch, tmp_path):
    one, two, _ = batch.tasks.order_by("pk")
    path = write_coco(
        tmp_path / "a.json", (name_of(one), 640, 360), ("holiday.jpg", 640, 360), (name_of(two), 320, 180),
        ("other/" + name_of(one), 640, 360), boxes=[(0, [1, 1, 9, 9]), (2, [10, 10, 10, 10])],
    )  # fmt: skip
    read = import_answers(batch=batch, path=path, annotator="ada")
    assert (read.matched, read.unmatched, read.unmatched_count, read.missing) == (3, ["holiday.jpg"], 1, 1)
    assert read.taken.problems[DOUBLED] == 1
    assert any(OTHER_SIZE in why for why in read.taken.problems)
    assert Annotation.objects.get(frame=two.frame).x2 == 40  # half the size: scaled
    assert set(Answer.objects.values_list("annotator", flat=True)) == {"ada"}


def test_a_picture_with_no_boxes_shows_nothing_or_says_nothing(batch, tmp_path):
    one = batch.tasks.order_by("pk").first()
    path = write_coco(tmp_path / "a.json", (name_of(one), 640, 360))
    read = import_answers(batch=batch, path=path, empty_is_answer=False)
    assert (read.unlabelled, Answer.objects.count()) == (1, 0)
    import_answers(batch=batch, path=path)
    assert LabelTask.objects.get(pk=one.pk).state == "labelled"


def test_two_files_are_two_annotators_and_a_newer_file_of_a_name_replaces_the_older(batch, tmp_path):
    one = batch.tasks.order_by("pk").first()
    name = (name_of(one), 640, 360)
    import_answers(batch=batch, path=write_coco(tmp_path / "a.json", name, boxes=[(0, [1, 1, 9, 9])]))
    import_answers(batch=batch, path=write_coco(tmp_path / "b.json", name, boxes=[(0, [1, 1, 9, 9])]))
    one.refresh_from_db()
    assert (one.agreement, one.answers.count()) == (1.0, 2)
    import_answers(batch=batch, path=write_coco(tmp_path / "b.json", name))
    assert (one.answers.count(), Annotation.objects.count()) == (2, 0)


def test_what_cannot_be_is_refused_and_nothing_is_left(batch, tmp_path):
    path = tmp_path / "out.zip"
    for wrong in (LabelBatch.Via.TRUTH, LabelBatch.Via.LABEL_STUDIO):
        with pytest.raises(BatchError, match="goes to"):
            export_batch(batch=LabelBatchFactory(via=wrong), path=path)
        with pytest.raises(BatchError, match="goes to"):
            import_answers(batch=LabelBatchFactory(via=wrong), path=path)
    with pytest.raises(SpecError, match="cvat"):
        export_batch(batch=batch, path=path, format="pdf")
    storage.remove([batch.tasks.order_by("pk").last().frame.image])
    with pytest.raises(BatchError, match="drop frame"):
        export_batch(batch=batch, path=path)
    Frame.objects.filter(label_tasks__batch=batch).update(held_out=True)
    with pytest.raises(HoldoutError):
        export_batch(batch=batch, path=path)
    assert list(tmp_path.glob("*.zip")) == list(tmp_path.glob(".winnow-*")) == []
    assert set(batch.tasks.values_list("state", flat=True)) == {"waiting"}
    with pytest.raises(BatchError, match="Nothing in"):
        export_batch(batch=LabelBatchFactory(), path=path)


def test_a_name_is_found_by_more_or_less_of_the_videos_sha256():
    start, pts = "gate_" + "ab" * 4, "_000001000000.jpg"
    finder = Finder({1: start + pts, 2: "gate_" + "cd" * 4 + pts})
    assert finder.find(f"images/{start}{pts}".upper().replace("IMAGES", "x")) == 1
    assert finder.find("gate_" + "ab" * 8 + pts) == 1
    assert finder.find("gate_" + "ef" * 8 + pts) is finder.find("x.jpg") is finder.find("") is None


def test_a_model_pre_annotates_what_goes_out(batch, tmp_path):
    version = create_version(dataset="out", frame_ids=list(batch.tasks.values_list("frame_id", flat=True)))
    first, second, _ = batch.tasks.order_by("pk")
    batch.model = seen(version, "v1", finds=lambda frame: frame.pk != second.frame_id)
    batch.save()
    made = export_batch(batch=batch, path=tmp_path / "out.zip")
    assert made.boxes == 2  # of the first one it stays as it was made
    first, second, third = batch.tasks.order_by("pk")
    assert (first.predicted, second.predicted) == (PREDICTED, [])
    assert (third.predicted_by, third.predicted[0]["box"]) == (batch.model, list(BOX))
    batch.model = ModelVersionFactory()
    with pytest.raises(NoPredictions):
        export_batch(batch=batch_of(batch.model, FrameFactory()), path=tmp_path / "none.zip")
    assert not (tmp_path / "none.zip").exists()


def batch_of(model, frame):
    return LabelTaskFactory(batch=LabelBatchFactory(model=model), frame=frame).batch


def test_boxes_of_reads_a_pre_annotation():
    assert boxes_of(PREDICTED)[0].box == (10.0, 20.0, 60.0, 120.0)
