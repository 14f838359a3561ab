"""Uploads: every byte that was acknowledged is there, and nothing else is."""

import hashlib
import io
import os
import threading
import time
import unicodedata
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import IngestError, MediaError
from curation.models import Upload
from curation.services import upload_limits, upload_parts
from curation.services.upload_parts import UploadError, folder, path_of
from curation.services.uploads import (
    append_part,
    cancel_upload,
    clean_name,
    create_upload,
    expire_uploads,
    finish_upload,
)
from tests.factories import VideoFactory

CONTENT = bytes(range(256)) * 40
REGISTER = "curation.services.ingest.register"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.WINNOW_DATA_DIR = tmp_path
    settings.WINNOW_UPLOAD_SPARE_BYTES = 0


@pytest.fixture
def owner(db):
    return User.objects.create_user("ada")


@pytest.fixture
def upload(owner):
    return create_upload(owner=owner, name="gate.mp4", camera="gate", size_bytes=len(CONTENT), sha256=SHA256)


@pytest.fixture
def registered(monkeypatch):
    """Takes the place of ingest.register, and keeps what it was given."""
    calls = []

    def register(*, path, name, camera, recorded_at):
        calls.append(SimpleNamespace(content=path.read_bytes(), name=name, camera=camera, recorded_at=recorded_at))
        return SimpleNamespace(video=VideoFactory(), is_new=True)

    monkeypatch.setattr(REGISTER, register)
    return calls


def _send(upload, offset, part, **options):
    return append_part(upload_id=upload.pk, offset=offset, length_bytes=len(part), stream=io.BytesIO(part), **options)


def _code(call, *args, **kwargs):
    with pytest.raises(UploadError) as caught:
        call(*args, **kwargs)
    return caught.value.code


def _files():
    return sorted(path.name for path in folder().iterdir())


def test_parts_become_the_file_and_the_file_a_video(upload, registered):
    assert _send(upload, 0, CONTENT[:4000]).received_bytes == 4000
    assert _send(upload, 4000, CONTENT[4000:]).received_bytes == len(CONTENT)
    done = finish_upload(upload_id=upload.pk)
    assert (done.state, done.error) == ("done", "")
    assert done.video_id
    assert [(call.content, call.name, call.camera) for call in registered] == [(CONTENT, "gate.mp4", "gate")]
    assert _files() == []


def test_finishing_again_answers_the_same_and_does_nothing(upload, registered):
    _send(upload, 0, CONTENT)
    first, second = finish_upload(upload_id=upload.pk), finish_upload(upload_id=upload.pk)
    assert first.video_id == second.video_id
    assert len(registered) == 1


@pytest.mark.parametrize("offset", [0, 999, 1001, 5000])
def test_a_wrong_offset_is_told_the_right_one(upload, offset):
    _send(upload, 0, CONTENT[:1000])
    with pytest.raises(UploadError, match="begins at 1000") as caught:
        _send(upload, offset, CONTENT[:10])
    assert (caught.value.code, caught.value.received_bytes) == ("wrong_offset", 1000)
    assert path_of(upload.pk).read_bytes() == CONTENT[:1000]


def test_a_part_sent_twice_counts_once(upload):
    _send(upload, 0, CONTENT[:100])
    assert _code(_send, upload, 0, CONTENT[:100]) == "wrong_offset"
    _send(upload, 100, CONTENT[100:200])
    assert path_of(upload.pk).read_bytes() == CONTENT[:200]


def test_more_bytes_than_declared_are_refused_before_one_is_read(upload):
    class Untouched:
        def read(self, size):
            raise AssertionError("read")

    code = _code(append_part, upload_id=upload.pk, offset=0, length_bytes=len(CONTENT) + 1, stream=Untouched())
    assert code == "too_many_bytes"


def test_a_part_may_not_be_larger_than_the_limit(upload, settings):
    settings.WINNOW_UPLOAD_PART_BYTES = 100
    assert _code(_send, upload, 0, CONTENT[:101]) == "part_too_big"


