"""Imports cut off, doubled, cancelled or short of disk: each picture ends up there once, and is counted once."""

import errno
import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from django.db import DataError
from PIL import Image

from curation.backends import storage
from curation.models import Annotation, DataImport, Embedding, Frame, Job, Keep
from curation.services import import_pictures, importing, jobs
from curation.services.datasets import create_version
from curation.services.holdout import lock_version
from curation.services.import_request import ImportFailed, read_request, request_import
from curation.services.job_kinds import kind_of, run_here
from curation.services.jobs import Lost, cancel_job, claim_job, due_jobs, resume_job, work_on
from tests.datasets import empty_database, import_here, jpeg, rows_of_frames, skipped, write_coco

ROOT = Path(__file__).resolve().parents[3]
PICTURES = {f"{i:02d}.jpg": [("person", 1, 1, 9, 9)] for i in range(10)}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path, monkeypatch, db):
    settings.WINNOW_DATA_DIR = tmp_path / "winnow"
    monkeypatch.setattr(importing, "BATCH", 3)


pytestmark = pytest.mark.usefixtures("media")


@pytest.fixture
def folder(tmp_path):
    made = write_coco(tmp_path / "set", PICTURES)
    (made / "images" / "04.jpg").write_bytes(b"")
    return made


@pytest.fixture
def whole(folder):
    """What an import without a break leaves."""
    row = import_here(folder)
    left = rows_of_frames(), row.report
    empty_database()
    return left


def asked(folder, **options):
    return request_import(read_request({"root": str(folder), "place": "disk", **options}))


def check(whole):
    assert rows_of_frames() == whole[0]
    assert DataImport.objects.get().report == whole[1]
    assert Embedding.objects.count() == len(whole[0])
    assert Keep.objects.count() == len(whole[0])


def test_in_bites_it_leaves_the_same(folder, whole):
    asked(folder)
    bites, is_done = 0, False
    while not is_done:
        job = claim_job(due_jobs()[0], worker="a")
        is_done = work_on(job, kind_of(job), bite_s=0)
        bites += 1
    assert bites >= 4
    check(whole)


@pytest.mark.parametrize("steps", range(1, 8))
def test_cut_off_after_any_step_the_next_attempt_goes_on(folder, whole, steps):
    row = asked(folder)
    job = claim_job(row.job.pk, worker="a")
    work = kind_of(job)(job)
    for _ in range(steps):
        next(work)
    work.close()
    Job.objects.update(lease_until=None, state="queued")
    run_here(Job.objects.get(pk=job.pk))
    check(whole)


def test_an_attempt_that_lost_its_work_writes_nothing_more(folder, whole):
    row = asked(folder)
    slow = claim_job(row.job.pk, worker="slow")
    work = kind_of(slow)(slow)
    while next(work).done < 3:
        pass
    Job.objects.update(lease_until=None, state="queued")
    run_here(Job.objects.get(pk=slow.pk))
    with pytest.raises((Lost, FileNotFoundError)):
        for _ in work:
            pass
    check(whole)


def test_on_another_machine_it_reads_the_labels_again_and_goes_on(folder, whole, settings, tmp_path):
    row = asked(folder)
    job = claim_job(row.job.pk, worker="a")
    while not work_on(job, kind_of(job), bite_s=0) and DataImport.objects.get().report["at"] < 6:
        job = claim_job(job.pk, worker="a")
    settings.WINNOW_DATA_DIR = tmp_path / "elsewhere"
    run_here(Job.objects.get(pk=job.pk))
    check(whole)


def test_cancelled_it_keeps_what_is_in_and_resumed_it_goes_on(folder, whole, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.0)
    row = asked(folder)
    job = claim_job(row.job.pk, worker="a")

    def cancel(progress):
        if progress.done >= 3:
            cancel_job(job=job)

    with pytest.raises(Lost):
        work_on(job, kind_of(job), bite_s=None, report=cancel)
    assert 3 <= Frame.objects.count() < 9
    run_here(resume_job(job=job))
    check(whole)


