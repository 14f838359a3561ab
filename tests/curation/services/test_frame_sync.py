"""The table in memory keeps in step with a database that others write to at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection, transaction

from curation.models import Camera, Frame, GoneFrame, Keep
from curation.services import frame_table
from curation.services.fields import searchable_fields, tag_kinds
from curation.services.filtering import frames_matching
from curation.services.frame_rows import read_rows, this_moment
from curation.services.frame_sync import one_look
from curation.services.frame_table import current, frame_count, frames_remembered, matching
from tests.factories import CameraFactory, FrameFactory, OperatingConditionsFactory, VideoFactory

pytestmark = pytest.mark.django_db(transaction=True)
DARK = """UPDATE curation_frame SET tags = '{"lighting": "dark"}' WHERE id = %s"""


@pytest.fixture
def frames():
    video = VideoFactory()
    return [FrameFactory(video=video, tags={"lighting": "dim"}) for _ in range(5)]


@pytest.fixture
def other():
    """Another connection: what another process writes. Its first statement begins a transaction."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as opened:
        yield opened
        opened.rollback()


def assert_in_step():
    """Compare with the database, and with a table that is loaded anew; return how many frames are dark."""
    table = current()
    known = {"ids": table.ids.tolist(), "dark": table.ids[matching("lighting:dark", table=table)].tolist()}
    assert known["ids"] == list(Frame.objects.order_by("id").values_list("pk", flat=True))
    assert known["dark"] == sorted(frames_matching("lighting:dark").values_list("pk", flat=True))
    frame_table.forget()
    anew = current()
    assert anew.frames.equals(table.frames)
    assert anew.odd.equals(table.odd)
    return len(known["dark"])


def read_since(moment):
    """Return how many rows were read that changed since."""
    return sum(map(len, read_rows(tag_kinds(searchable_fields()), since=moment)))


def test_what_is_written_by_anybody_is_seen_at_once(frames, other):
    current()
    other.execute(DARK, [frames[2].pk])
    assert frame_count("lighting:dark") == 0  # not committed yet
    other.commit()
    assert frame_count("lighting:dark") == 1
    FrameFactory(tags={"lighting": "dark"})
    frames[0].delete()
    Frame.objects.filter(pk=frames[1].pk).update(tags={"lighting": ["odd"]})
    assert assert_in_step() == 2


def test_a_writer_that_commits_late_is_not_missed(frames, other):
    current()
    other.execute(DARK, [frames[0].pk])  # takes its number now …
    for number in range(3):  # … and others take later ones and are done before it
        Frame.objects.filter(pk=frames[4].pk).update(pts_us=10**9 + number)
        assert frame_count("lighting:dark") == 0
    other.commit()
    assert frame_count("lighting:dark") == 1
    assert assert_in_step() == 1


def test_a_writer_that_gives_up_leaves_nothing(frames, other):
    current()
    other.execute(DARK, [frames[0].pk])
    other.execute("DELETE FROM curation_frame WHERE id = %s", [frames[1].pk])
    current()
    other.rollback()
    assert assert_in_step() == 0
    assert len(current()) == 5


def test_while_a_writer_takes_long_what_others_wrote_is_not_read_again(frames, other):
    other.execute(DARK, [frames[0].pk])
    Frame.objects.filter(pk=frames[1].pk).update(pts_us=10**9)
    moment = this_moment()
    assert read_since(moment) == 0
    other.commit()
    assert read_since(moment) == 1


def test_what_is_rolled_back_is_not_remembered(frames):
    current()
    with transaction.atomic():
        Frame.objects.filter(pk__in=[f.pk for f in frames[:2]]).update(tags={"lighting": "dark"})
        frames[4].delete()
        assert frame_count("lighting:dark") == 2
        with transaction.atomic():
            FrameFactory(tags={"lighting": "dark"})
            assert frame_count("lighting:dark") == 3
            transaction.set_rollback(True)
        assert frame_count("lighting:dark") == 2
        assert len(current()) == 4
        transaction.set_rollback(True)
    assert assert_in_step() == 0
    assert len(current()) == 5


def test_what_a_transaction_commits_is_seen_by_it_and_after_it(frames):
    with transaction.atomic():
        Frame.objects.filter(pk=frames[0].pk).update(tags={"lighting": "dark"})
        assert frame_count("lighting:dark") == 1
        assert frames_remembered() == 0
    assert assert_in_step() == 1


