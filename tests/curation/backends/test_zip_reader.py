"""Archives of strangers: what leads out, lies or explodes is never written; the rest is."""

import stat
import struct
import zipfile

import pytest

from curation.backends.zip_reader import ZipLimits, check_archive, unpack
from curation.core.errors import MediaError

FREE = ZipLimits(spare_bytes=0)


def packed(path, members, *, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for member in members:
            name, content, mode = (*member, None)[:3]
            one = zipfile.ZipInfo(name)
            one.compress_type = compression
            if mode is not None:
                one.external_attr = mode << 16
            made.writestr(one, content)
    return path


def unpacked(archive, folder, limits=FREE):
    """Return what lies in the folder, and what was left out with the reason."""
    seen = list(unpack(archive, folder, limits=limits))
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return files, {one.name: one.why for one in seen if one.why}


def test_members_come_out_with_their_progress(tmp_path):
    archive = packed(tmp_path / "a.zip", [("a.txt", "1"), ("b/", ""), ("b/c.txt", "2")])
    assert [(u.name, u.done, u.total) for u in unpack(archive, tmp_path / "out", limits=FREE)] == [
        ("a.txt", 1, 2), ("b/c.txt", 2, 2),
    ]  # fmt: skip
    assert unpacked(archive, tmp_path / "out") == ({"a.txt": b"1", "b/c.txt": b"2"}, {})


def test_an_empty_archive_is_none_of_ours_to_refuse(tmp_path):
    assert unpacked(packed(tmp_path / "a.zip", []), tmp_path / "out") == ({}, {})


ESCAPES = ["../a.txt", "a/../../b.txt", "/etc/passwd", "..", "a\\..\\b", "C:/a.txt", "c:a.txt"]


@pytest.mark.parametrize("name", [*ESCAPES, "d/" * 40 + "a.txt", "x" * 300])
def test_names_that_lead_out_are_left_out(tmp_path, name):
    archive = packed(tmp_path / "a.zip", [(name, "evil"), ("good.txt", "1")])
    files, left_out = unpacked(archive, tmp_path / "out")
    assert files == {"good.txt": b"1"}
    assert "name" in left_out[name]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "out"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_left_out(tmp_path, kind):
    archive = packed(tmp_path / "a.zip", [("link", "/etc", kind | 0o777), ("link/passwd", "evil"), ("good.txt", "1")])
    files, left_out = unpacked(archive, tmp_path / "out")
    assert left_out == {"link": "a link or device in the archive"}
    assert files == {"link/passwd": b"evil", "good.txt": b"1"}
    assert not (tmp_path / "out" / "link").is_symlink()


def test_a_name_that_comes_twice_counts_once(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = packed(tmp_path / "a.zip", [("a.txt", "1"), ("a.txt", "2")])
    assert unpacked(archive, tmp_path / "out") == ({"a.txt": b"1"}, {"a.txt": "the archive has it twice"})


def test_a_file_and_a_folder_of_one_name(tmp_path):
    archive = packed(tmp_path / "a.zip", [("a", "1"), ("a/b.txt", "2"), ("good.txt", "3")])
    files, left_out = unpacked(archive, tmp_path / "out")
    assert files == {"a": b"1", "good.txt": b"3"}
    assert "folder" in left_out["a/b.txt"]


def test_encrypted_members_are_left_out(tmp_path):
    archive = packed(tmp_path / "a.zip", [("a.txt", "secret"), ("b.txt", "1")])
    content = bytearray(archive.read_bytes())
    content[6] |= 1
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    archive.write_bytes(content)
    assert unpacked(archive, tmp_path / "out") == ({"b.txt": b"1"}, {"a.txt": "it is encrypted"})


def test_a_damaged_member_does_not_stop_the_rest(tmp_path):
    archive = packed(tmp_path / "a.zip", [("a.txt", "A" * 500), ("b.txt", "1")], compression=zipfile.ZIP_STORED)
    archive.write_bytes(archive.read_bytes().replace(b"AAAA", b"AABA", 1))
    files, left_out = unpacked(archive, tmp_path / "out")
    assert files == {"b.txt": b"1"}
    assert "CRC" in left_out["a.txt"]


def test_a_header_that_says_too_small_a_size_is_found_out(tmp_path):
    archive = packed(tmp_path / "a.zip", [("a.txt", "A" * 50_000), ("b.txt", "1")])
    content = archive.read_bytes().replace(struct.pack("<I", 50_000), struct.pack("<I", 10))
    archive.write_bytes(content)
    files, left_out = unpacked(archive, tmp_path / "out")
    assert files == {"b.txt": b"1"}
    assert left_out["a.txt"]


@pytest.mark.parametrize(
    "limits, code",
    [
        (ZipLimits(members=1, spare_bytes=0), "too_large"),
        (ZipLimits(total_bytes=1999, spare_bytes=0), "too_large"),
        (ZipLimits(ratio=3, ratio_from_bytes=1000, spare_bytes=0), "bomb"),
        (ZipLimits(spare_bytes=1 << 60), "disk_full"),
    ],
)
def test_an_archive_past_the_limits_is_refused_before_anything_is_written(tmp_path, limits, code):
    archive = packed(tmp_path / "a.zip", [("a.txt", "A" * 1000), ("b.txt", "A" * 1000)])
    with pytest.raises(MediaError) as caught:
        list(unpack(archive, tmp_path / "out", limits=limits))
    assert caught.value.code == code
    if code != "disk_full":  # looking into it needs no room
        with pytest.raises(MediaError, match=str(caught.value)):
            check_archive(archive, limits=limits)
    assert not list((tmp_path / "out").rglob("*")) if (tmp_path / "out").exists() else True


def test_a_bomb_of_zeros_is_refused_by_the_usual_limits(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for index in range(6):
            made.writestr(f"{index}.txt", bytes(50 << 20))
    with pytest.raises(MediaError) as caught:
        list(unpack(tmp_path / "bomb.zip", tmp_path / "out"))
    assert caught.value.code == "bomb"


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + bytes(50), b"no archive at all" * 99])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(MediaError) as caught:
        list(unpack(tmp_path / "a.zip", tmp_path / "out"))
    assert caught.value.code == "no_archive"
    with pytest.raises(MediaError, match="Pack it again"):
        check_archive(tmp_path / "a.zip")


def test_an_archive_cut_short_is_refused(tmp_path):
    archive = packed(tmp_path / "a.zip", [("a.txt", "A" * 1000)])
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(MediaError, match="Pack it again"):
        list(unpack(archive, tmp_path / "out"))


def test_unpacking_goes_on_where_it_stopped(tmp_path):
    archive = packed(tmp_path / "a.zip", [(f"{i}.txt", f"content {i}") for i in range(4)])
    half = unpack(archive, tmp_path / "out", limits=FREE)
    next(half)
    next(half)
    half.close()
    first = (tmp_path / "out" / "0.txt").stat().st_mtime_ns
    files, _ = unpacked(archive, tmp_path / "out")
    assert files == {f"{i}.txt": f"content {i}".encode() for i in range(4)}
    assert (tmp_path / "out" / "0.txt").stat().st_mtime_ns == first
