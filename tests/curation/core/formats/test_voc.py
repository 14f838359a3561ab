from collections import Counter
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervision import DetectionDataset

from curation.core.formats import FormatError, detect
from curation.core.formats.voc import Voc
from tests.curation.core.formats.pictures import (
    box,
    by_name,
    datasets,
    full_box,
    full_picture,
    near,
    picture,
    picture_bytes,
    put,
    read,
    there_and_back,
    write,
)  # fmt: skip

BOUNDS = "<bndbox><xmin>2</xmin><ymin>3</ymin><xmax>11</xmax><ymax>22</ymax></bndbox>"
THING = f"<object><name>person</name>{BOUNDS}</object>"
SIZE = "<size><width>64</width><height>48</height><depth>3</depth></size>"


def annotation(things=THING, *, size=SIZE, filename="a.jpg"):
    return f"<annotation><filename>{filename}</filename>{size}{things}</annotation>"


def read_one(root, text, name="Annotations/a.xml"):
    put(root, name, text)
    return read(Voc(), root)


def test_pixels_count_from_one_and_belong_to_the_box_at_both_ends(tmp_path):
    found, reading = read_one(tmp_path, annotation())
    assert found == {"a.jpg": picture(boxes=[box("person", 1, 2, 11, 22)])}
    assert (reading.classes, reading.skips.total) == (["person"], 0)
    content = dict(Voc().write(found.values(), classes=[], losses=Counter()))["Annotations/a.xml"]
    written = ElementTree.fromstring(content)
    assert [written.findtext(f".//bndbox/{tag}") for tag in ("xmin", "ymin", "xmax", "ymax")] == ["2", "3", "11", "22"]


def test_a_file_without_objects_is_labelled_and_a_picture_without_a_file_is_not(tmp_path):
    put(tmp_path, "JPEGImages/b.jpg", picture_bytes((64, 48)))
    put(tmp_path, "SegmentationObject/a.png", picture_bytes((64, 48), ".png"))
    found, reading = read_one(tmp_path, annotation(""))
    assert found == {"a.jpg": picture(), "b.jpg": picture("b.jpg", None)}
    assert reading.skips.total == 0


NO_NUMBER = "box with a missing corner, or one that is no finite number"
NO_LABEL = "box without a usable label (1 to 80 characters)"


@settings(max_examples=40, deadline=None)
@given(datasets(box_fields=full_box, picture_fields=full_picture, inside=False, labelled_only=True))
def test_round_trip_is_exact_to_a_billionth_of_a_pixel(pictures):
    found, losses = there_and_back(Voc(), pictures)
    assert losses == {}
    expected = by_name(pictures)
    assert found.keys() == expected.keys()
    for name, one in expected.items():
        again = found[name]
        assert [(b.label, b.is_crowd, b.track_id, b.area_px2, b.segmentation, b.attributes) for b in one.boxes] == [
            (b.label, b.is_crowd, b.track_id, b.area_px2, b.segmentation, b.attributes) for b in again.boxes
        ]
        assert all(near(left, right, within=1e-9) for left, right in zip(one.boxes, again.boxes, strict=True))
        for field in ("name", "width_px", "split", "tags", "evidence", "camera", "recorded_at", "sequence", "time_s"):
            assert getattr(one, field) == getattr(again, field)


@pytest.mark.parametrize("name", ["\xa0.jpg", "\xa0a\u2003.jpg"])
def test_a_name_with_blanks_of_other_scripts_keeps_its_split(name):
    found, _ = there_and_back(Voc(), [picture(name, split="train")])
    assert found[name].split == "train"


@settings(max_examples=30, deadline=None)
@given(datasets(picture_fields={"split": full_picture["split"] | st.sampled_from(["default", "trainval", "a_train"])}))
def test_unlabelled_pictures_come_back_unlabelled_in_their_splits(pictures):
    first = picture("first.jpg", split="train")
    found, _ = there_and_back(Voc(), [first, *pictures])
    said = {one.name: (one.split, one.boxes is None) for one in (first, *pictures)}
    assert {name: (one.split, one.boxes is None) for name, one in found.items()} == said


def test_corners_come_back_exactly_and_whole_where_asked():
    source = [picture(boxes=[box(x1=0.1, y1=2.675, x2=33.3, y2=40.123456789)])]
    assert there_and_back(Voc(), source)[0] == by_name(source)
    found, losses = there_and_back(Voc(whole_pixels=True), source)
    assert found["a.jpg"].boxes == [box(x1=0, y1=3, x2=33, y2=40)]
    assert losses == {"fraction of a pixel": 1}
    thin = [picture(boxes=[box(x1=5.1, y1=2, x2=5.2, y2=4)])]
    assert there_and_back(Voc(whole_pixels=True), thin)[0]["a.jpg"].boxes == [box(x1=5, y1=2, x2=6, y2=4)]


def test_flags_are_attributes_and_what_is_0_is_left_out(tmp_path):
    flags = "<pose>Left</pose><truncated>1</truncated><difficult>0</difficult><occluded>1</occluded>"
    found, _ = read_one(tmp_path, annotation(THING.replace("<bndbox>", flags + "<bndbox>")))
    assert found["a.jpg"].boxes[0].attributes == {"pose": "Left", "truncated": True, "occluded": True}
    content = dict(Voc().write(found.values(), classes=[], losses=Counter()))["Annotations/a.xml"]
    written = ElementTree.fromstring(content).find("object")
    assert [written.findtext(tag) for tag in ("pose", "truncated", "difficult", "occluded")] == ["Left", "1", "0", "1"]


