"""The table of frames as a file: taken where it helps, never trusted where it could be wrong."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from curation.models import Frame
from curation.services import frame_file, frame_table
from curation.services.frame_rows import this_moment
from curation.services.frame_stamps import mend_changed_xids
from curation.services.frame_table import current, frame_count, matching
from tests.factories import FrameFactory, VideoFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path, settings, monkeypatch):
    """The files' folder; already a few frames are worth a file."""
    settings.WINNOW_DATA_DIR = tmp_path
    monkeypatch.setattr(frame_table, "FILE_FROM_FRAMES", 5)
    return tmp_path / "cache" / "frame_table"


@pytest.fixture
def frames(folder):
    video = VideoFactory()
    return [FrameFactory(video=video, tags={"lighting": "dim", "blur": n / 3, "people": "?"}) for n in range(10)]


def only(folder):
    (file,) = folder.glob("*.frames")
    return file


def start_again():
    """Return the table as a process that has just started gets it."""
    frame_table.forget()
    return current()


def loads(monkeypatch):
    """Count how often all is loaded."""
    counted = []
    load = frame_table.load
    monkeypatch.setattr(frame_table, "load", lambda *given: counted.append(1) or load(*given))
    return counted


def test_a_process_that_starts_takes_the_file_and_catches_up(frames, folder, monkeypatch):
    before = current()
    counted = loads(monkeypatch)
    assert start_again().frames.equals(before.frames)

    Frame.objects.filter(pk=frames[0].pk).update(tags={"lighting": "dark"})
    frames[1].delete()
    new = FrameFactory(tags={"lighting": "dark"})
    after = start_again()

    assert after.ids[matching("lighting:dark", table=after)].tolist() == [frames[0].pk, new.pk]
    assert after.odd["id"].to_list() == [frame.pk for frame in frames[2:]]
    assert counted == []
    assert (folder.stat().st_mode & 0o777, only(folder).stat().st_mode & 0o777) == (0o700, 0o600)


def test_few_frames_are_not_worth_a_file(folder):
    FrameFactory()
    current()
    assert not list(folder.glob("*.frames"))


def test_a_file_that_fell_behind_is_written_anew(frames, folder):
    current()
    first = only(folder).read_bytes()
    Frame.objects.filter(pk=frames[0].pk).update(pts_us=1)
    current()
    assert only(folder).read_bytes() == first
    Frame.objects.update(width_px=1)
    current()
    assert only(folder).read_bytes() != first
    assert frame_file.read(this_moment().database).table.frames.equals(current().frames)
    assert not list(folder.glob("*.new"))


DAMAGE = {
    "empty": lambda content: b"",
    "cut short": lambda content: content[:-100],
    "a bit flipped": lambda content: content[:-500] + bytes([content[-500] ^ 1]) + content[-499:],
    "a head of nonsense": lambda content: content.split(b"\n")[0] + b"\n{]\n" + content.split(b"\n", 2)[2],
    "no head": lambda content: content.split(b"\n", 2)[2],
    "another version": lambda content: content.replace(b"winnow frames 1\n", b"winnow frames 0\n"),
    "a head that lacks things": lambda content: content.split(b"\n")[0] + b"\n{}\n" + content.split(b"\n", 2)[2],
    "text": lambda content: b"hello",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_not_used(frames, folder, damage, monkeypatch, caplog):
    before = current()
    only(folder).write_bytes(DAMAGE[damage](only(folder).read_bytes()))
    counted = loads(monkeypatch)

    assert start_again().frames.equals(before.frames)

    assert counted == [1]
    assert "is not used" in caplog.text
    assert start_again().frames.equals(before.frames)
    assert counted == [1]  # a good file took its place


def test_another_databases_file_is_not_used(frames, folder, monkeypatch):
    before = current()
    written = only(folder).read_bytes()
    database = this_moment().database
    only(folder).write_bytes(written.replace(database.encode(), b"1" + database.encode()[1:], 1))
    counted = loads(monkeypatch)
    assert start_again().frames.equals(before.frames)
    assert counted == [1]


def test_a_file_that_knows_more_than_the_database_is_not_used(frames, folder, monkeypatch):
    """As where a backup came back: the same database, with other frames."""
    current()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # leaves no trace
        cursor.execute("DELETE FROM curation_frame WHERE id = %s", [frames[0].pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    counted = loads(monkeypatch)
    assert len(start_again()) == 9
    assert len(start_again()) == 9
    assert counted == [1]


def test_a_file_from_the_future_is_removed_when_the_service_starts(frames, folder):
    current()
    synced = frame_file.read(this_moment().database)
    later = this_moment().xmax + 10**6
    moment = synced.moment.__class__(synced.moment.database, synced.moment.place, later, ())
    frame_file.save(synced.__class__(synced.table, moment, synced.cameras))
    mend_changed_xids()
    assert not list(folder.glob("*.frames"))
    assert len(start_again()) == 10


def test_in_a_transaction_the_file_is_used_too(frames, folder, monkeypatch):
    current()
    frame_table.forget()
    counted = loads(monkeypatch)
    with frame_table.one_look():
        assert len(current()) == 10
        assert frame_count("lighting:dim") == 10
    assert counted == []


def test_a_folder_that_cannot_be_written_is_no_harm(frames, folder, caplog):
    folder.parent.write_text("in the way")
    assert len(current()) == 10
    assert "was not written" in caplog.text
    assert len(start_again()) == 10


def test_those_who_start_together_wait_for_one_another(frames, folder):
    database = this_moment().database
    entered = threading.Event()

    def enter():
        with frame_file.one_process(database):
            entered.set()

    with ThreadPoolExecutor(1) as thread:
        with frame_file.one_process(database):
            waiting = thread.submit(enter)
            assert not entered.wait(0.2)
        waiting.result(timeout=60)
    assert entered.is_set()
