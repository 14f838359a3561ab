"""Uploads that are to be imported: stored under their own folder, and removed once nobody can be using them."""

import errno
import hashlib
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from curation.backends import storage
from curation.models import DataImport, Job, Upload, Video
from curation.services import upload_imports
from curation.services.upload_parts import UploadError, path_of
from curation.services.uploads import append_part, create_upload, expire_uploads, finish_upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
CONTENT = b"no footage at all"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path
    settings.WINNOW_UPLOAD_SPARE_BYTES = 0


@pytest.fixture
def upload():
    begun = create_upload(
        owner=User.objects.create_user("anna"), name="../my labels.zip", size_bytes=len(CONTENT), sha256=SHA256,
        purpose=Upload.Purpose.IMPORT,
    )  # fmt: skip
    return append_part(upload_id=begun.pk, offset=0, length_bytes=len(CONTENT), stream=io.BytesIO(CONTENT))


def test_a_finished_one_lies_in_the_storage_and_is_no_video(upload):
    done = finish_upload(upload_id=upload.pk)
    assert (done.state, done.file) == ("done", f"incoming/{upload.pk}/my labels.zip")
    assert storage.read_bytes(done.file) == CONTENT
    assert not Video.objects.exists()
    assert not path_of(upload.pk).exists()
    assert finish_upload(upload_id=upload.pk).file == done.file


def test_content_other_than_declared_is_not_stored(upload):
    Upload.objects.update(sha256="0" * 64)
    assert finish_upload(upload_id=upload.pk).state == "failed"
    assert Upload.objects.get().file == ""


def test_a_full_disk_leaves_it_open_to_be_finished_again(upload, monkeypatch):
    with monkeypatch.context() as patch:
        full = OSError(errno.ENOSPC, "no space")
        patch.setattr(storage, "put_file", lambda *args, **options: (_ for _ in ()).throw(full))
        with pytest.raises(UploadError) as caught:
            finish_upload(upload_id=upload.pk)
    assert caught.value.code == "disk_full"
    assert finish_upload(upload_id=upload.pk).state == "done"


def test_its_file_goes_after_its_time_but_never_from_under_an_import(upload):
    done = finish_upload(upload_id=upload.pk)
    later = timezone.now() + timedelta(days=3)
    job = Job.objects.create(kind="import", state=Job.State.RUNNING)
    DataImport.objects.create(name="a", format="coco", source=done.file, job=job)
    assert upload_imports.remove_imported(now=timezone.now()) == 0
    assert upload_imports.remove_imported(now=later) == 0
    Job.objects.update(state=Job.State.DONE)
    expire_uploads(now=later)
    gone = Upload.objects.get()
    assert (gone.state, gone.file) == ("done", "")
    assert "Upload it again" in gone.error
    with pytest.raises(FileNotFoundError):
        storage.read_bytes(done.file)
    assert upload_imports.remove_imported(now=later) == 0
