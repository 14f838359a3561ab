"""Every format: described, content with nothing, the same each time, and safe from whatever it is given."""

import dataclasses
import inspect
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.formats import FORMATS, FormatError, detect
from curation.core.formats.names import clean_name
from curation.core.params import build, schema
from tests.curation.core.formats.pictures import box, names, picture, picture_bytes, put, read, write

WRITERS = [name for name, kind in FORMATS.items() if kind.writes]
EACH = pytest.mark.parametrize("name", FORMATS)
EACH_WRITER = pytest.mark.parametrize("name", WRITERS)


def make(name):
    return build(FORMATS[name], {}, where=name)


def some():
    """Pictures that say all that can be said."""
    everything = {
        "is_crowd": True, "track_id": 3, "area_px2": 5.5, "segmentation": [[1, 2, 3, 4, 5, 6]],
        "attributes": {"occluded": True, "age": 3},
    }  # fmt: skip
    said = {
        "split": "train", "camera": "gate", "sequence": "gate.mp4", "recorded_at": datetime(2026, 3, 1, tzinfo=UTC),
        "tags": {"weather": "rain", "n": 2, "seen": ["a"]}, "evidence": {"weather": {"source": "human"}},
        "extra": {"coco": {"license": {"id": 1, "name": "CC"}}},
    }  # fmt: skip
    return [
        picture("gate/a.jpg", [box(), box("Füße", **everything)], frame_index=0, **said),
        picture("gate_a.jpg", [], frame_index=1, **said),
        picture("gate/a.png", None, time_s=2.5, sequence="gate.mp4"),
    ]


@EACH
def test_every_parameter_is_described_and_its_default_is_valid(name):
    described = schema(FORMATS[name])
    assert all(about["description"].endswith(".") and about["type"] for about in described["properties"].values())
    made = make(name)
    assert build(FORMATS[name], dataclasses.asdict(made), where=name) == made
    assert inspect.getdoc(FORMATS[name]).endswith(".")
    with pytest.raises(SpecError, match="no parameter 'nothing'"):
        build(FORMATS[name], {"nothing": 1}, where=name)


@EACH
def test_a_format_says_what_it_can_do(name):
    kind = FORMATS[name]
    assert [type(said) for said in (kind.reads, kind.writes, kind.has_pictures)] == [bool] * 3
    assert kind.reads or kind.writes
    if not kind.writes:
        with pytest.raises(FormatError, match="choose another format"):
            make(name).write([], classes=[], losses=Counter())


@EACH_WRITER
def test_the_same_pictures_give_the_same_files(name):
    def written():
        losses = Counter()
        return list(make(name).write(iter(some()), classes=["person"], losses=losses)), losses

    (files, losses), other = written(), written()
    assert (files, losses) == other
    paths = [path for path, _ in files]
    assert len(set(paths)) == len(paths)
    assert all(clean_name(path) == path and isinstance(content, bytes) for path, content in files)
    assert all(count > 0 and isinstance(sentence, str) for sentence, count in losses.items())


@EACH_WRITER
def test_nothing_to_write_gives_a_dataset_without_pictures(name, tmp_path):
    losses = write(make(name), [], tmp_path)
    assert losses == {}
    if name != "mot":  # a sequence there is none of has no file
        assert read(make(name), tmp_path)[0] == {}


@EACH_WRITER
def test_what_is_written_is_recognised_and_written_again_the_same(name, tmp_path):
    source = some() if FORMATS[name].has_pictures else [dataclasses.replace(one, boxes=None) for one in some()]
    write(make(name), source, tmp_path / "one", classes=["person", "Füße"])
    assert detect(tmp_path / "one") == name
    found, reading = read(make(name), tmp_path / "one")
    assert reading.skips.total == 0
    write(make(name), list(found.values()), tmp_path / "two", classes=["person", "Füße"])
    one, two = (
        {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*")) if file.is_file()}
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert one.keys() == two.keys()
    assert {path: content for path, content in one.items() if two[path] != content} == {}


@EACH_WRITER
def test_an_archive_is_read_as_its_folder_is(name, tmp_path):
    write(make(name), some(), tmp_path / "data")
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for file in sorted((tmp_path / "data").rglob("*")):
            archive.write(file, file.relative_to(tmp_path / "data"))
    assert detect(tmp_path / "data.zip") == name
    found, _ = read(make(name), tmp_path / "data.zip")
    assert found == read(make(name), tmp_path / "data")[0] != {}


@EACH_WRITER
@settings(max_examples=50, deadline=None)
@given(left=names, right=names, split=st.sampled_from(["", "train", "unsplit", "a/b"]))
def test_places_of_pictures_are_safe_and_never_the_same(name, left, right, split):
    maker = make(name)
    places = [
        maker.picture_path(picture(one, split=split, sequence="s", frame_index=index))
        for index, one in enumerate((left, right))
    ]
    for place in places:
        assert clean_name(place) == place
    if left != right and places[0]:
        assert len({place.lower() for place in places}) == 2 or left.lower() == right.lower()
        assert len({str(PurePosixPath(place).with_suffix("")) for place in places}) == 2


@EACH
def test_anything_else_is_refused_with_what_was_expected(name, tmp_path):
    put(tmp_path, "some/notes.md", "nothing")
    for root in (tmp_path, tmp_path / "some" / "notes.md", tmp_path / "missing"):
        with pytest.raises(FormatError) as refused:
            make(name).read(root)
        assert len(str(refused.value)) > 40


ENDINGS = (".json", ".xml", ".yaml", ".txt", ".csv", ".parquet", ".ini", ".jpg")


@EACH
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_broken_files_are_skipped_or_refused_and_never_more(name, data, tmp_path_factory):
    """What each format writes, with some bytes of one file changed, cut or doubled."""
    root = tmp_path_factory.mktemp("broken")
    writer = make(name if name in WRITERS else "voc")
    write(writer, some(), root)
    files = sorted(file for file in root.rglob("*") if file.is_file())
    file = data.draw(st.sampled_from(files))
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"NaN", b"-1", b"1e999", b"null", b"[", b"{", b'"', b"<", b"&x;"])
        )
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    file.write_bytes(bytes(content))
    detect(root)
    try:
        found, reading = read(make(name), root)
    except FormatError:
        return
    assert len(found) <= 2 + len(some())
    assert all(why and what.encode() for what, why in reading.skips.first)
    for one in found.values():
        assert clean_name(one.name) == one.name
        assert all(b.x1 < b.x2 and b.y1 < b.y2 and b.label for b in one.boxes or ())


def test_a_format_is_recognised_among_others(tmp_path):
    assert detect(tmp_path) is None
    put(tmp_path, "a.jpg", picture_bytes((64, 48)))
    assert detect(tmp_path) == "folder"
    write(make("yolo"), some(), tmp_path)
    assert detect(tmp_path) == "yolo"
    write(make("coco"), some(), tmp_path, files=False)
    assert detect(tmp_path) == "coco"
