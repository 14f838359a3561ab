"""Frames of videos by number or by time: exactly the frame that was meant, stored once, and wrong numbers told."""

import json
import shutil

import numpy as np
import pytest

from curation.backends import storage
from curation.backends.decode.footage import VideoFootage
from curation.core.types import Span
from curation.models import Annotation, DataImport, Frame, Video
from curation.services import import_frames, importing
from curation.services.cascades import find
from curation.services.import_request import read_request, request_import
from curation.services.ingest import register
from curation.services.job_kinds import kind_of
from curation.services.jobs import claim_job, due_jobs, work_on
from tests.datasets import import_here, rows_of_frames, skipped
from tests.engine import run_cascade

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
EVER = 1 << 60


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


def times_of(video):
    """Decode a video from its beginning; return the time of each frame."""
    keyframes_us = np.frombuffer(bytes(video.keyframes), "<i8")
    path, turn = storage.local_path(video.file), video.rotation_deg
    with VideoFootage(path, start_us=video.start_us, keyframes_us=keyframes_us, rotation_deg=turn) as footage:
        return [picture.pts_us for picture in footage.frames(Span(0, EVER))]


def write_mot(folder, video, rows, *, size, length, name="tiny"):
    """Write MOT Challenge about a video that lies beside it: rows are (frame from 1, track, left, top, w, h)."""
    (folder / name / "gt").mkdir(parents=True)
    (folder / name / "seqinfo.ini").write_text(
        f"[Sequence]\nname={name}\nimDir=img1\nframeRate=10\nseqLength={length}\nimWidth={size[0]}\nimHeight={size[1]}\n"
        "imExt=.jpg\n"
    )
    lines = [",".join(map(str, (*row, 1, 1, 1))) for row in rows]
    (folder / name / "gt" / "gt.txt").write_text("\n".join(lines) + "\n")
    shutil.copy(video, folder / f"{name}{video.suffix}")
    return folder


def write_coco_of_frames(path, moments, *, size, name="tiny"):
    """Write COCO about frames of a video: moments are {"frame_id": 3} or, in Winnow's own words, {"time_s": 0.3}."""
    images = [
        {"id": i, "file_name": f"{name}/{i}.jpg", "width": size[0], "height": size[1],
         **({"video_id": 1, "frame_id": m["frame_id"]} if "frame_id" in m else
            {"winnow": {"sequence": name, "time_s": m["time_s"]}})}
        for i, m in enumerate(moments, start=1)
    ]  # fmt: skip
    boxes = [{"id": i, "image_id": i, "category_id": 1, "bbox": [i, 1, 5, 5]} for i in range(1, len(images) + 1)]
    path.write_text(json.dumps({
        "images": images, "annotations": boxes, "categories": [{"id": 1, "name": "person"}],
        "videos": [{"id": 1, "name": name}],
    }))  # fmt: skip
    return path


SIZE = (320, 180)


@pytest.fixture
def tiny(tiny_footage):
    return register(path=tiny_footage, name="tiny.mp4", camera="yard").video


def test_mot_by_frame_number(tiny, tiny_footage, tmp_path):
    folder = write_mot(
        tmp_path / "mot", tiny_footage, [(1, 7, 1, 1, 20, 30), (5, 7, 11, 1, 20, 30)], size=SIZE, length=6
    )
    row = import_here(folder, camera="unused")
    times = times_of(tiny)
    frames = list(Frame.objects.order_by("pts_us"))
    assert [frame.pts_us for frame in frames] == times[:6]  # all frames of a sequence are labelled
    assert {frame.video for frame in frames} == {tiny}
    assert {frame.camera.name for frame in frames} == {"yard"}
    assert [(a.frame.pts_us, a.track_id, a.x1) for a in Annotation.objects.order_by("frame__pts_us")] == [
        (times[0], 7, 0.0), (times[4], 7, 10.0),
    ]  # fmt: skip
    assert (row.format, row.report["pictures_new"], skipped(row)) == ("mot", 6, {})
    assert storage.read_bytes(frames[0].image)[:2] == b"\xff\xd8"
    assert frames[0].image.startswith("frames/yard/")
    assert frames[0].picture_sha256 is None
    assert Video.objects.count() == 1