@pytest.mark.parametrize("sent", [0, 1, 99])
def test_a_part_that_breaks_off_leaves_nothing(upload, sent):
    stream = io.BytesIO(CONTENT[:sent])
    assert _code(append_part, upload_id=upload.pk, offset=0, length_bytes=100, stream=stream) == "short_part"
    assert Upload.objects.get().received_bytes == 0
    assert _files() == []


def test_a_wrong_part_checksum_leaves_nothing(upload):
    assert _code(_send, upload, 0, CONTENT[:10], sha256="0" * 64) == "checksum"
    assert _files() == []
    right = hashlib.sha256(CONTENT[:10]).hexdigest().upper()
    assert _send(upload, 0, CONTENT[:10], sha256=right).received_bytes == 10


def test_bytes_that_a_crash_left_past_the_offset_are_cut_off(upload, monkeypatch, registered):
    _send(upload, 0, CONTENT[:1000])
    with path_of(upload.pk).open("ab") as file:  # what a server writes that dies before it saves the row
        file.write(b"left over" * 1000)
    _send(upload, 1000, CONTENT[1000:])
    assert finish_upload(upload_id=upload.pk).state == "done"
    assert registered[0].content == CONTENT


def test_a_file_that_vanished_is_not_filled_up_with_zeros(upload):
    _send(upload, 0, CONTENT[:1000])
    path_of(upload.pk).unlink()
    assert _code(_send, upload, 1000, CONTENT[1000:]) == "lost"