def test_supervision_reads_what_is_written(tmp_path):
    pictures = [picture("cam/a.jpg", [box("dog", 8, 12, 16, 24), box("cat", 0, 0, 64, 48)]), picture("b.jpg", [])]
    write(Voc(), pictures, tmp_path)
    folders = [str(tmp_path / folder) for folder in ("JPEGImages", "Annotations")]
    found = DetectionDataset.from_pascal_voc(*folders)
    boxes = {path.rsplit("/", 1)[1]: labels.xyxy.tolist() for path, labels in found.annotations.items()}
    assert boxes == {"cam__a.jpg": [[8, 12, 16, 24], [0, 0, 64, 48]], "b.jpg": []}
    assert set(found.classes) == {"dog", "cat"}


def test_lists_say_which_split_a_picture_is_in(tmp_path):
    for name, text in (("train", "a\n"), ("val", "a\nb\n"), ("trainval", "a\n"), ("person_train", "a 1\n")):
        put(tmp_path, f"ImageSets/Main/{name}.txt", text)
    put(tmp_path, "JPEGImages/b.jpg", picture_bytes((64, 48)))
    found, reading = read_one(tmp_path, annotation())
    assert {name: one.split for name, one in found.items()} == {"a.jpg": "train", "b.jpg": "val"}
    assert reading.skips.counts == {"picture that two splits name; the first was taken": 1}


def test_the_picture_is_the_one_of_the_same_stem(tmp_path):
    put(tmp_path, "JPEGImages/a.png", picture_bytes((64, 48), ".png"))
    found, _ = read_one(tmp_path, annotation(filename="wrong.jpg", size=""))
    assert {name: one.picture_file for name, one in found.items()} == {"a.png": "JPEGImages/a.png"}


@pytest.mark.parametrize(
    "text, why",
    [
        (annotation(THING.replace("<xmax>11", "<xmax>1")), "box without area"),
        (annotation(THING.replace("<xmax>11", "<xmax>-5")), "box without area"),
        (annotation(THING.replace("<xmin>2", "<xmin>70").replace("<xmax>11", "<xmax>90")), "box outside its picture"),
        (annotation(THING.replace("<xmin>2", "<xmin>nan")), NO_NUMBER),
        (annotation(THING.replace("<xmin>2", "<xmin>")), NO_NUMBER),
        (annotation(THING.replace("<xmax>11", "<xmax>1e999")), NO_NUMBER),
        (annotation(THING.replace("<xmax>11", "<xmax>1e9")), "box with a corner beyond 1,000,000 px"),
        (annotation("<object><name>person</name></object>"), NO_NUMBER),
        (annotation(f"<object>{BOUNDS}</object>"), NO_LABEL),
        (annotation(f"<object><name>{'x' * 81}</name>{BOUNDS}</object>"), NO_LABEL),
        (annotation("", size=""), "picture without a usable width and height"),
        (annotation("", size=SIZE.replace("64", "0")), "picture without a usable width and height"),
        (annotation("", size=SIZE.replace("64", "9" * 70)), "picture without a usable width and height"),
        (annotation("<winnow>{</winnow>"), "field of Winnow's own that is not valid"),
        ("<html/>", "XML file whose root is not <annotation>"),
        (annotation()[:-5], "file that is not whole XML"),
        ("", "file that is not whole XML"),
        ("<annotation>\xff</annotation>".encode("latin-1"), "file that is not whole XML"),
        ('<?xml version="1.0" encoding="klingon"?><annotation/>', "file that is not whole XML"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + annotation(THING.replace("person", "&b;")),
         "file that is not whole XML"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + annotation(THING.replace("person", "&a;")),
         "file that is not whole XML"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_skipped_with_a_reason(tmp_path, text, why):
    put(tmp_path, "Annotations/b.xml", annotation("", filename="b.jpg"))
    found, reading = read_one(tmp_path, text)
    assert dict(reading.skips.counts) == {why: 1}
    assert sum(len(one.boxes) for one in found.values()) == 0


def test_a_name_that_is_not_safe_gives_way_to_the_name_of_the_file(tmp_path):
    found, _ = read_one(tmp_path, annotation("", filename="../../etc/passwd"))
    assert list(found) == ["a.jpg"]


def test_byte_order_marks_and_other_encodings_are_understood(tmp_path):
    put(tmp_path, "Annotations/b.xml", annotation(filename="b.jpg").encode("utf-8-sig"))
    text = '<?xml version="1.0" encoding="latin-1"?>' + annotation(THING.replace("person", "Füße"))
    found, _ = read_one(tmp_path, text.encode("latin-1"))
    assert found["a.jpg"].boxes[0].label == "Füße"
    assert len(found["b.jpg"].boxes) == 1


def test_a_folder_without_such_files_is_refused_with_what_was_expected(tmp_path):
    put(tmp_path, "a.xml", "<annotations/>")
    with pytest.raises(FormatError, match="Pascal VOC has one XML file a picture, whose root is <annotation>"):
        Voc().read(tmp_path)


def test_labels_that_xml_cannot_hold_do_not_break_the_file():
    found, _ = there_and_back(Voc(), [picture(boxes=[box("a\ufffeb")])])
    assert found["a.jpg"].boxes[0].label == "a\ufffdb"


def test_it_is_recognised(tmp_path):
    write(Voc(), [picture(boxes=[box()])], tmp_path)
    assert detect(tmp_path) == "voc"
    put(tmp_path / "other", "a.xml", '<annotation verified="yes"></annotation>')
    assert detect(tmp_path / "other") == "voc"
