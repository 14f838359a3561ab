import pytest

from curation.core.formats import FormatError, detect
from curation.core.formats.folder import Folder
from tests.curation.core.formats.pictures import KINDS, picture, picture_bytes, put, read


@pytest.mark.parametrize("ending", [*KINDS, ".JPG", ".tiff"])
def test_every_kind_of_picture_is_taken_unlabelled(tmp_path, ending):
    content = picture_bytes((64, 48), {".JPG": ".jpg", ".tiff": ".tif"}.get(ending, ending))
    put(tmp_path, f"x/ü{ending}", content)
    put(tmp_path, "notes.txt", "x")
    found, reading = read(Folder(), tmp_path)
    assert found == {f"x/ü{ending}": picture(f"x/ü{ending}", None)}
    assert found[f"x/ü{ending}"].picture_file == f"x/ü{ending}"
    assert (reading.skips.total, reading.classes) == (0, [])


def test_the_folder_of_a_picture_can_be_a_tag(tmp_path):
    for name in ("a.jpg", "cars/night/b.jpg", "rain/c.jpg"):
        put(tmp_path, name, picture_bytes((64, 48)))
    found, _ = read(Folder(tag="weather"), tmp_path)
    assert {name: one.tags for name, one in found.items()} == {
        "a.jpg": {},
        "cars/night/b.jpg": {"weather": "night"},
        "rain/c.jpg": {"weather": "rain"},
    }


def test_what_is_no_picture_is_skipped(tmp_path):
    put(tmp_path, "a.jpg", "no picture")
    put(tmp_path, "b.jpg", picture_bytes((64, 48)))
    found, reading = read(Folder(), tmp_path)
    assert (list(found), dict(reading.skips.counts)) == (["b.jpg"], {"picture that cannot be read": 1})


def test_a_folder_without_pictures_is_refused_with_what_was_expected(tmp_path):
    put(tmp_path, "a.txt", "x")
    with pytest.raises(FormatError, match="files that end with bmp, jpeg, jpg, png, tif, tiff, webp"):
        Folder().read(tmp_path)


def test_it_is_recognised_where_there_is_nothing_else(tmp_path):
    put(tmp_path, "a.jpg", picture_bytes((64, 48)))
    assert detect(tmp_path) == "folder"
    assert detect(tmp_path / "a.jpg") == "folder"