def test_again_it_changes_nothing(tiny, tiny_footage, tmp_path):
    folder = write_mot(tmp_path / "mot", tiny_footage, [(2, 7, 1, 1, 20, 30)], size=SIZE, length=3)
    import_here(folder)
    before = rows_of_frames()
    again = import_here(folder)
    assert rows_of_frames() == before
    assert (again.report["pictures_new"], again.report["pictures_known"]) == (0, 3)


def test_frames_that_a_run_keeps_get_the_labels(tiny, tmp_path):
    run = run_cascade(tiny, find("motion"))
    kept = list(Frame.objects.order_by("pts_us"))
    assert kept
    numbers = [times_of(tiny).index(frame.pts_us) for frame in kept]
    labels = write_coco_of_frames(tmp_path / "a.json", [{"frame_id": n} for n in numbers], size=SIZE)
    row = import_here(labels, video=str(storage.local_path(tiny.file)))
    assert (row.report["pictures_new"], row.report["pictures_known"]) == (0, len(kept))
    assert Frame.objects.count() == len(kept)
    assert all(frame.annotations.count() == 1 for frame in kept)
    assert all(frame.keeps.filter(run=run).exists() for frame in kept)


def test_by_number_and_by_time_it_is_the_same_frame(tiny, tmp_path, tiny_footage):
    times = times_of(tiny)
    by_time = [{"time_s": times[n] / 1e6 + shift} for n, shift in ((3, 0.0), (9, 0.049), (17, -0.049))]
    labels = write_coco_of_frames(tmp_path / "a.json", by_time, size=SIZE)
    import_here(labels, video=str(tiny_footage))
    assert list(Frame.objects.order_by("pts_us").values_list("pts_us", flat=True)) == [times[3], times[9], times[17]]
    labels = write_coco_of_frames(tmp_path / "b.json", [{"frame_id": n} for n in (3, 9, 17)], size=SIZE)
    assert import_here(labels, video=str(tiny_footage)).report["pictures_known"] == 3


def test_frames_and_times_that_are_not_there_are_told(tiny, tmp_path, tiny_footage):
    count = len(times_of(tiny))
    moments = [
        {"frame_id": count - 1},
        {"frame_id": count},
        {"frame_id": 10**12},
        {"time_s": 9999.0},
        {"time_s": 1e300},
    ]
    row = import_here(write_coco_of_frames(tmp_path / "a.json", moments, size=SIZE), video=str(tiny_footage))
    assert {why: count for why, (count, _) in skipped(row).items()} == {
        import_frames.PAST_THE_END: 2, import_frames.NOT_THEN: 2,
    }  # fmt: skip
    assert Frame.objects.count() == 1


def test_a_frame_of_another_size_is_told(tiny, tmp_path, tiny_footage):
    labels = write_coco_of_frames(tmp_path / "a.json", [{"frame_id": 1}], size=(640, 360))
    row = import_here(labels, video=str(tiny_footage))
    assert list(skipped(row)) == ["picture of another size than its annotations were made for"]


def test_the_same_frame_twice_counts_once(tiny, tmp_path, tiny_footage):
    moments = [{"frame_id": 4}, {"frame_id": 4}]
    row = import_here(write_coco_of_frames(tmp_path / "a.json", moments, size=SIZE), video=str(tiny_footage))
    assert {why: count for why, (count, _) in skipped(row).items()} == {"picture that is another one's copy": 1}
    assert Annotation.objects.count() == 1


def test_a_video_that_is_none_is_told_and_the_others_go_in(tiny_footage, tmp_path):
    folder = write_mot(tmp_path / "mot", tiny_footage, [(1, 1, 1, 1, 9, 9)], size=SIZE, length=2, name="good")
    write_mot(folder, tiny_footage, [(1, 1, 1, 1, 9, 9)], size=SIZE, length=2, name="bad")
    (folder / "bad.mp4").write_bytes(b"no video at all" * 99)
    row = import_here(folder)
    ((why, (count, _)),) = skipped(row).items()
    assert (count, why.startswith("frame of a video that cannot be used (bad.mp4)")) == (2, True)
    assert row.report["pictures_new"] == 2


