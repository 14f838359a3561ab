import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.formats.names import as_file_name, clean_name, flat, stem_of, unflat
from tests.curation.core.formats.pictures import names


@pytest.mark.parametrize(
    "raw, clean",
    [
        ("a.jpg", "a.jpg"), ("train\\a.jpg", "train/a.jpg"), ("./a//b.jpg", "a/b.jpg"), ("ü/猫.jpg", "ü/猫.jpg"),
        ("", ""), ("/", ""), ("/a", ""), ("\\\\host\\a", ""), ("C:\\a", ""), ("c:a", ""), ("..", ""), ("a/../b", ""),
        ("a\\..\\b", ""), ("a\nb", ""), ("a\0", ""), ("\ud800", ""), ("http://host/a", ""), ("x" * 481, ""), (None, ""),
        (7, ""), ("a/..b/c..", "a/..b/c.."),
    ],
)  # fmt: skip
def test_a_name_is_made_relative_or_refused(raw, clean):
    assert clean_name(raw) == clean


@pytest.mark.parametrize(
    "name, file",
    [
        ("gate/2026/03/01/clip/1.jpg", "gate__2026__03__01__clip__1.jpg"), ("a.jpg", "a.jpg"), ("a.png", "a~.png.png"),
        ("a_b.jpg", "a_b.jpg"), ("a__b.jpg", "a~5f_b.jpg"), ("a_/b.jpg", "a~5f__b.jpg"), ("a~b.jpg", "a~7eb.jpg"),
        ("a:b?.jpg", "a~3ab~3f.jpg"), (".a.jpg", "~2ea.jpg"), ("猫.jpg", "猫.jpg"), ("a", "a~"), ("a.b/c", "a~2eb__c~"),
    ],
)  # fmt: skip
def test_a_name_becomes_one_file_name(name, file):
    assert flat(name) == file
    assert unflat(file) == name


@pytest.mark.parametrize("file", ["a~.jpg", "a~zz.jpg", "~2", "__", "___a.jpg", "a~5fb.jpg"])
def test_a_file_name_that_was_made_elsewhere_stays_as_it_is_or_comes_back_the_same(file):
    assert unflat(file) == file or flat(unflat(file)) == file


@given(names)
def test_file_names_are_safe_and_can_be_read_back(name):
    file = flat(name)
    assert len(file.encode()) < 255
    assert not set(file) & set('/\\<>:"|?*\0\n')
    assert file not in (".", "..")
    assert not file.startswith((".", " "))
    if len(name.encode()) < 60:
        assert unflat(file) == name


tricky = st.text(st.sampled_from("a_/.~25f jpgn"), max_size=9)


@given(tricky, tricky)
def test_no_two_names_share_a_file_name_or_its_stem(left, right):
    if left != right:
        assert flat(left) != flat(right)
        assert stem_of(flat(left)) != stem_of(flat(right))
        assert as_file_name(left) != as_file_name(right)


def test_names_too_long_for_a_file_system_stay_apart():
    files = {flat("ü" * 300 + ending) for ending in ("a.jpg", "b.jpg", "a.png")}
    assert len({stem_of(file) for file in files}) == 3
    assert all(len(file.encode()) < 255 and unflat(file) == file for file in files)