def test_a_full_disk_keeps_what_is_in_and_says_so(folder, whole, monkeypatch):
    row = asked(folder)
    put = storage.put_bytes
    count = []

    def full(key, content):
        count.append(key)
        if len(count) > 5:
            raise OSError(errno.ENOSPC, "no space left")
        put(key, content)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "put_bytes", full)
        with pytest.raises(ImportFailed, match=r"disk is full\. 6 of 10 pictures are in.*resume the job"):
            run_here(row.job)
    assert Frame.objects.count() == 5
    run_here(resume_job(job=Job.objects.get(pk=row.job.pk)))
    check(whole)


def test_what_the_database_refuses_is_left_out_and_the_rest_goes_in(folder, monkeypatch):
    write = importing.store_batch

    def picky(row, *, arrived, **more):
        if any(one.picture.name == "01.jpg" for one in arrived):
            raise DataError("value out of range")
        write(row, arrived=arrived, **more)

    monkeypatch.setattr(importing, "store_batch", picky)
    row = import_here(folder)
    assert skipped(row) == {
        "picture whose values the database refuses": (1, ["01.jpg"]), "picture file of 0 bytes": (1, ["04.jpg"]),
    }  # fmt: skip
    assert (Frame.objects.count(), row.report["pictures_new"], row.report["at"]) == (8, 8, 10)


def test_pictures_that_were_decoded_do_not_pile_up(tmp_path, monkeypatch):
    sizes = []
    embed = import_pictures.Looker.embed

    def counting(self, looks, pictures):
        sizes.append(len(looks))
        return embed(self, looks, pictures)

    monkeypatch.setattr(import_pictures, "MOST_BYTES", 64 * 48 * 3)
    monkeypatch.setattr(import_pictures.Looker, "embed", counting)
    import_here(write_coco(tmp_path / "set", {f"{i}.jpg": [] for i in range(3)}))
    assert sum(sizes) == 3
    assert max(sizes) <= 2
    assert Embedding.objects.count() == 3


# Hold-outs ---------------------------------------------------------------------------------------------------------


def test_a_look_alike_of_a_hold_out_is_held_out_as_it_comes_in(folder, tmp_path):
    import_here(folder)
    lock_version(create_version(dataset="final", frame_ids=[Frame.objects.order_by("pts_us").first().pk]), user=None)
    other = write_coco(tmp_path / "other", {"copy.jpg": []})
    again = BytesIO()
    Image.open(BytesIO(jpeg(1))).save(again, "JPEG", quality=70)
    (other / "images" / "copy.jpg").write_bytes(again.getvalue())
    row = import_here(other)
    new = Frame.objects.latest("id")
    assert (row.report["pictures_new"], row.report["held_out"], new.held_out) == (1, 1, True)


def test_labels_for_a_frame_of_a_hold_out_leave_the_version_as_it_was(folder):
    import_here(folder)
    version = create_version(dataset="final", frame_ids=[Frame.objects.order_by("pts_us").first().pk])
    lock_version(version, user=None)
    row = import_here(folder, name="other")
    assert row.report["held_out"] >= 1
    version.refresh_from_db()
    assert version.annotation_count == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_leaves_nothing_half_done(tmp_path, settings, monkeypatch):
    """A real process with a real SIGKILL in the middle of it; another one goes on."""
    made = write_coco(tmp_path / "set", {f"{i:03d}.jpg": [("person", 1, 1, 9, 9)] for i in range(120)}, size=(640, 480))
    row = request_import(read_request({"root": str(made), "place": "disk"}))
    environment = {**os.environ, "WINNOW_DATA_DIR": str(settings.WINNOW_DATA_DIR)}
    script = (
        "import django; django.setup()\n"
        "from curation.services import importing; importing.BATCH = 4\n"
        "from curation.services.job_kinds import kind_of\n"
        "from curation.services.jobs import claim_job, work_on\n"
        f"job = claim_job({row.job.pk}, worker='child'); work_on(job, kind_of(job), bite_s=None)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment)
    try:
        while child.poll() is None and DataImport.objects.get().report.get("at", 0) < 20:
            time.sleep(0.02)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    so_far = Frame.objects.count()
    assert DataImport.objects.get().report["pictures_new"] == so_far >= 20
    Job.objects.update(lease_until=None, state="queued")
    run_here(Job.objects.get(pk=row.job.pk))
    report = DataImport.objects.get().report
    assert (report["pictures_new"], report["pictures_known"], report["skipped"]) == (120, 0, [])
    assert (Frame.objects.count(), Annotation.objects.count(), Keep.objects.count()) == (120, 120, 120)