def test_a_video_is_found_by_its_name_without_the_suffix(tiny, tiny_footage, tmp_path):
    (tmp_path / "set" / "clips").mkdir(parents=True)
    shutil.copy(tiny_footage, tmp_path / "set" / "clips" / "tiny.mp4")
    write_coco_of_frames(tmp_path / "set" / "a.json", [{"frame_id": 2}, {"time_s": 0.5}], size=SIZE)
    row = import_here(tmp_path / "set")
    assert (row.report["pictures_new"], skipped(row)) == (2, {})


def test_without_the_video_its_frames_are_told(tmp_path, tiny_footage):
    folder = write_mot(tmp_path / "mot", tiny_footage, [(1, 1, 1, 1, 9, 9)], size=SIZE, length=2)
    (folder / "tiny.mp4").unlink()
    assert {why: count for why, (count, _) in skipped(import_here(folder)).items()} == {
        "frame of a video that is not there": 2
    }


def test_a_video_in_an_archive_is_unpacked(tmp_path, tiny_footage):
    folder = write_mot(tmp_path / "mot", tiny_footage, [(1, 1, 1, 1, 9, 9)], size=SIZE, length=2)
    shutil.make_archive(str(tmp_path / "packed"), "zip", folder)
    row = import_here(tmp_path / "packed.zip", camera="gate")
    assert (row.report["pictures_new"], Video.objects.get().camera.name) == (2, "gate")
    assert not importing.work_folder(row).exists()


@pytest.mark.parametrize("steps", [2, 7])
def test_taken_up_again_in_mid_video_it_finds_the_same_frames(tiny, tiny_footage, tmp_path, monkeypatch, steps):
    """Bites so short that each ends while the video is read, between two frames that are wanted."""
    numbers = [2, 3, 50, 120, 121, 180]
    labels = write_coco_of_frames(tmp_path / "a.json", [{"frame_id": n} for n in numbers], size=SIZE)
    monkeypatch.setattr(import_frames, "_STEP_FRAMES", steps)
    request = read_request({"root": str(labels), "video": str(tiny_footage), "place": "disk"})
    row = request_import(request)
    bites, is_done = 0, False
    while not is_done:
        job = claim_job(due_jobs()[0], worker="a")
        is_done = work_on(job, kind_of(job), bite_s=0)
        bites += 1
        assert bites < 500
    times = times_of(tiny)
    assert list(Frame.objects.order_by("pts_us").values_list("pts_us", flat=True)) == [times[n] for n in numbers]
    assert bites > 8
    report = DataImport.objects.get(pk=row.pk).report
    assert (report["pictures_new"], report["at"], report["skipped"]) == (6, 6, [])


def test_real_footage_with_labels_by_frame(shared_data, tmp_path):
    """Real footage: what a frame number means is what counting decoded frames says, here by another library."""
    import cv2

    path = shared_data / "videos" / "one-by-one-person-detection.mp4"
    capture = cv2.VideoCapture(str(path))
    wanted, pictures, number = [0, 37, 250], {}, 0
    while number <= max(wanted):
        ok, bgr = capture.read()
        assert ok
        if number in wanted:
            pictures[number] = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        number += 1
    size = (pictures[0].shape[1], pictures[0].shape[0])
    rows = [(n + 1, 1, 10, 10, 50, 80) for n in wanted]
    folder = write_mot(tmp_path / "mot", path, rows, size=size, length=251, name="entrance")
    labels = write_coco_of_frames(tmp_path / "a.json", [{"frame_id": n} for n in wanted], size=size, name="entrance")
    row = import_here(labels, video=str(path), camera="entrance")
    assert (row.report["pictures_new"], skipped(row)) == (3, {})
    for frame, number in zip(Frame.objects.order_by("pts_us"), wanted, strict=True):
        stored = cv2.cvtColor(cv2.imread(str(storage.local_path(frame.image))), cv2.COLOR_BGR2RGB)
        apart = [np.abs(stored.astype(int) - pictures[n].astype(int)).mean() for n in wanted]
        assert int(np.argmin(apart)) == wanted.index(number)
        assert min(apart) < 3
    row = import_here(folder, name="all of it")
    assert (row.report["pictures_known"], row.report["pictures_new"]) == (3, 248)
    assert Annotation.objects.filter(frame__pts_us=0).count() == 2
