"""Drawings are pure: values in, markup out."""

from urllib.parse import unquote
from xml.etree import ElementTree

from frontend.figures import (
    BOX_COLOURS,
    LANE_COLOURS,
    box_colour,
    boxes_svg,
    data_uri,
    lane_colour,
    merge_for_drawing,
    timeline_svg,
)
from frontend.records import BoxMark, Lane

NS = "{http://www.w3.org/2000/svg}"
BOX = BoxMark("person", 0.876, (10, 20, 60, 120))


def rects(svg):
    return ElementTree.fromstring(svg).findall(f"{NS}rect")


def test_a_box_lies_where_it_was_seen_whatever_the_scale():
    svg = boxes_svg([BOX], width_px=640, height_px=360)
    assert ElementTree.fromstring(svg).get("viewBox") == "0 0 640 360"
    inner = rects(svg)[-1]
    assert [inner.get(k) for k in ("x", "y", "width", "height")] == ["10.0", "20.0", "50.0", "100.0"]
    assert inner.get("vector-effect") == "non-scaling-stroke"


def test_no_boxes_are_an_empty_picture():
    assert rects(boxes_svg([], width_px=640, height_px=360)) == []


def test_a_name_stays_within_the_picture():
    corner = BoxMark("person", 0.5, (620, 0, 640, 50))
    svg = boxes_svg([corner], width_px=640, height_px=360, named=True)
    label = rects(svg)[-1]
    assert float(label.get("x")) + float(label.get("width")) <= 640
    assert float(label.get("y")) >= 0


def test_a_name_that_would_cover_a_better_one_is_left_out():
    beside = BoxMark("jacket", 0.3, (12, 20, 50, 80))
    apart = BoxMark("person", 0.4, (300, 20, 350, 80))
    svg = boxes_svg([beside, BOX, apart], width_px=640, height_px=360, named=True)
    texts = [one.text for one in ElementTree.fromstring(svg).findall(f"{NS}text")]
    assert texts == ["person 0.88", "person 0.40"]
    assert len(rects(svg)) == 3 * 2 + 2


def test_a_label_is_text_and_never_markup():
    nasty = BoxMark('<script>"&', 0.5, (0, 0, 9, 9))
    root = ElementTree.fromstring(boxes_svg([nasty], width_px=64, height_px=36, named=True))
    assert root.find(f"{NS}text").text == '<script>"& 0.50'
    assert root.find(f".//{NS}script") is None


def test_a_label_keeps_its_colour():
    assert box_colour("person") == BOX_COLOURS[0]
    assert box_colour("car") == box_colour("car") != BOX_COLOURS[0]


def test_a_data_uri_carries_the_svg():
    svg = boxes_svg([BOX], width_px=64, height_px=36)
    head, _, body = data_uri(svg).partition(",")
    assert head == "data:image/svg+xml"
    assert unquote(body) == svg
    assert "#" not in body


def test_a_timeline_has_a_lane_for_each_stage_in_order():
    svg = timeline_svg([Lane("motion", [(0, 30)]), Lane("people", [(10, 20), (50, 60)])], duration_s=60)
    root = ElementTree.fromstring(svg)
    assert len(root.findall(f"{NS}path")) == 2
    places = [(r.get("x"), r.get("width"), r.get("fill")) for r in rects(svg)]
    own, last = lane_colour(0, of=2), lane_colour(1, of=2)
    assert places == [("0.0", "500.0", own), ("166.7", "166.7", last), ("833.3", "166.7", last)]


def test_a_moment_is_wide_enough_to_be_seen_and_nothing_lies_outside():
    svg = timeline_svg([Lane("motion", [(10, 10.001), (59, 99)])], duration_s=60)
    first, second = rects(svg)
    assert float(first.get("width")) == 2.5
    assert float(second.get("x")) + float(second.get("width")) <= 1000.1


def test_an_unknown_length_draws_empty_lanes():
    assert rects(timeline_svg([Lane("motion", [(0, 3)])], duration_s=0)) == []
    assert rects(timeline_svg([], duration_s=60)) == []


def test_a_strip_costs_no_more_than_it_can_show():
    spans = [(float(i), i + 0.5) for i in range(100_000)]
    assert len(merge_for_drawing(spans, duration_s=100_000)) == 1
    assert merge_for_drawing([(5, 6), (1, 2)], duration_s=60) == [(1, 2), (5, 6)]


def test_the_last_lane_is_the_surest_colour():
    assert [lane_colour(i, of=3) for i in range(3)] == list(LANE_COLOURS[:3])
    assert lane_colour(1, of=2) == lane_colour(0, of=1) == LANE_COLOURS[2]
    assert lane_colour(9, of=10) == LANE_COLOURS[-1]