def test_a_transaction_sees_what_others_commit_meanwhile(frames, other):
    current()
    with transaction.atomic():
        Frame.objects.filter(pk=frames[0].pk).update(tags={"lighting": "dark"})
        other.execute(DARK, [frames[1].pk])
        other.commit()
        assert frame_count("lighting:dark") == frames_matching("lighting:dark").count() == 2


def test_a_transaction_that_keeps_its_first_look_sees_nothing_newer(frames, other):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert frame_count("lighting:dark") == 0
        other.execute(DARK, [frames[1].pk])
        other.commit()
        with ThreadPoolExecutor(1) as thread:  # another request of this process reads it meanwhile
            assert thread.submit(_in_thread, lambda: frame_count("lighting:dark")).result() == 1
        assert frame_count("lighting:dark") == frames_matching("lighting:dark").count() == 0
    assert frame_count("lighting:dark") == 1


def test_all_that_a_look_reads_is_of_one_moment(frames, other):
    with one_look():
        before = read_since(None)
        other.execute("DELETE FROM curation_frame WHERE id = %s", [frames[1].pk])
        other.commit()
        assert read_since(None) == before == 5
    assert read_since(None) == 4


def test_a_truncated_table_is_empty_in_memory_too(frames):
    assert len(current()) == 5
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE curation_frame CASCADE")
    assert len(current()) == 0
    FrameFactory()
    assert assert_in_step() == 0


def test_a_table_that_is_rewritten_is_not_loaded_anew(frames):
    before = current()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL curation_frame")
    assert current().frames is before.frames


def test_nothing_new_is_the_same_table(frames):
    before = current()
    Keep.objects.all().delete()
    CameraFactory()
    assert current().frames.equals(before.frames)


def test_an_id_that_is_given_out_again_is_another_frame(frames):
    current()
    gone = frames[3]
    pk = gone.pk
    gone.delete()
    assert len(current()) == 4
    FrameFactory(id=pk, tags={"lighting": "dark"})
    assert assert_in_step() == 1
    assert GoneFrame.objects.filter(pk=pk).exists()


def test_cameras_are_renamed(frames):
    current()
    Camera.objects.update(name="door")
    assert frame_count("camera:door") == 5
    assert current().frames["camera"].to_list() == ["door"] * 5


def test_fields_come_and_go_and_change_their_kind(frames):
    Frame.objects.filter(pk=frames[0].pk).update(tags={"floor": 2, "fog": True})
    assert "floor" not in current().kinds
    Camera.objects.update(attributes={"floor": 1})
    assert (current().kinds["floor"], frame_count("floor:>1")) == ("number", 1)
    Camera.objects.update(attributes={"floor": "first"})
    assert (current().kinds["floor"], frame_count("floor:2*"), frame_count("floor:first")) == ("text", 1, 0)
    OperatingConditionsFactory(spec={"name": "wet", "factors": {"fog": {"kind": "boolean", "from": "people"}}})
    Camera.objects.update(attributes={})
    Frame.objects.filter(pk=frames[1].pk).update(tags={"fog": True})
    assert frame_count("fog:yes") == 2
    assert "floor" not in current().kinds
    assert assert_in_step() == 0


def test_many_writers_and_readers_at_once(frames):
    stop = threading.Event()

    def write(number):
        for turn in range(15):
            with transaction.atomic():
                Frame.objects.filter(pk=frames[number].pk).update(
                    tags={"lighting": "dark" if turn % 2 else "dim", "blur": turn}
                )
                if turn % 3 == 0:
                    made = FrameFactory(video=frames[0].video, pts_us=10**9 + 100 * number + turn)
                    transaction.set_rollback(turn % 2 == 0)
            if turn % 3 == 0 and turn % 2:
                made.delete()

    def read():
        while not stop.is_set():
            assert len(current()) >= 5

    with ThreadPoolExecutor(5) as threads:
        readers = [threads.submit(_in_thread, read) for _ in range(2)]
        writers = [threads.submit(_in_thread, lambda number=number: write(number)) for number in range(3)]
        for writer in writers:
            writer.result()
        stop.set()
        for reader in readers:
            reader.result()
    assert assert_in_step() == 0


def test_a_server_whose_transactions_went_back_is_loaded_anew(frames):
    current()
    (database, known), *_ = frame_table._synced.items()
    later = known.moment.__class__(database, known.moment.place, known.moment.xmax + 10**6, ())
    frame_table._synced[database] = known.__class__(known.table, later, known.cameras)
    Frame.objects.filter(pk=frames[0].pk).update(tags={"lighting": "dark"})
    assert assert_in_step() == 1


def _in_thread(work):
    try:
        return work()
    finally:
        connection.close()
