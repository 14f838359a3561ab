"""Predictions made elsewhere come in by whatever their files call the frames; nothing is skipped without a reason."""

import json

import numpy as np
import pytest

from curation.core.errors import SpecError
from curation.models import Frame, Job
from curation.services.holdout import HoldoutError
from curation.services.job_kinds import kind_of, run_here
from curation.services.jobs import Lost, claim_job, work_on
from curation.services.manifests import identity_of
from evaluation.core.detection_files import DetectionFileError
from evaluation.models import Prediction, PredictionRun
from evaluation.services import prediction_import
from evaluation.services.model_registry import register_model
from evaluation.services.prediction_import import request_import
from evaluation.services.prediction_request import NoPredictions, find_predictions
from evaluation.services.prediction_rows import labels_found, read_found
from tests.datasets import export_here, import_here, write_coco
from tests.evaluation.factories import ModelVersionFactory
from tests.evaluation.pictures import drawn_frames, version_of
from tests.factories import FrameFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def model():
    return ModelVersionFactory(name="theirs", label_map={"pedestrian": "person"})


def named(frame):
    return identity_of(frame.picture_sha256, frame.video.sha256, frame.pts_us)


def table(folder, names, *, name="boxes.csv"):
    """Write one box for each name, as wide as its place."""
    lines = [f"{one},pedestrian,0.{n},0,0,{n},9" for n, one in enumerate(names, start=1)]
    path = folder / name
    path.write_text("\n".join(["file_name,label,score,x1,y1,x2,y2", *lines]))
    return path


def done(**asked):
    run, is_new = request_import(here=True, **{name: str(a) if name in FILES else a for name, a in asked.items()})
    assert is_new
    run_here(run.job)
    return PredictionRun.objects.get(pk=run.pk)


FILES = ("file", "truth", "pictures")


def skipped(run):
    return {one["why"]: one["count"] for one in run.report["skipped"]}


def test_frames_are_found_by_what_files_call_them(tmp_path, model):
    frames = drawn_frames(4)
    version = version_of(frames)
    export = f"{frames[1].camera.name}_{frames[1].video.sha256[:8]}_{frames[1].pts_us:012d}"
    names = [
        named(frames[0]), f"images/{export}.jpg", frames[2].image, frames[3].image.rpartition("/")[2],
        f"{export}.png", "nobody.jpg", "0" * 64 + ":5",
    ]  # fmt: skip
    run = done(model=model, version=version, file=table(tmp_path, names), format="csv")
    boxes = Prediction.objects.filter(run=run).order_by("id").values_list("frame_id", "x2", "label")
    assert list(boxes) == [
        (frames[i].pk, x2, "pedestrian") for i, x2 in [(0, 1), (1, 2), (2, 3), (3, 4), (1, 5)]
    ]  # fmt: skip
    assert skipped(run) == {"picture that is no frame of the version": 2}
    assert (run.report["rows"], run.report["stored"], run.box_count) == (7, 5, 5)
    assert (run.source, run.origin, run.is_done) == ("boxes.csv", "import", True)
    assert labels_found(run) == ("person",)
    assert find_predictions(model=model, version=version) == run


def test_one_name_of_several_frames_is_none_of_them(tmp_path, model):
    frames = [FrameFactory(image=f"{n}/1.jpg", video=VideoFactory()) for n in range(2)]
    version = version_of([*frames, FrameFactory()])
    run = done(model=model, version=version, file=table(tmp_path, ["1.jpg", "0/1.jpg"]), format="csv")
    assert skipped(run) == {"picture that could be several frames": 1}


def test_coco_results_come_in_by_the_file_of_truth_that_was_exported(tmp_path, model):
    frames = drawn_frames(3)
    Frame.objects.update(annotated_at="2026-01-01T00:00Z")
    version = version_of(frames)
    from curation.services.exporting import archive_path
    from curation.services.handing_out import hand_out

    row = export_here(dataset=str(version), pictures=False)
    hand_out(archive_path(row), tmp_path / "out", name="out", sha256=row.sha256, unpack=True)
    (truth,) = (tmp_path / "out").rglob("instances*.json")
    images = json.loads(truth.read_text())["images"]
    content = json.loads(truth.read_text())
    content["categories"] = [{"id": 3, "name": "pedestrian"}]
    truth.write_text(json.dumps(content))
    results = tmp_path / "results.json"
    results.write_text(json.dumps([
        {"image_id": image["id"], "category_id": 3, "bbox": [n, 0, 5, 5], "score": 0.5}
        for n, image in enumerate(images)
    ]))  # fmt: skip
    run = done(model=model, version=version, file=results, truth=truth, format="coco")
    assert skipped(run) == {}
    found = read_found(run, frame_ids=np.array([frame.pk for frame in frames]), labels=("person",))
    assert (found.image.tolist(), found.xywh[:, 0].tolist()) == ([0, 1, 2], [0, 1, 2])


def test_imported_pictures_are_known_by_their_content(tmp_path, model):
    folder = write_coco(tmp_path / "set", {f"{n}.jpg": [("person", 1, 1, 9, 9)] for n in range(3)})
    import_here(folder, camera="gate")
    version = version_of(Frame.objects.order_by("pk"))
    truth = folder / "instances.json"
    results = tmp_path / "results.json"
    row = {"category_id": 1, "bbox": [1, 1, 9, 9], "score": 0.9}
    results.write_text(json.dumps([{**row, "image_id": 3}, {**row, "image_id": 1}]))
    with pytest.raises(DetectionFileError, match="None of the 2 rows"):
        done(model=model, version=version, file=results, truth=truth, format="coco")
    run = done(
        model=model, version=version, file=results, truth=truth, pictures=folder / "images", format="coco"
    )  # fmt: skip
    assert run.report["frames_with_boxes"] == 2
    assert run.report["frames_without_boxes"] == 1


