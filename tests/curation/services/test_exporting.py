"""Exports: whole and checked or not there at all, the same bytes each time, and never what is held out."""

import csv
import errno
import hashlib
import io
import json
import zipfile

import pytest

from curation.backends import storage
from curation.core.errors import SpecError
from curation.models import DataExport, Frame, HoldoutUse, Job
from curation.services import archives, exporting
from curation.services.archives import ArchiveError
from curation.services.datasets import create_version
from curation.services.export_request import read_request, request_export
from curation.services.exporting import archive_path
from curation.services.holdout import HoldoutError, lock_version
from curation.services.job_kinds import kind_of, run_here
from curation.services.jobs import claim_job, due_jobs, resume_job, work_on
from tests.datasets import export_here, import_here, jpeg, sha256, write_coco
from tests.factories import DetectionFactory, FrameFactory, KeepFactory, RunFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"


@pytest.fixture
def imported(tmp_path):
    """Five pictures of the camera gate, two with boxes."""
    pictures = {f"{i}.jpg": [] for i in range(5)}
    pictures |= {"0.jpg": [("person", 1, 2, 10, 20), ("dog", 30, 4, 5.5, 6)], "1.jpg": [("person", 3, 3, 9, 9)]}
    return import_here(write_coco(tmp_path / "set", pictures), camera="gate")


