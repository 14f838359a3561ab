"""Annotations of Label Studio read as answers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activelearning.core.answers_reading import (
    MOST_REGIONS,
    NO_LIST,
    NOT_PLAIN,
    OTHER_SHAPE,
    ROTATED,
    TOO_MANY,
    read_annotation,
    upright,
)

SIZE = {"width_px": 200, "height_px": 100}


def region(x=10, y=10, wide=20, high=20, *, label="person", **more):
    value = {"x": x, "y": y, "width": wide, "height": high, "rotation": 0, "rectanglelabels": [label]}
    return {
        "id": "r1", "type": "rectanglelabels", "from_name": "box", "to_name": "image", "original_width": 200,
        "original_height": 100, "image_rotation": 0, "value": value | more.pop("value", {}), **more,
    }  # fmt: skip


def read(*regions, **said):
    return read_annotation({"id": 7, "completed_by": 3, "result": list(regions), **said}, **SIZE)


def test_percents_become_pixels_of_the_frame():
    found = read(region())
    assert [(one.label, one.box, one.region) for one in found.boxes] == [("person", (20, 10, 60, 30), "r1")]
    assert (found.number, found.annotator, found.problems) == (7, "user 3", ())
    assert found.raw == (region(),)


def test_what_else_is_said():
    said = {"lead_time": 4.5, "created_at": "2026-05-01T10:00:00Z", "updated_at": "2026-05-01T11:00:00Z"}
    found = read(**said, ground_truth=True, completed_by={"id": 3, "email": "ada@winnow.test"})
    assert (found.annotator, found.lead_time_s, found.is_truth, found.is_skip) == ("ada@winnow.test", 4.5, True, False)
    assert (found.updated_there - found.created_there).total_seconds() == 3600
    people = {3: "bob@winnow.test"}
    assert read_annotation({"id": 1, "completed_by": 3, "result": []}, **SIZE, people=people).annotator == people[3]
    assert read(was_cancelled=True).is_skip


def test_choices_and_numbers_are_tags():
    weather = {"id": "c", "type": "choices", "from_name": "sky", "to_name": "image", "value": {"choices": ["rain"]}}
    people = {"id": "n", "type": "number", "from_name": "people", "to_name": "image", "value": {"number": 3}}
    assert read(weather, people).tags == {"sky": "rain", "people": 3}
    said = {"id": 7, "result": [weather]}
    assert read_annotation(said, **SIZE, factor_of={"sky": "weather"}).tags == {"weather": "rain"}


def test_a_shape_and_its_labels_may_be_two_regions():
    shape = {**region(), "type": "rectangle", "value": {"x": 10, "y": 10, "width": 20, "height": 20, "rotation": 0}}
    labels = {"id": "r1", "type": "labels", "from_name": "label", "value": {"labels": ["car"]}}
    assert [(one.label, one.region) for one in read(shape, labels).boxes] == [("car", "r1")]


def test_a_rotated_box_is_the_upright_box_around_it_and_it_is_said():
    found = read(region(50, 50, 10, 20, value={"rotation": 90}))  # 20 x 20 px at (100, 50), turned to its left
    assert found.boxes[0].box == pytest.approx((80, 50, 100, 70))
    assert found.problems == (ROTATED,)


@given(st.floats(20, 60), st.floats(20, 60), st.floats(1, 20), st.floats(1, 20), st.floats(-720, 720))
def test_the_upright_box_is_that_around_the_turned_corners(x, y, wide, high, degrees):
    found = upright({"x": x, "y": y, "width": wide, "height": high, "rotation": degrees}, size=(200, 100))
    turn = math.radians(degrees)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    sides = np.array([[0, 0], [wide * 2, 0], [0, high], [wide * 2, high]])
    corners = sides @ matrix.T + (x * 2, y)
    low, far = corners.min(0), corners.max(0)
    assert (found["x"] * 2, found["y"]) == pytest.approx(tuple(low), abs=1e-6)
    assert (found["width"] * 2, found["height"]) == pytest.approx(tuple(far - low), abs=1e-6)


def test_a_picture_of_another_shape_is_said():
    assert read({**region(), "original_width": 100}).problems == (OTHER_SHAPE,)
    assert read({**region(), "original_width": 400, "original_height": 200}).problems == ()


@pytest.mark.parametrize(
    "result, why",
    [
        ("text", NO_LIST),
        ([region(), region(wide=float("nan"))], NOT_PLAIN),
        ([region(label="")], "box without a usable label (1 to 80 characters)"),
        ([region(x=-50)], "box outside its picture"),
        ([region(wide=0)], "box without area"),
        ([17], "region without a type and a value"),
        ([{"type": "brushlabels", "value": {}}], "region that is no rectangle, polygon, choice or number"),
        ([region()] * (MOST_REGIONS + 1), TOO_MANY),
    ],
)
def test_what_cannot_be_read_is_named_and_kept(result, why):
    found = read_annotation({"id": 7, "result": result}, **SIZE)
    assert why in found.problems
    assert found.annotator == "unknown"
    if why not in (NO_LIST, NOT_PLAIN, TOO_MANY):
        assert found.raw == tuple(result)


@pytest.mark.parametrize("number", [None, "7", -1, 1.5, True, 2**70])
def test_an_annotation_without_a_number_is_none(number):
    assert read_annotation({"id": number, "result": []}, **SIZE) is None


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "type", "value", "x", "rotation", "rectanglelabels", "points", "choices"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@given(json, json)
def test_no_answer_of_a_server_breaks_the_reading(result, who):
    found = read_annotation(
        {"id": 1, "result": result, "completed_by": who, "lead_time": who, "created_at": who}, **SIZE
    )
    for one in found.boxes:
        assert one.box[0] < one.box[2]
