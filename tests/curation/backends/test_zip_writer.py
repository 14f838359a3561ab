"""Archives: the same members make the same bytes, whoever was interrupted; any reader understands them."""

import hashlib
import json
import shutil
import subprocess
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.backends import zip_writer
from curation.backends.zip_writer import ZipWriter, list_path, members_of

MEMBERS = [
    ("images/a.jpg", b"\xff\xd8" + bytes(range(256)) * 9, False),
    ("labels/ä ö.txt", b"0 0.5 0.5 1 1\n" * 200, True),
    ("empty.txt", b"", True),
    ("data.yaml", b"names: [a]\n", True),
]


def written(path, members=MEMBERS, *, kept=0):
    with ZipWriter(path, members_kept=kept) as writer:
        for name, content, compress in members[kept:]:
            writer.add(name, content, compress=compress)
        size = writer.finish()
    assert size == path.stat().st_size
    return path.read_bytes()


def read(path):
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        return {one.filename: opened.read(one) for one in opened.infolist()}


def test_pythons_reader_finds_every_member(tmp_path):
    written(tmp_path / "a.zip")
    assert read(tmp_path / "a.zip") == {name: content for name, content, _ in MEMBERS}


@pytest.mark.skipif(not shutil.which("unzip"), reason="unzip is not installed")
def test_info_zip_reads_it_too(tmp_path):
    written(tmp_path / "a.zip")
    assert subprocess.run(["unzip", "-tq", tmp_path / "a.zip"], capture_output=True, check=False).returncode == 0


def test_an_archive_of_nothing_is_one(tmp_path):
    written(tmp_path / "a.zip", [])
    assert read(tmp_path / "a.zip") == {}


def test_the_same_members_make_the_same_bytes(tmp_path):
    assert written(tmp_path / "a.zip") == written(tmp_path / "b.zip")


def test_pictures_are_stored_and_text_is_packed(tmp_path):
    written(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        kinds = {one.filename: one.compress_type for one in opened.infolist()}
        assert kinds["images/a.jpg"] == zipfile.ZIP_STORED
        assert kinds["labels/ä ö.txt"] == zipfile.ZIP_DEFLATED
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("kept", range(len(MEMBERS) + 1))
@pytest.mark.parametrize("torn", [b"", b'{"name": "torn', b"\0" * 999])
def test_going_on_after_a_break_makes_the_same_bytes(tmp_path, kept, torn):
    whole = written(tmp_path / "whole.zip")
    path = tmp_path / "a.zip"
    with ZipWriter(path) as writer:
        for name, content, compress in MEMBERS:
            writer.add(name, content, compress=compress)
    for file in (path, list_path(path)):  # what a killed process left behind the last sync
        file.write_bytes(file.read_bytes() + torn)
    assert written(path, kept=kept) == whole


def test_going_on_from_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="3 members"):
        ZipWriter(tmp_path / "a.zip", members_kept=3)
    with ZipWriter(tmp_path / "b.zip") as writer:
        writer.add("a.txt", b"x" * 99, compress=False)
    (tmp_path / "b.zip").write_bytes(b"short")
    with pytest.raises(FileNotFoundError, match="1 members"):
        ZipWriter(tmp_path / "b.zip", members_kept=1)


def test_the_list_beside_it_tells_size_and_digest(tmp_path):
    written(tmp_path / "a.zip")
    found = [(m.name, m.size_bytes, m.sha256) for m in members_of(tmp_path / "a.zip")]
    assert found == [(name, len(content), hashlib.sha256(content).hexdigest()) for name, content, _ in MEMBERS]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../a", "a/../../b", "a\\b", "x" * 70_000])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with ZipWriter(tmp_path / "a.zip") as writer, pytest.raises(ValueError, match="no name"):
        writer.add(name, b"", compress=False)


def test_names_cannot_collide_even_by_case(tmp_path):
    with ZipWriter(tmp_path / "a.zip") as writer:
        writer.add("Gate.jpg", b"", compress=False)
        for name in ("Gate.jpg", "gate.JPG"):
            with pytest.raises(ValueError, match="would be called"):
                writer.add(name, b"", compress=False)
    with ZipWriter(tmp_path / "a.zip", members_kept=1) as writer, pytest.raises(ValueError, match="would be called"):
        writer.add("GATE.jpg", b"", compress=False)


def test_more_members_than_the_old_format_can_count(tmp_path):
    many = [(f"{i}.txt", b"", False) for i in range(65_600)]
    written(tmp_path / "a.zip", many)
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert len(opened.infolist()) == len(many)
        assert opened.read("65599.txt") == b""


def test_offsets_beyond_the_old_formats_reach(tmp_path, monkeypatch):
    """With the border at 1,000 bytes instead of 4 GiB: every reader takes the long numbers at their word."""
    monkeypatch.setattr(zip_writer, "_MOST_32", 1000)
    raw = zip_writer._central_header
    # The marker that says "look into the long fields" is always all ones, wherever the border is.
    monkeypatch.setattr(
        zip_writer, "_central_header", lambda m: _marked(raw(m), at=42) if m.offset >= 1000 else raw(m)
    )  # fmt: skip
    members = [(f"{i}.txt", bytes([65 + i]) * 400, False) for i in range(6)]
    path = tmp_path / "a.zip"
    content = bytearray(written(path, members))
    content[-6:-2] = b"\xff" * 4  # the same for the directory's own place
    path.write_bytes(content)
    assert read(path) == {name: content for name, content, _ in members}


def _marked(header, *, at):
    return header[:at] + b"\xff" * 4 + header[at + 4 :]


@given(contents=st.lists(st.tuples(st.binary(max_size=300), st.booleans()), max_size=6), cut=st.integers(0, 6))
def test_any_content_survives_with_or_without_a_break(tmp_path_factory, contents, cut):
    folder = tmp_path_factory.mktemp("zip")
    members = [(f"{i}", content, compress) for i, (content, compress) in enumerate(contents)]
    whole = written(folder / "whole.zip", members)
    first = members[: min(cut, len(members))]
    with ZipWriter(folder / "a.zip") as writer:
        for name, content, compress in first:
            writer.add(name, content, compress=compress)
        writer.sync()
    assert written(folder / "a.zip", members, kept=len(first)) == whole
    assert read(folder / "a.zip") == {name: content for name, content, _ in members}
    assert all(json.loads(line) for line in list_path(folder / "a.zip").read_text().splitlines())