def test_the_public_results_come_back_to_the_last_digit(shared_data, model):
    folder = shared_data / "coco100"
    results, truth = (folder / f"instances_val2014_{name}.json" for name in ("fakebbox100_results", "100"))
    images, video = json.loads(truth.read_text())["images"], VideoFactory()
    frames = {
        image["id"]: FrameFactory(
            video=video, image=f"coco/{image['file_name']}", width_px=image["width"], height_px=image["height"]
        )
        for image in images
    }
    version = version_of(frames.values())
    run = done(model=model, version=version, file=results, truth=truth, format="coco")
    rows = json.loads(results.read_text())
    assert (run.box_count, skipped(run)) == (len(rows), {})
    ids = np.array([frames[image["id"]].pk for image in images])
    found = read_found(run, frame_ids=ids, labels=labels_found(run))
    places = {image["id"]: place for place, image in enumerate(images)}
    wanted = sorted(((places[row["image_id"]], row["bbox"], row["score"]) for row in rows), key=lambda row: row[0])
    assert found.image.tolist() == [row[0] for row in wanted]
    assert found.score.tolist() == [row[2] for row in wanted]
    assert np.abs(found.xywh - np.array([row[1] for row in wanted])).max() <= 1e-12
    assert (found.xywh == np.array([row[1] for row in wanted])).mean() > 0.99


def test_pictures_of_another_size_are_left_out(tmp_path, model):
    frame = FrameFactory(image="a.jpg")
    truth, results = tmp_path / "truth.json", tmp_path / "results.json"
    truth.write_text(json.dumps({
        "images": [{"id": 1, "file_name": "a.jpg", "width": 320, "height": 180}],
        "categories": [{"id": 1, "name": "person"}],
    }))  # fmt: skip
    results.write_text(json.dumps([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5], "score": 1}]))
    with pytest.raises(DetectionFileError, match="another size"):
        done(model=model, version=version_of([frame]), file=results, truth=truth, format="coco")


def test_the_same_file_is_one_run_and_an_empty_one_says_that_nothing_is_seen(tmp_path, model):
    frames = drawn_frames(2)
    version = version_of(frames)
    path = tmp_path / "none.json"
    path.write_text("[]")
    run = done(model=model, version=version, file=path, format="coco")
    assert (run.box_count, run.report["frames_without_boxes"]) == (0, 2)
    assert request_import(model=model, version=version, file=str(path), format="coco") == (run, False)
    assert find_predictions(model=model, version=version) == run


def test_what_cannot_be_read_in_is_refused_at_once(tmp_path, model):
    version = version_of(drawn_frames(1))
    path = table(tmp_path, ["a"])
    with pytest.raises(SpecError, match="Valid ones: coco, csv"):
        request_import(model=model, version=version, file=str(path), format="yolo")
    with pytest.raises(SpecError, match="leave the truth out"):
        request_import(model=model, version=version, file=str(path), format="csv", truth=str(path))
    with pytest.raises(DetectionFileError, match="There is no file"):
        request_import(model=model, version=version, file=str(tmp_path / "none"), format="csv")
    Frame.objects.update(held_out=True)
    with pytest.raises(HoldoutError):
        request_import(model=model, version=version, file=str(path), format="csv")
    assert not PredictionRun.objects.exists()


def test_a_file_of_no_use_fails_with_the_reason_and_can_be_tried_again(tmp_path, model):
    frames = drawn_frames(1)
    version = version_of(frames)
    path = table(tmp_path, ["nobody"])
    run, _ = request_import(model=model, version=version, file=str(path), format="csv", here=True)
    with pytest.raises(DetectionFileError, match=r"None of the 1 rows.*no frame of the version.*instance nobody"):
        run_here(run.job)
    with pytest.raises(NoPredictions):
        find_predictions(model=model, version=version)
    again, is_new = request_import(model=model, version=version, file=str(path), format="csv")
    assert (again, is_new) == (run, True)


@pytest.mark.parametrize("steps", range(1, 5))
def test_cut_off_it_begins_anew_and_counts_each_box_once(tmp_path, model, monkeypatch, steps):
    monkeypatch.setattr(prediction_import, "BATCH", 2)
    frames = drawn_frames(5)
    path = table(tmp_path, [named(frame) for frame in frames])
    run, _ = request_import(model=model, version=version_of(frames), file=str(path), format="csv")
    job = claim_job(run.job.pk, worker="a")
    work = kind_of(job)(job)
    for _ in range(steps):
        next(work)
    Job.objects.filter(pk=job.pk).update(attempt=5, lease_until=job.started_at)
    again = claim_job(job.pk, worker="b")
    with pytest.raises(Lost):
        list(work)
    assert work_on(again, kind_of(again), bite_s=None)
    run.refresh_from_db()
    assert (run.box_count, Prediction.objects.count()) == (5, 5)


def test_a_model_with_weights_takes_imports_too(tmp_path):
    frames = drawn_frames(1)
    model = register_model(name="mine")
    run = done(model=model, version=version_of(frames), file=table(tmp_path, [named(frames[0])]), format="csv")
    assert run.is_done
