"""What a path says: footage or not, which camera, and when."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import IngestError
from curation.core.naming import camera_from_path, time_from_name, time_from_text, walk


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_is_walked_in_order_and_its_suffixes_tell_footage(tmp_path):
    put(tmp_path, "b.mp4", "a/2.MKV", "a/1.mov", "notes.txt", "noend")
    found = [(file.relative_to(tmp_path).as_posix(), is_footage) for file, is_footage in walk([tmp_path])]
    assert found == [
        ("a/1.mov", True), ("a/2.MKV", True), ("b.mp4", True), ("noend", False), ("notes.txt", False),
    ]  # fmt: skip


def test_hidden_files_are_passed_over_but_not_those_of_a_hidden_folder_that_was_named(tmp_path):
    put(tmp_path, ".cache/a.mp4", ".cache/.b.mp4", "c/.d.mp4", "c/.e/f.mp4", "g.mp4")
    assert [file.name for file, _ in walk([tmp_path])] == ["g.mp4"]
    assert [file.name for file, _ in walk([tmp_path / ".cache"])] == ["a.mp4"]


def test_a_file_that_was_named_is_footage_whatever_its_name(tmp_path):
    put(tmp_path, "recording.dat")
    assert list(walk([tmp_path / "recording.dat"])) == [(tmp_path / "recording.dat", True)]


def test_nothing_is_found_in_nothing(tmp_path):
    assert list(walk([])) == []
    assert list(walk([tmp_path])) == []


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(IngestError, match=r"There is no file or folder .*gone\.mp4"):
        list(walk([tmp_path / "gone.mp4"]))


@pytest.mark.parametrize(
    "pattern, path, camera",
    [
        (r"/cam-(\w+)/", "/disk/cam-gate/1.mp4", "gate"),
        (r"(?P<day>\d+)/(?P<camera>\w+)/", "/disk/0301/yard/1.mp4", "yard"),
        (r"(a)?/(\w+)/1", "/disk/hall/1.mp4", "hall"),
        (r"[a-z]+\d", "/x/door3_0301.mp4", "door3"),
    ],
)
def test_the_camera_is_the_group_of_its_name_or_the_first_or_all_that_matches(pattern, path, camera):
    assert camera_from_path(pattern, Path(path)) == camera


@pytest.mark.parametrize(
    "pattern, says",
    [
        (r"cam-(\d+)", r"finds no camera in /disk/cam-gate/1\.mp4"),
        (r"x*", "finds no camera"),
        (r"cam-(\d*)", "finds no camera"),
        (r"cam-(", "is not a regular expression"),
    ],
)
def test_a_pattern_that_finds_no_camera_says_so(pattern, says):
    with pytest.raises(IngestError, match=says):
        camera_from_path(pattern, Path("/disk/cam-gate/1.mp4"))


def at(*parts, zone=UTC):
    return datetime(*parts, tzinfo=zone)


@pytest.mark.parametrize(
    "pattern, name, moment",
    [
        ("%Y%m%dT%H%M%S", "gate_20260301T074500.mp4", at(2026, 3, 1, 7, 45)),
        ("%Y-%m-%d", "2026-3-1.mp4", at(2026, 3, 1)),
        ("%Y%m%d", "99_20260301.mp4", at(2026, 3, 1)),
        ("%Y%m%d", "120260301.mp4", at(2026, 3, 1)),
        ("%d.%m.%y %I%p", "1.3.26 7PM.mp4", at(2026, 3, 1, 19)),
        ("%Y%j", "2026060.mp4", at(2026, 3, 1)),
        ("%d %b %Y", "1 Mar 2026", at(2026, 3, 1)),
        ("%Y%m%d %z", "20260301 +0130", at(2026, 3, 1, zone=timezone(timedelta(hours=1, minutes=30)))),
        ("%Y%m%d%z", "20260301Z", at(2026, 3, 1)),
        ("%Y%m%d (%H.%M)", "20260301 (07.45).mp4", at(2026, 3, 1, 7, 45)),
        ("100%% %Y", "100% 2026", at(2026, 1, 1)),
        ("%H%M%S.%f %Y", "074500.25 2026", at(2026, 1, 1, 7, 45, 0, 250_000)),
    ],
)
def test_the_time_is_read_out_of_a_name(pattern, name, moment):
    assert time_from_name(pattern, name) == moment


@pytest.mark.parametrize(
    "pattern, name, says",
    [
        ("%Y%m%d", "gate.mp4", "finds no time in 'gate.mp4'"),
        ("%Y%m%d", "", "finds no time in ''"),
        ("%Y-%m-%d", "2026-13-99", "finds no time"),
        ("%Q", "gate.mp4", "%Q is not known; use %Y %m %d"),
        ("%Y_%Y", "2026_2026", "finds no time"),
        ("%Y%", "2026%", "finds no time"),
        ("", "gate.mp4", "has no year; use %Y or %y"),
        ("gate", "gate.mp4", "has no year; use %Y or %y"),
        ("%H%M", "gate_0745.mp4", "has no year; use %Y or %y"),
    ],
)
def test_a_name_without_the_time_says_so(pattern, name, says):
    with pytest.raises(IngestError, match=says):
        time_from_name(pattern, name)


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)), st.text("abc_- .", max_size=8))
def test_a_time_that_was_written_is_read_again(moment, around):
    pattern = "%Y-%m-%dT%H.%M.%S.%f"
    assert time_from_name(pattern, f"{around}{moment.strftime(pattern)}{around}.mp4") == moment


@given(st.text("%YmdHyjfzx2._", max_size=10), st.text("0123456789_%.", max_size=16))
def test_any_pattern_gives_a_time_or_a_word(pattern, name):
    with suppress(IngestError):
        assert time_from_name(pattern, name).tzinfo is not None


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-03-01T07:45:00+01:00", at(2026, 3, 1, 6, 45)),
        ("2026-03-01T07:45:00Z", at(2026, 3, 1, 7, 45)),
        ("2026-03-01 07:45", at(2026, 3, 1, 7, 45)),
        ("2026-03-01", at(2026, 3, 1)),
    ],
)
def test_written_time_is_utc_unless_it_says_otherwise(text, moment):
    assert time_from_text(text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01"])
def test_text_that_is_no_time_is_refused(text):
    with pytest.raises(IngestError, match="is not a time; write it like"):
        time_from_text(text)
