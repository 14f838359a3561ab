import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from curation.core.formats import FormatError, detect
from curation.core.formats.cvat import Cvat
from tests.curation.core.formats.pictures import (
    box,
    by_name,
    datasets,
    full_box,
    full_picture,
    picture,
    picture_bytes,
    put,
    read,
    there_and_back,
    write,
)  # fmt: skip

BOX = '<box label="person" occluded="0" xtl="1" ytl="2" xbr="11" ybr="22" z_order="0"></box>'
META = """<meta><task><size>4</size><mode>annotation</mode><labels>
<label><name>person</name><type>rectangle</type><attributes>
<attribute><name>age</name><input_type>number</input_type></attribute>
<attribute><name>sits</name><input_type>checkbox</input_type></attribute></attributes></label>
<label><name>car</name><type>any</type></label>
<label><name>weather</name><type>tag</type><attributes>
<attribute><name>value</name><input_type>select</input_type></attribute></attributes></label>
</labels></task></meta>"""
VIDEO = """<meta><task><size>4</size><mode>interpolation</mode><start_frame>10</start_frame><stop_frame>16</stop_frame>
<frame_filter>step=2</frame_filter><source>gate.mp4</source><labels><label><name>person</name></label></labels>
<original_size><width>64</width><height>48</height></original_size></task></meta>"""


def image(inside=BOX, *, more='name="a.jpg" width="64" height="48"', meta=META):
    return f'<annotations><version>1.1</version>{meta}<image id="0" {more}>{inside}</image></annotations>'


def read_one(root, text):
    put(root, "annotations.xml", text)
    return read(Cvat(), root)


def test_reads_boxes_with_attributes_of_their_types(tmp_path):
    inside = BOX.replace('occluded="0"', 'occluded="1"').replace(
        "></box>",
        '><attribute name="age">7</attribute><attribute name="sits">true</attribute>'
        '<attribute name="id">007</attribute></box>',
    )
    found, reading = read_one(tmp_path, image(inside))
    attributes = {"occluded": True, "age": 7, "sits": True, "id": "007"}
    assert found == {"a.jpg": picture(boxes=[box("person", 1, 2, 11, 22, attributes=attributes)])}
    assert (reading.classes, reading.skips.total) == (["person", "car"], 0)


def test_tags_are_tags(tmp_path):
    inside = (
        '<tag label="weather"><attribute name="value">rain</attribute></tag><tag label="night"></tag>'
        '<tag label="road"><attribute name="wet">yes</attribute><attribute name="lanes">2</attribute></tag>'
    )
    found, _ = read_one(tmp_path, image(inside))
    assert found["a.jpg"].tags == {"weather": "rain", "night": True, "road_wet": "yes", "road_lanes": "2"}


def test_polygons_are_boxes_with_an_outline_and_masks_are_boxes(tmp_path):
    inside = (
        '<polygon label="car" points="5,6;15.5,6;15.5,16"></polygon>'
        '<mask label="car" rle="1, 2" left="3" top="4" width="5" height="6"></mask>'
    )
    found, reading = read_one(tmp_path, image(inside))
    outline = [[5, 6, 15.5, 6, 15.5, 16]]
    assert found["a.jpg"].boxes == [box("car", 5, 6, 15.5, 16, segmentation=outline), box("car", 3, 4, 8, 10)]
    assert reading.skips.counts == {"mask, of which only the box was read": 1}


def test_the_subset_is_the_split(tmp_path):
    assert read_one(tmp_path, image(more='name="a.jpg" subset="val" width="64" height="48"'))[0]["a.jpg"].split == "val"


def test_tracks_are_boxes_in_the_frames_of_a_video(tmp_path):
    shape = (
        '<box frame="{}" outside="{}" occluded="0" keyframe="1" xtl="1" ytl="2" xbr="11" ybr="22" z_order="0"></box>'
    )
    track = f'<track id="3" label="person">{shape.format(10, 0)}{shape.format(12, 1)}{shape.format(14, 0)}</track>'
    tag = '<tag label="night" frame="14"></tag>'
    put(tmp_path, "gate.mp4", b"")
    put(tmp_path, "images/frame_000012.PNG", picture_bytes((64, 48), ".png"))
    found, reading = read_one(tmp_path, f"<annotations>{VIDEO}{track}{tag}</annotations>")
    one = box("person", 1, 2, 11, 22, track_id=3)
    common = {"sequence": "gate.mp4"}
    assert list(found.values()) == [
        picture("gate.mp4/frame_000010.jpg", [one], frame_index=10, **common),
        picture("images/frame_000012.PNG", [], frame_index=12, **common),
        picture("gate.mp4/frame_000014.jpg", [one], frame_index=14, tags={"night": True}, **common),
        picture("gate.mp4/frame_000016.jpg", [], frame_index=16, **common),
    ]
    assert {one.video_file for one in found.values()} == {"gate.mp4"}
    assert reading.skips.total == 0


def test_shapes_that_belong_to_no_frame_are_counted(tmp_path):
    shape = '<box frame="{}" outside="0" xtl="1" ytl="2" xbr="11" ybr="22"></box>'
    track = f'<track id="3" label="person">{shape.format(11)}{shape.format(-1)}{shape.format("x")}</track>'
    _, reading = read_one(tmp_path, f"<annotations>{VIDEO}{track}<tag label='night'/></annotations>")
    assert reading.skips.counts == {
        "box of a frame that is not there": 1,
        "shape or tag without a frame number": 3,
    }
    unsized = VIDEO.replace("<width>64", "<width>")
    found, reading = read_one(tmp_path, f"<annotations>{unsized}{track}</annotations>")
    assert found == {}
    assert reading.skips.counts == {"track in a file that does not say its video's original_size": 3}


