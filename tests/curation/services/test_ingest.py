"""Taking files in: one content is one video, and what fails leaves nothing."""

import hashlib
import shutil
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from curation.backends.decode.probe import hash_file
from curation.core.errors import IngestError, MediaError
from curation.models import Camera, Video
from curation.services import ingest
from curation.services.ingest import camera_name, register, register_stored
from curation.services.ingest_report import Taken, as_json
from tests.factories import IntervalFactory, RunFactory

MOMENT = datetime(2026, 3, 1, 7, 45, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _storage(media, db):
    pass


@pytest.fixture
def clip(tiny_footage, tmp_path):
    """A file of the test's own."""
    return shutil.copy(tiny_footage, tmp_path / "clip.mp4")


def stored(media):
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def test_a_file_becomes_a_video(clip, media):
    found = register(path=clip, name="clip.mp4", camera="Gate 2 (north)", recorded_at=MOMENT)
    video = found.video
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert found.is_new
    assert (video.sha256, video.name, video.camera.name) == (sha256, "clip.mp4", "gate-2-north")
    assert (video.width_px, video.height_px, video.fps, video.duration_s) == (320, 180, 10.0, 20.0)
    assert (video.header_frames, video.packets, video.decoded_frames) == (200, 200, None)
    assert video.at(1_500_000) == datetime(2026, 3, 1, 7, 45, 1, 500_000, tzinfo=UTC)
    assert stored(media) == [video.file]
    assert hash_file(media / video.file) == sha256


def test_the_same_content_is_the_same_video_whatever_it_is_called(clip, media, tmp_path):
    first = register(path=clip, name="clip.mp4", camera="gate")
    other = shutil.copy(clip, tmp_path / "other name.mkv")
    again = register(path=other, name="other name.mkv", camera="yard")
    assert (again.video.pk, again.is_new) == (first.video.pk, False)
    assert again.video.name == "clip.mp4"
    assert not Camera.objects.filter(name="yard").exists()
    assert len(stored(media)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_takes_it_in(clip, media):
    start, found, failures = threading.Barrier(4), [], []

    def race(number):
        try:
            start.wait()
            found.append(register(path=clip, name=f"{number}.mp4", camera="gate"))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(one.is_new for one in found) == [False, False, False, True]
    assert Video.objects.count() == 1
    assert stored(media) == [Video.objects.get().file]


@pytest.mark.parametrize("content", [b"", b"x", b"not a video at all" * 99, b"GIF89a" + bytes(99)])
def test_what_is_no_footage_leaves_nothing(content, media, tmp_path):
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError):
        register(path=path, name="bad.mp4", camera="gate")
    assert not Video.objects.exists()
    assert not Camera.objects.exists()
    assert stored(media) == []


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(IngestError, match=r"gone\.mp4 cannot be read: No such file"):
        register(path=tmp_path / "gone.mp4", name="gone.mp4", camera="gate")


@pytest.mark.parametrize("camera", ["", "???", "…"])
def test_a_camera_without_a_name_leaves_nothing(clip, media, camera):
    with pytest.raises(IngestError, match="makes no camera name"):
        register(path=clip, name="clip.mp4", camera=camera)
    assert stored(media) == []


def grow_after_the_first_look(monkeypatch, path):
    """Let a camera go on writing while the file is taken in: it is longer once it has been probed."""
    probe = ingest.probe

    def probe_and_grow(asked):
        found = probe(asked)
        with path.open("ab") as file:
            file.write(b"more footage")
        return found

    monkeypatch.setattr(ingest, "probe", probe_and_grow)


def test_a_file_that_changes_while_it_is_read_leaves_nothing(clip, media, monkeypatch):
    grow_after_the_first_look(monkeypatch, clip)
    with pytest.raises(IngestError, match="changed while it was read"):
        register(path=clip, name="clip.mp4", camera="gate")
    assert not Video.objects.exists()
    assert stored(media) == []


def test_a_file_that_changes_does_no_harm_to_one_that_was_taken_in_meanwhile(clip, media, monkeypatch, tiny_footage):
    grow_after_the_first_look(monkeypatch, clip)
    grown = ingest.probe

    def probe_while_another_registers(asked):
        monkeypatch.undo()
        other.append(register(path=tiny_footage, name="other.mp4", camera="gate").video)
        return grown(asked)

    other = []
    monkeypatch.setattr(ingest, "probe", probe_while_another_registers)
    with pytest.raises(IngestError, match="changed while it was read"):
        register(path=clip, name="clip.mp4", camera="gate")
    assert hash_file(media / other[0].file) == other[0].sha256


def test_a_stored_file_is_taken_in_where_it_lies(clip, media):
    (media / "incoming").mkdir(parents=True)
    shutil.copy(clip, media / "incoming" / "a.mp4")
    found = register_stored(key="incoming/a.mp4", name="a.mp4", camera="gate")
    assert (found.is_new, found.video.file) == (True, "incoming/a.mp4")
    assert stored(media) == ["incoming/a.mp4"]
    assert register(path=clip, name="clip.mp4", camera="gate").video == found.video


@pytest.mark.parametrize("key", ["incoming/none.mp4", "../clip.mp4", "/etc/passwd"])
def test_a_key_that_is_not_in_the_storage_is_told(key):
    with pytest.raises(IngestError):
        register_stored(key=key, name="a.mp4", camera="gate")


@pytest.mark.parametrize(
    "text, name",
    [
        ("gate", "gate"),
        ("Gate 2 (north)", "gate-2-north"),
        ("../../etc", "etc"),
        ("a/b", "a-b"),
        ("x" * 200, "x" * 80),
        (".hidden", "hidden"),
    ],
)
def test_camera_names_are_harmless(text, name):
    assert camera_name(text) == name


def test_names_are_shown_not_used(clip):
    video = register(path=clip, name="a\u202egpj.\n" + "x" * 300, camera="gate").video
    assert video.name == ("agpj." + "x" * 300)[-255:]


def test_the_report_of_a_file_that_failed():
    assert as_json([Taken("a.mp4", error="No footage.")]) == {
        "videos": [
            {
                "path": "a.mp4", "id": None, "sha256": None, "status": "failed", "error": "No footage.",
                "decoded_frames": None, "header_frames": None, "duration_s": None, "run": None,
            }
        ]
    }  # fmt: skip


def test_the_report_lists_intervals_in_order_of_stages():
    spec = {"stages": [{"name": "motion", "kind": "motion"}, {"name": "apples", "kind": "objects"}]}
    run = RunFactory(
        spec=spec, stages=[{"name": "motion", "frames_in": 5, "frames_out": 2, "cpu_s": 1.0, "duration_s": 9}]
    )
    for stage, start_s in (("apples", 1.0), ("motion", 5.0), ("motion", 0.0)):
        IntervalFactory(run=run, stage=stage, start_s=start_s, end_s=start_s + 1, peak_score=0.123456)
    (video,) = as_json([Taken("a.mp4", video=run.video, run=run)])["videos"]
    assert [(i["stage"], i["start_s"]) for i in video["run"]["intervals"]] == [
        ("motion", 0.0), ("motion", 5.0), ("apples", 1.0),
    ]  # fmt: skip
    assert video["run"]["intervals"][0]["peak"] == 0.1235
    assert video["run"]["stages"] == [{"name": "motion", "frames_in": 5, "frames_out": 2, "cpu_s": 1.0}]


@pytest.mark.parametrize("status, failed", [("done", False), ("queued", False), ("failed", True), ("cancelled", True)])
def test_a_run_that_did_not_end_well_is_a_failure(status, failed):
    run = RunFactory(status=status)
    taken = Taken("a.mp4", video=run.video, run=run)
    assert (taken.status, taken.failed) == (status, failed)
    assert Taken("a.mp4", video=run.video).status == "registered"