def test_a_full_disk_is_said_and_the_part_can_come_again(upload, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    _send(upload, 0, CONTENT[:1000])
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert _code(_send, upload, 1000, CONTENT[1000:]) == "disk_full"
    assert Upload.objects.get().received_bytes == 1000
    assert _send(upload, 1000, CONTENT[1000:]).received_bytes == len(CONTENT)
    assert path_of(upload.pk).read_bytes() == CONTENT


def test_a_large_part_is_read_by_blocks(upload, owner):
    sizes = []

    class Stream:
        def read(self, size):
            sizes.append(size)
            return b"x" * size

    large = create_upload(owner=owner, name="a.mp4", camera="gate", size_bytes=5 << 20)
    append_part(upload_id=large.pk, offset=0, length_bytes=5 << 20, stream=Stream())
    assert max(sizes) == 1 << 20


def test_a_wrong_whole_checksum_fails_the_upload(owner, registered):
    upload = create_upload(owner=owner, name="a.mp4", camera="gate", size_bytes=len(CONTENT))
    _send(upload, 0, CONTENT)
    failed = finish_upload(upload_id=upload.pk, sha256="0" * 64)
    assert failed.state == "failed"
    assert SHA256 in failed.error
    assert not registered
    assert _files() == []
    assert finish_upload(upload_id=upload.pk, sha256=SHA256).state == "failed"  # nothing leads back


def test_the_checksum_cannot_be_left_out_or_changed(owner, upload):
    bare = create_upload(owner=owner, name="a.mp4", camera="gate", size_bytes=3)
    _send(bare, 0, b"abc")
    assert _code(finish_upload, upload_id=bare.pk) == "sha256_missing"
    _send(upload, 0, CONTENT)
    assert _code(finish_upload, upload_id=upload.pk, sha256="0" * 64) == "sha256_changed"


def test_an_unfinished_upload_cannot_be_finished(upload):
    _send(upload, 0, CONTENT[:-1])
    assert _code(finish_upload, upload_id=upload.pk) == "incomplete"


def test_what_is_not_footage_fails_with_its_reason(upload, monkeypatch):
    def register(**_):
        raise MediaError("no_video", "There is no video in this file.")

    monkeypatch.setattr(REGISTER, register)
    _send(upload, 0, CONTENT)
    failed = finish_upload(upload_id=upload.pk)
    assert (failed.state, failed.error) == ("failed", "There is no video in this file.")
    assert _files() == []


def test_a_failure_that_is_not_in_the_file_leaves_the_upload_open(upload, monkeypatch, registered):
    def register(**_):
        raise IngestError("The storage does not answer.")

    _send(upload, 0, CONTENT)
    with monkeypatch.context() as patched:
        patched.setattr(REGISTER, register)
        assert _code(finish_upload, upload_id=upload.pk) == "ingest"
    assert finish_upload(upload_id=upload.pk).state == "done"


def test_sizes_are_limited(owner, settings):
    settings.WINNOW_UPLOAD_MAX_BYTES = 1000
    assert _code(create_upload, owner=owner, name="a", camera="gate", size_bytes=1001) == "too_big"
    assert _code(create_upload, owner=owner, name="a", camera="gate", size_bytes=0) == "empty"


def test_room_is_reserved_when_an_upload_begins(owner, settings):
    settings.WINNOW_UPLOAD_OPEN_BYTES = 1000
    first = create_upload(owner=owner, name="a", camera="gate", size_bytes=600)
    assert _code(create_upload, owner=owner, name="b", camera="gate", size_bytes=401) == "quota"
    cancel_upload(upload_id=first.pk)
    create_upload(owner=owner, name="b", camera="gate", size_bytes=401)


def test_one_user_cannot_open_uploads_without_end(owner, settings):
    settings.WINNOW_UPLOAD_OPEN_COUNT = 2
    for _ in range(2):
        create_upload(owner=owner, name="a", camera="gate", size_bytes=1)
    assert _code(create_upload, owner=owner, name="a", camera="gate", size_bytes=1) == "quota"
    create_upload(owner=User.objects.create_user("bob"), name="a", camera="gate", size_bytes=1)


def test_what_others_have_yet_to_send_is_not_given_away(owner, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    first = create_upload(owner=owner, name="a", camera="gate", size_bytes=600)
    assert _code(create_upload, owner=owner, name="b", camera="gate", size_bytes=401) == "disk_full"
    _send(first, 0, b"x" * 600)  # now it is on the disk, and no longer to come
    create_upload(owner=owner, name="b", camera="gate", size_bytes=401)


def test_uploads_expire_unless_parts_come(owner, upload):
    old = create_upload(owner=owner, name="old.mp4", camera="gate", size_bytes=10)
    _send(old, 0, b"12345")
    late = timezone.now() + timedelta(seconds=upload_limits.limits().ttl_s + 60)
    Upload.objects.filter(pk=upload.pk).update(expires_at=late + timedelta(hours=1))
    assert expire_uploads(now=late) == 1
    old.refresh_from_db()
    assert old.state == "expired"
    assert _code(_send, old, 5, b"67890") == "not_open"
    assert _code(finish_upload, upload_id=old.pk, sha256=SHA256) == "not_open"
    assert Upload.objects.get(pk=upload.pk).state == "open"
    assert _files() == []


def test_a_part_puts_the_end_off_and_an_expired_upload_takes_none(upload):
    Upload.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    _send(upload, 0, b"x")
    assert Upload.objects.get().expires_at > timezone.now() + timedelta(hours=1)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert _code(_send, upload, 1, b"x") == "not_open"


def test_files_that_nobody_owns_are_removed_once_they_are_old(upload):
    _send(upload, 0, b"x")
    strays = [path_of(uuid4()), folder() / "left.spool"]
    others = [folder() / "notes.txt", path_of(uuid4())]
    for path in [*strays, *others]:
        path.write_bytes(b"x")
    old = time.time() - upload_limits.limits().ttl_s - 60
    for path in [*strays, others[0], path_of(upload.pk)]:
        os.utime(path, (old, old))
    assert expire_uploads() == 0
    assert _files() == sorted(path.name for path in [*others, path_of(upload.pk)])


def test_cancelling_frees_all_but_a_video_stays(owner, upload, registered):
    other = create_upload(owner=owner, name="a.mp4", camera="gate", size_bytes=10)
    _send(other, 0, b"x")
    cancel_upload(upload_id=other.pk)
    assert not Upload.objects.filter(pk=other.pk).exists()
    assert _files() == []
    _send(upload, 0, CONTENT)
    finish_upload(upload_id=upload.pk)
    assert _code(cancel_upload, upload_id=upload.pk) == "not_open"


def _at_once(*calls):
    """Run calls in threads with connections of their own; gives what they returned or raised."""
    results, start = [None for _ in calls], threading.Barrier(len(calls))

    def work(index, call):
        start.wait()
        try:
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_one_wins_and_the_other_is_told_where_to_go_on():
    owner = User.objects.create_user("ada")
    upload = create_upload(owner=owner, name="a.mp4", camera="gate", size_bytes=20 * 1000)
    for round_ in range(10):
        offset = round_ * 2000
        parts = [bytes([mark]) * 2000 for mark in (1, 2, 3)]
        results = _at_once(*(partial(_send, upload, offset, part) for part in parts))
        lost = [result for result in results if isinstance(result, UploadError)]
        assert [(error.code, error.received_bytes) for error in lost] == [("wrong_offset", offset + 2000)] * 2
        winner = next(part for part, result in zip(parts, results, strict=True) if isinstance(result, Upload))
        assert path_of(upload.pk).read_bytes()[offset:] == winner


@pytest.mark.django_db(transaction=True)
def test_uploads_that_begin_at_once_cannot_reserve_the_same_room(settings):
    settings.WINNOW_UPLOAD_OPEN_BYTES = 1000
    owner = User.objects.create_user("ada")
    results = _at_once(*[lambda: create_upload(owner=owner, name="a", camera="gate", size_bytes=400)] * 6)
    assert sum(isinstance(result, Upload) for result in results) == 2
    assert [error.code for error in results if isinstance(error, UploadError)] == ["quota"] * 4


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_finished_once_even_if_asked_twice_at_once(monkeypatch):
    made = []

    def register(**_):
        made.append(1)
        time.sleep(0.3)
        return SimpleNamespace(video=VideoFactory(), is_new=True)

    monkeypatch.setattr(REGISTER, register)
    owner = User.objects.create_user("ada")
    upload = create_upload(owner=owner, name="a", camera="gate", size_bytes=len(CONTENT), sha256=SHA256)
    _send(upload, 0, CONTENT)
    results = _at_once(*[lambda: finish_upload(upload_id=upload.pk)] * 2)
    assert len(made) == 1
    assert sorted(getattr(r, "code", getattr(r, "state", "")) for r in results) in (["busy", "done"], ["done", "done"])


@pytest.mark.parametrize(
    "name, clean",
    [
        ("gate.mp4", "gate.mp4"),
        ("../../etc/passwd", "passwd"),
        ("/absolute/x.mp4", "x.mp4"),
        ("C:\\videos\\x.mp4", "x.mp4"),
        ("a\0b.mp4", "ab.mp4"),
        ("$(reboot).mp4", "$(reboot).mp4"),
        ("-rf.mp4", "rf.mp4"),
        (".hidden", "hidden"),
        ("..", "video"),
        ("", "video"),
        ("abc\u202e4pm.exe", "abc4pm.exe"),
        ("x\r\nSet-Cookie: y.mp4", "xSet-Cookie: y.mp4"),
        ("e\u0301te\u0301.mp4", "été.mp4"),
        ("n" * 500 + ".mp4", "n" * 196 + ".mp4"),
    ],
)
def test_names_are_made_harmless(name, clean):
    assert clean_name(name) == clean


@given(st.text(max_size=400))
def test_any_name_comes_out_short_visible_and_stays_as_it_is(name):
    clean = clean_name(name)
    assert 0 < len(clean.encode()) <= 200
    assert not set(clean) & set("/\\\0")
    assert not clean.startswith((".", "-"))
    assert all(unicodedata.category(letter) not in ("Cc", "Cf", "Cs") for letter in clean)
    assert clean_name(clean) == clean


def test_the_folder_is_private(owner, upload):
    assert upload_parts.folder().stat().st_mode & 0o077 == 0