@settings(max_examples=40, deadline=None)
@given(datasets(box_fields=full_box, picture_fields=full_picture, inside=False))
def test_round_trip_is_exact(pictures):
    found, losses = there_and_back(Cvat(), pictures, files=False)
    assert found == by_name(pictures)
    assert losses == {}


@settings(max_examples=40, deadline=None)
@given(datasets(box_fields=full_box, picture_fields=full_picture))
def test_what_other_tools_see_is_all_there_without_our_own_fields(pictures):
    ((_, content),) = Cvat().write(pictures, classes=[], losses=Counter())
    root = ElementTree.fromstring(content)
    for element in root.iter():
        element.attrib.pop("winnow", None)
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), "annotations.xml", ElementTree.tostring(root))
        found, reading = read(Cvat(), folder)
    assert reading.skips.total == 0
    for one, again in zip(pictures, found.values(), strict=True):
        assert [(b.label, b.x1, b.y1, b.x2, b.y2) for b in one.boxes or ()] == [
            (b.label, b.x1, b.y1, b.x2, b.y2) for b in again.boxes
        ]
        assert one.tags.keys() == again.tags.keys()
        assert all(again.tags[f] == v for f, v in one.tags.items() if isinstance(v, bool | int | float))


@pytest.mark.parametrize(
    "inside, why",
    [
        (BOX.replace('xbr="11"', 'xbr="1"'), "box without area"),
        (BOX.replace('xtl="1"', 'xtl="nan"'), "box with a missing corner, or one that is no finite number"),
        (BOX.replace('xtl="1"', ""), "box with a missing corner, or one that is no finite number"),
        (BOX.replace('xbr="11"', 'xbr="1e9"'), "box with a corner beyond 1,000,000 px"),
        (BOX.replace('xtl="1"', 'xtl="70"').replace('xbr="11"', 'xbr="90"'), "box outside its picture"),
        (BOX.replace('z_order="0"', 'rotation="30"'), "rotated box"),
        (BOX.replace("person", ""), "box without a usable label (1 to 80 characters)"),
        (BOX.replace("<box", "<box winnow='['"), "field of Winnow's own that is not valid"),
        ('<polygon label="car" points="5,6;15.5"/>', "box with a missing corner, or one that is no finite number"),
        ('<polygon label="car" points=""/>', "box with a missing corner, or one that is no finite number"),
        ('<points label="car" points="5,6"/>', "shape that is no box, polygon or mask"),
        ('<tag label=""/>', "tag without a name"),
    ],
)
def test_shapes_that_are_not_valid_are_skipped_with_a_reason(tmp_path, inside, why):
    found, reading = read_one(tmp_path, image(inside))
    assert dict(reading.skips.counts) == {why: 1}
    assert len(found["a.jpg"].boxes) == ("own" in why)


@pytest.mark.parametrize(
    "more, why",
    [
        ('name="../a.jpg" width="64" height="48"', "picture whose name is missing or not safe"),
        ('width="64" height="48"', "picture whose name is missing or not safe"),
        ('name="a.jpg" width="64"', "picture without a usable width and height"),
        ('name="a.jpg" width="64" height="-1"', "picture without a usable width and height"),
    ],
)
def test_images_that_are_not_valid_are_skipped_with_a_reason(tmp_path, more, why):
    found, reading = read_one(tmp_path, image(more=more))
    assert (found, dict(reading.skips.counts)) == ({}, {why: 1})


def test_what_stands_before_a_break_is_read(tmp_path):
    text = image().replace("</annotations>", '<image id="1" name="b.jpg" width="64" height="48"><box ')
    found, reading = read_one(tmp_path, text)
    assert list(found) == ["a.jpg"]
    assert reading.skips.counts == {"end of a file that is not whole XML; what stands before was read": 1}


def test_entities_are_refused(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + image('<tag label="&b;"/>')
    found, reading = read_one(tmp_path, bomb)
    assert (found, reading.skips.total) == ({}, 1)


def test_names_given_twice_are_the_first_ones(tmp_path):
    twice = image().replace("</image>", '</image><image id="1" name="a.jpg" width="9" height="9"></image>')
    found, reading = read_one(tmp_path, twice)
    assert found["a.jpg"].width_px == 64
    assert reading.skips.counts == {"picture whose name is another's too": 1}


@pytest.mark.parametrize("text", ["", "<annotation></annotation>", "{}"])
def test_a_file_that_is_no_such_is_refused_with_what_was_expected(tmp_path, text):
    put(tmp_path, "annotations.xml", text)
    with pytest.raises(FormatError, match="CVAT's XML has the root <annotations> with <image> or <track> elements"):
        Cvat().read(tmp_path)


def test_cvat_finds_the_labels_and_types_it_needs(tmp_path):
    source = picture(boxes=[box("dog", attributes={"age": 3, "old": False})], tags={"weather": "rain"})
    write(Cvat(), [source], tmp_path, classes=["person"])
    root = ElementTree.parse(tmp_path / "annotations.xml").getroot()
    labels = {label.findtext("name"): label.findtext("type") for label in root.iterfind("meta/task/labels/label")}
    assert labels == {"person": "rectangle", "dog": "rectangle", "weather": "tag"}
    kinds = {a.findtext("name"): a.findtext("input_type") for a in root.iter("attribute") if a.find("name") is not None}
    assert kinds == {"age": "number", "old": "checkbox", "value": "text"}
    assert root.find("image").attrib.keys() >= {"id", "name", "width", "height"}


def test_it_is_recognised(tmp_path):
    write(Cvat(), [picture(boxes=[box()])], tmp_path)
    assert detect(tmp_path) == "cvat"
