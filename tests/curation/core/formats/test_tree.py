import io
import struct
import zipfile

import pytest

from curation.core.formats import FormatError, Skips, detect
from curation.core.formats.opening import Shelf, open_tree, split_in
from curation.core.formats.picture_size import picture_size
from curation.core.formats.tree import Tree
from tests.curation.core.formats.pictures import KINDS, picture_bytes, put


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_files_are_found_in_a_folder_in_an_archive_and_alone(tmp_path):
    put(tmp_path, "data/b/x.txt", "x")
    put(tmp_path, "data/a.jpg", "a")
    put(tmp_path, "data/.hidden", "a")
    put(tmp_path, "data/.git/a.jpg", "a")
    archive = zipped(tmp_path / "data.zip", [("b/x.txt", "x"), ("a.jpg", "a"), ("__MACOSX/a.jpg", "a"), (".b", "b")])
    for root in (tmp_path / "data", archive):
        tree = Tree(root)
        assert tree.names == ("a.jpg", "b/x.txt")
        assert (tree.pictures, tree.read("b/x.txt"), tree.refused) == (("a.jpg",), b"x", [])
    alone = Tree(tmp_path / "data" / "a.jpg")
    assert (alone.names, alone.read("a.jpg")) == (("a.jpg",), b"a")


def test_nothing_outside_the_folder_is_read(tmp_path):
    put(tmp_path, "secret/a.jpg", "secret")
    put(tmp_path, "data/a.jpg", "a")
    (tmp_path / "data" / "link.jpg").symlink_to(tmp_path / "secret" / "a.jpg")
    (tmp_path / "data" / "links").symlink_to(tmp_path / "secret")
    (tmp_path / "data" / "inside.jpg").symlink_to("a.jpg")
    tree = Tree(tmp_path / "data")
    assert tree.names == ("a.jpg", "inside.jpg")
    assert tree.refused == [("link.jpg", "link that leads out of the folder")]
    for name in ("../secret/a.jpg", "links/a.jpg", "link.jpg"):
        with pytest.raises(FileNotFoundError):
            tree.open(name)


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "a\\..\\b.jpg", "C:/a.jpg", "a/./b.jpg", "a\nb.jpg"])
def test_members_of_an_archive_whose_names_are_not_safe_are_refused(tmp_path, name):
    tree = Tree(zipped(tmp_path / "data.zip", [(name, "x"), ("b.jpg", "x")]))
    assert tree.names == ("b.jpg",)
    assert [why for _, why in tree.refused] == ["file whose name is not safe"]


def test_file_names_that_are_no_text_are_refused(tmp_path):
    try:
        put(tmp_path, b"\xff.jpg".decode("utf-8", "surrogateescape"), "x")
    except OSError:
        pytest.skip("this file system takes only text")
    tree = Tree(tmp_path)
    assert tree.names == ()
    tree.refused[0][0].encode()


def test_a_damaged_or_encrypted_archive_is_an_error_that_says_so(tmp_path):
    good = zipped(tmp_path / "data.zip", [("a.json", "x" * 5000)]).read_bytes()
    put(tmp_path, "broken.zip", good[:40] + b"\0" * 20 + good[60:])
    with pytest.raises(ValueError, match="cannot be read"):
        Tree(tmp_path / "broken.zip").read("a.json")
    flags = good.index(b"PK\x01\x02") + 8
    put(
        tmp_path,
        "locked.zip",
        good[:6] + struct.pack("<H", 1) + good[8:flags] + struct.pack("<H", 1) + good[flags + 2 :],
    )
    with pytest.raises(ValueError, match="cannot be read"):
        Tree(tmp_path / "locked.zip").read("a.json")
    with pytest.raises(FormatError, match="no file or folder"):
        open_tree(tmp_path / "nothing", skips=Skips())


def test_what_is_larger_than_allowed_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("curation.core.formats.tree.MOST_BYTES", 1000)
    bomb = zipped(tmp_path / "data.zip", [("a.json", "0" * 1_000_000)])
    with pytest.raises(ValueError, match="larger than"):
        Tree(bomb).read("a.json")


@pytest.mark.parametrize("ending", KINDS)
def test_the_size_of_a_picture_is_read_from_its_head(tmp_path, ending):
    put(tmp_path, f"a{ending}", picture_bytes((33, 170), ending))
    assert picture_size(Tree(tmp_path), f"a{ending}") == (33, 170)


def test_the_size_is_that_of_the_upright_picture(tmp_path):
    from PIL import Image

    picture = Image.new("RGB", (40, 30))
    picture.getexif()[0x0112] = 6
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=picture.getexif())
    put(tmp_path, "a.jpg", buffer.getvalue())
    assert picture_size(Tree(tmp_path), "a.jpg") == (30, 40)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff", b"<svg/>", picture_bytes((64, 48), ".png")[:20]])
def test_what_is_no_picture_has_no_size(tmp_path, content):
    put(tmp_path, "a.jpg", content)
    assert picture_size(Tree(tmp_path), "a.jpg") is None


def test_a_picture_larger_than_any_is_none(tmp_path):
    head = bytearray(picture_bytes((64, 48), ".bmp"))
    head[18:26] = struct.pack("<ii", 2_000_000, 2_000_000)
    put(tmp_path, "a.bmp", bytes(head))
    assert picture_size(Tree(tmp_path), "a.bmp") is None


def test_the_file_of_a_name_is_the_closest_one():
    shelf = Shelf(("train/images/a.jpg", "val/images/a.jpg", "b.jpg", "x/b.jpg", "c/c.jpg", "d/xc.jpg"))
    assert shelf.find("a.jpg", near="train") == ["train/images/a.jpg"]
    assert shelf.find("a.jpg", split="val") == ["val/images/a.jpg"]
    assert len(shelf.find("a.jpg")) == 2
    assert shelf.find("b.jpg") == ["b.jpg"]
    assert shelf.find("c.jpg") == ["c/c.jpg"]
    assert shelf.find("nothing.jpg") == []


@pytest.mark.parametrize(
    "path, split",
    [
        ("instances_train2017.json", "train"),
        ("valid/x.json", "val"),
        ("Testing/a/b", "test"),
        ("contest.json", ""),
        ("a", ""),
    ],
)  # fmt: skip
def test_the_split_that_a_path_speaks_of(path, split):
    assert split_in(path) == split


@pytest.mark.parametrize("content", [b"", b"nothing", b"\xff" * 100])
def test_what_is_no_format_is_recognised_as_none(tmp_path, content):
    put(tmp_path, "a.bin", content)
    assert detect(tmp_path) is detect(tmp_path / "a.bin") is detect(tmp_path / "nothing") is None