def members(row):
    with zipfile.ZipFile(archive_path(row)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_query_comes_out_as_it_is(imported):
    row = export_here(query="camera:gate")
    files = members(row)
    assert row.archive == f"exports/{row.sha256}.zip"
    assert hashlib.sha256(archive_path(row).read_bytes()).hexdigest() == row.sha256
    assert (row.size_bytes, row.file_count) == (archive_path(row).stat().st_size, len(files))
    pictures = [content for name, content in sorted(files.items()) if name.startswith("images/")]
    assert pictures == [jpeg(i) for i in range(1, 6)]
    document = json.loads(files["annotations/instances.json"])
    assert [len(document[key]) for key in ("images", "annotations", "categories")] == [5, 3, 2]
    video = Frame.objects.first().video.sha256[:8]
    assert [image["file_name"] for image in document["images"]] == [
        f"gate_{video}_{i * 1_000_000:012d}.jpg" for i in range(5)
    ]
    assert row.report | {"classes": 0} == row.report | {"classes": 0, "pictures": 5, "labelled": 5, "boxes": 3}
    assert row.job.state == Job.State.DONE


def test_the_manifest_lists_every_file_with_size_and_digest(imported):
    files = members(export_here())
    manifest = json.loads(files.pop("manifest.json"))
    assert {one["name"]: (one["size_bytes"], one["sha256"]) for one in manifest["files"]} == {
        name: (len(content), sha256(content)) for name, content in files.items()
    }
    assert (manifest["format"], manifest["query"], manifest["pictures"]) == ("coco", "", 5)


@pytest.mark.parametrize("name", ["coco", "yolo", "voc", "cvat", "label_studio", "csv", "mot"])
def test_the_same_export_again_gives_the_same_bytes(imported, name):
    first, second = export_here(format=name), export_here(format=name)
    assert (first.sha256, first.archive) == (second.sha256, second.archive)
    assert first.pk != second.pk


def test_nothing_matches_is_a_valid_empty_archive(imported):
    row = export_here(query="camera:nowhere")
    assert row.report["pictures"] == 0
    assert json.loads(members(row)["annotations/instances.json"])["images"] == []


def test_only_boxes_of_the_classes_asked_for_in_their_order(imported):
    row = export_here(classes=["cat", "person"])
    document = json.loads(members(row)["annotations/instances.json"])
    assert [(c["id"], c["name"]) for c in document["categories"]] == [(1, "cat"), (2, "person")]
    assert {a["category_id"] for a in document["annotations"]} == {2}
    assert len(document["images"]) == 5
    assert row.report["left_out"] == {"boxes of other classes": 1}


def test_frames_nobody_labelled_are_counted(imported):
    FrameFactory(image=Frame.objects.first().image, width_px=64, height_px=48)
    row = export_here()
    assert (row.report["labelled"], row.report["unlabelled"]) == (5, 1)


def test_without_pictures_a_list_says_where_they_are(imported):
    files = members(export_here(pictures=False))
    assert not [name for name in files if name.startswith("images/")]
    rows = list(csv.DictReader(io.StringIO(files["pictures.tsv"].decode()), delimiter="\t"))
    assert [storage.read_bytes(row["key"]) for row in rows] == [jpeg(i) for i in range(1, 6)]


def test_what_a_format_cannot_say_is_told(imported):
    assert export_here(format="yolo").report["lost"]["tags of a picture"] == 5


def test_a_missing_picture_stops_the_export_and_says_how_to_go_on(imported):
    gone = Frame.objects.order_by("pts_us")[1]
    storage.remove([gone.image])
    with pytest.raises(ArchiveError, match=r"1 of 5 pictures are missing.*Import it again.*--allow-missing"):
        export_here()
    assert DataExport.objects.get().archive == ""
    storage.put_bytes(gone.image, jpeg(2))
    job = resume_job(job=Job.objects.latest("id"))
    run_here(job)
    assert json.loads(members(DataExport.objects.get())["manifest.json"])["pictures"] == 5


def test_missing_pictures_can_be_left_out_with_their_labels(imported):
    storage.remove([Frame.objects.order_by("pts_us")[0].image])
    row = export_here(allow_missing=True)
    document = json.loads(members(row)["annotations/instances.json"])
    assert [len(document[key]) for key in ("images", "annotations")] == [4, 1]
    assert (row.report["pictures"], row.report["missing"]["count"]) == (4, 1)


def test_detections_of_the_newest_run_that_looked_can_be_the_labels(imported):
    frame, seen_nothing, unlooked = Frame.objects.order_by("pts_us")[:3]
    spec = {"stages": [{"name": "people", "kind": "objects", "detector": "any"}]}
    old, new = RunFactory(video=frame.video, spec=spec), RunFactory(video=frame.video, spec=spec)
    blind = RunFactory(video=frame.video, spec={"stages": [{"name": "motion", "kind": "motion"}]})
    for run, one in ((old, frame), (new, frame), (new, seen_nothing), (blind, frame), (blind, unlooked)):
        KeepFactory(run=run, frame=one)
    DetectionFactory(frame=frame, run=old, label="old")
    DetectionFactory(frame=frame, run=new, label="person", score=0.9)
    DetectionFactory(frame=frame, run=new, label="faint", score=0.2)
    row = export_here(labels="detections", min_score=0.5, query=f"id:<={unlooked.pk}")
    document = json.loads(members(row)["annotations/instances.json"])
    assert [c["name"] for c in document["categories"]] == ["person"]
    assert (row.report["labelled"], row.report["unlabelled"], row.report["boxes"]) == (2, 1, 1)


@pytest.mark.parametrize(
    "asked, word",
    [
        ({"format": "docx"}, "Valid ones"),
        ({"query": "a:b", "dataset": "set@1"}, "not both"),
        ({"labels": "detections", "dataset": "set@1"}, "dataset:set@1"),
        ({"classes": ["a", "a"]}, "twice"),
        ({"classes": [""]}, "80 characters"),
        ({"purpose": "evaluation"}, "model"),
        ({"purpose": "evaluation", "model": "m"}, "name the locked dataset version"),
        ({"settings": {"nonsense": 1}}, "nonsense"),
        ({"min_score": 2.0}, "min_score"),
    ],
)
def test_a_wrong_wish_is_refused_before_anything_begins(asked, word):
    with pytest.raises(SpecError, match=word):
        read_request({"format": "coco", **asked})


# Versions and hold-outs ------------------------------------------------------------------------------------------


def test_a_version_comes_out_as_it_was_frozen(imported):
    version = create_version(dataset="set", frame_ids=list(Frame.objects.values_list("id", flat=True)))
    frozen = export_here(dataset="set")
    Frame.objects.first().annotations.all().delete()
    Frame.objects.update(tags={"lighting": "changed"})
    again = export_here(dataset="set@1")
    assert again.sha256 == frozen.sha256
    assert frozen.version == version
    manifest = json.loads(members(frozen)["manifest.json"])
    assert (manifest["dataset"], manifest["dataset_manifest_sha256"]) == ("set@1", version.manifest_sha256)


@pytest.fixture
def hold_out(imported):
    ids = list(Frame.objects.order_by("pts_us").values_list("id", flat=True)[:2])
    version = create_version(dataset="final", frame_ids=ids)
    lock_version(version, user=None)
    version.refresh_from_db()
    return version


def test_held_out_frames_never_come_out_of_a_query(hold_out):
    row = export_here()
    held = Frame.objects.filter(held_out=True).count()
    assert (row.report["pictures"], row.report["left_out"]["held out"]) == (5 - held, held)
    assert held >= 2
    assert export_here(query="held_out:true").report["pictures"] == 0


def test_a_hold_out_is_not_exported_for_training(hold_out):
    with pytest.raises(HoldoutError, match="purpose evaluation"):
        export_here(dataset="final@1")


def test_an_evaluation_opens_it_and_is_written_into_the_ledger(hold_out):
    row = export_here(dataset="final", purpose="evaluation", model="detector 7", note="release")
    assert row.report["pictures"] == 2
    use = HoldoutUse.objects.get()
    assert (use.version, use.purpose, use.model, use.by_name, use.note) == (
        hold_out, "export", "detector 7", "tester", "release",
    )  # fmt: skip


def test_a_version_with_frames_that_another_one_locked_is_refused(imported):
    ids = list(Frame.objects.order_by("pts_us").values_list("id", flat=True))
    create_version(dataset="all", frame_ids=ids)
    lock_version(create_version(dataset="final", frame_ids=ids[:1]), user=None, allow_overlap=True)
    with pytest.raises(HoldoutError, match="held out"):
        export_here(dataset="all@1")
    assert not DataExport.objects.exclude(archive="").exists()


def test_a_lock_that_comes_while_an_export_is_under_way_stops_it(imported, media):
    row = request_export(*read_request({"format": "coco"}), by_name="tester")
    job = claim_job(due_jobs()[0], worker="a")
    while not work_on(job, kind_of(job), bite_s=0) and Job.objects.latest("id").checkpoint["phase"] != "check":
        job = claim_job(job.pk, worker="a")
    lock_version(create_version(dataset="final", frame_ids=[Frame.objects.first().pk]), user=None)
    job = claim_job(job.pk, worker="a")
    with pytest.raises(HoldoutError, match="held out"):
        work_on(job, kind_of(job), bite_s=None)
    row.refresh_from_db()
    assert row.archive == ""
    assert (
        not list(storage.default_storage.listdir("exports")[1]) if storage.default_storage.exists("exports") else True
    )


@pytest.mark.parametrize("asked", [{"query": ""}, {"dataset": "set@1"}])
def test_an_archive_from_before_a_lock_is_not_handed_out_any_more(imported, asked):
    ids = list(Frame.objects.order_by("pts_us").values_list("id", flat=True))
    create_version(dataset="set", frame_ids=ids)
    row = export_here(**asked)
    assert archive_path(row).is_file()
    lock_version(create_version(dataset="final", frame_ids=ids[:1]), user=None, allow_overlap=True)
    with pytest.raises(HoldoutError, match="held out"):
        archive_path(row)


def test_without_the_list_of_its_frames_an_archive_is_not_handed_out(imported):
    row = export_here()
    storage.remove([f"exports/frames-of-{row.pk}.npy"])
    with pytest.raises(ArchiveError, match="Export again"):
        archive_path(row)


def test_an_evaluation_of_what_is_not_locked_is_refused(imported):
    create_version(dataset="set", frame_ids=[Frame.objects.first().pk])
    with pytest.raises(HoldoutError, match="not locked"):
        export_here(dataset="set", purpose="evaluation", model="m")
    assert not HoldoutUse.objects.exists()


# Breaks ------------------------------------------------------------------------------------------------------------


def test_cut_off_at_every_step_it_makes_the_same_bytes(imported, monkeypatch):
    whole = export_here(format="yolo")
    monkeypatch.setattr(exporting, "SYNC_S", 0.0)
    request_export(*read_request({"format": "yolo"}), by_name="tester")
    bites, is_done = 0, False
    while not is_done:
        job = claim_job(due_jobs()[0], worker="a")
        is_done = work_on(job, kind_of(job), bite_s=0)
        bites += 1
    assert bites > 5
    assert DataExport.objects.latest("id").sha256 == whole.sha256


def test_killed_after_any_step_the_next_try_makes_the_same_bytes(imported, monkeypatch):
    whole = export_here()
    monkeypatch.setattr(exporting, "SYNC_S", 0.0)
    for steps in range(1, 40):
        row = request_export(*read_request({"format": "coco"}), by_name="tester", here=True)
        work = kind_of(row.job)(row.job)
        for _ in range(steps):
            progress = next(work, None)
            if progress is None:
                break
            if progress.checkpoint is not None:
                row.job.checkpoint = dict(progress.checkpoint)
        else:
            work.close()
            run_here(row.job)
        row.refresh_from_db()
        assert row.sha256 == whole.sha256, steps
        if progress is None:
            return
    pytest.fail("an export of five pictures takes fewer steps")


def test_on_another_machine_it_begins_anew(imported, settings, tmp_path):
    whole = export_here()
    row = request_export(*read_request({"format": "coco"}), by_name="tester")
    job = claim_job(due_jobs()[0], worker="a")
    work_on(job, kind_of(job), bite_s=0)
    settings.WINNOW_DATA_DIR = tmp_path / "elsewhere"
    job = claim_job(job.pk, worker="b")
    assert job.checkpoint["phase"] == "pictures"
    work_on(job, kind_of(job), bite_s=None)
    row.refresh_from_db()
    assert row.sha256 == whole.sha256


def test_a_full_disk_publishes_nothing_and_the_job_can_be_resumed(imported, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr(archives.ZipWriter, "add", full)
        with pytest.raises(ArchiveError, match=r"disk is full.*resume"):
            export_here()
    assert DataExport.objects.get().archive == ""
    run_here(resume_job(job=Job.objects.latest("id")))
    assert len(members(DataExport.objects.get())) == 7


def test_bytes_that_rot_before_they_are_read_back_are_found(imported, monkeypatch):
    verify = archives.verify

    def rotten(path, *, start=0):
        content = path.read_bytes()
        at = content.index(jpeg(3)) + 100
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        return verify(path, start=start)

    with monkeypatch.context() as patch:
        patch.setattr(archives, "verify", rotten)
        with pytest.raises(ArchiveError, match="Nothing was published"):
            export_here()
    assert DataExport.objects.get().archive == ""
    run_here(resume_job(job=Job.objects.latest("id")))
    assert DataExport.objects.get().archive


def test_an_archive_that_is_gone_is_told(imported):
    row = export_here()
    storage.remove([row.archive])
    with pytest.raises(ArchiveError, match="Export it again"):
        archive_path(row)
