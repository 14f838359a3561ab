"""Boxes as regions: inside the picture, and back again the same."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_studio_sdk.label_interface.interface import LabelInterface

from activelearning.core.label_config import Names, make_config
from activelearning.core.label_config_reading import read_config
from activelearning.core.label_format import FoundBox, pre_annotation, region_faults
from curation.core.formats.contract import Skips
from curation.core.formats.label_studio_regions import read_regions

SIZE = (640, 360)
CLASSES = ("person", "jacket")
NAMES = Names(choices={"weather": "weather"})
CONFIG = make_config(CLASSES, {"weather": ["clear", "rain"]})
anything = st.floats(allow_nan=True, allow_infinity=True)
near = st.floats(min_value=-1000, max_value=2000)
boxes = st.lists(
    st.builds(
        FoundBox,
        st.sampled_from([*CLASSES, "car"]),
        st.one_of(st.floats(0, 1), anything),
        st.tuples(*[st.one_of(near, anything)] * 4),
    ),
    max_size=6,
)


def made(*found, **more):
    return pre_annotation(found, **{"size": SIZE, "classes": CLASSES, "names": NAMES, "model_version": "m", **more})


def test_a_box_is_in_percent_of_the_picture_with_its_original_size():
    (region,) = made(FoundBox("person", 0.75, (64.0, 36.0, 128.0, 180.0))).prediction["result"]
    assert region["value"] == {
        "x": 10.0, "y": 10.0, "width": 10.0, "height": 40.0, "rotation": 0, "rectanglelabels": ["person"],
    }  # fmt: skip
    assert (region["original_width"], region["original_height"], region["image_rotation"]) == (640, 360, 0)
    assert (region["from_name"], region["to_name"], region["score"]) == ("box", "image", 0.75)


def test_a_box_over_the_edge_is_cut_and_stored_as_it_is_sent():
    found = made(FoundBox("person", 0.5, (-10.0, -10.0, 700.0, 100.0)))
    assert found.to_rows() == [{"label": "person", "score": 0.5, "box": [0.0, 0.0, 640.0, 100.0]}]
    assert found.prediction["result"][0]["value"]["width"] == 100.0


@pytest.mark.parametrize(
    "box, why",
    [
        (FoundBox("car", 0.9, (0, 0, 10, 10)), "its class is not asked for"),
        (FoundBox("person", 0.9, (10, 10, 10, 50)), "nothing of it lies in the picture"),
        (FoundBox("person", 0.9, (50, 10, 10, 50)), "nothing of it lies in the picture"),
        (FoundBox("person", 0.9, (700, 10, 800, 50)), "nothing of it lies in the picture"),
        (FoundBox("person", math.nan, (0, 0, 10, 10)), "it has numbers that are none"),
        (FoundBox("person", 1.5, (0, 0, 10, 10)), "it has numbers that are none"),
        (FoundBox("person", 0.9, (0, 0, math.inf, 10)), "it has numbers that are none"),
    ],
)
def test_what_cannot_be_shown_is_left_out_and_counted(box, why):
    found = made(box, FoundBox("jacket", 0.4, (0, 0, 10, 10)))
    assert found.left_out == {why: 1}
    assert [one.label for one in found.boxes] == ["jacket"]
    assert found.prediction["score"] == 0.4


def test_nothing_to_show_is_no_prediction():
    assert made().prediction is None
    assert made(FoundBox("car", 0.9, (0, 0, 10, 10))).prediction is None


def test_tags_that_are_known_are_chosen_already():
    found = made(tags={"weather": "rain", "mood": "good"})
    (region,) = found.prediction["result"]
    assert (region["type"], region["from_name"], region["value"]) == ("choices", "weather", {"choices": ["rain"]})
    assert found.prediction["score"] == 1.0


@given(boxes, st.tuples(st.integers(1, 9000), st.integers(1, 9000)))
def test_whatever_a_model_says_label_studio_gets_only_what_is_valid(found, size):
    sent = made(*found, size=size, tags={"weather": "rain"})
    assert region_faults(sent.prediction, names=NAMES, classes=CLASSES) == []
    assert len(sent.boxes) + sum(sent.left_out.values()) == len(found)
    skips = Skips()
    back, tags = read_regions(sent.prediction["result"], size=size, what="it", skips=skips)
    assert tags == {"weather": "rain"}
    for one, read in zip(sent.boxes, back, strict=True):
        assert read.label == one.label
        assert (read.x1, read.y1, read.x2, read.y2) == pytest.approx(one.box, abs=1e-4)


def test_the_servers_own_check_agrees():
    sent = made(FoundBox("person", 0.5, (-10.0, -10.0, 700.0, 100.0)), tags={"weather": "rain"})
    assert LabelInterface(CONFIG).validate_prediction(sent.prediction, return_errors=True) == []
    assert read_config(CONFIG).names == NAMES


@pytest.mark.parametrize(
    "change",
    [
        {"x": -1.0}, {"width": 101.0}, {"x": 60.0, "width": 50.0}, {"y": math.nan}, {"rectanglelabels": ["car"]},
    ],
)  # fmt: skip
def test_faults_that_the_server_would_take_are_seen(change):
    prediction = made(FoundBox("person", 0.5, (0.0, 0.0, 64.0, 36.0))).prediction
    prediction["result"][0]["value"] |= change
    assert region_faults(prediction, names=NAMES, classes=CLASSES)


def test_wrong_names_and_scores_are_seen():
    prediction = dict(made(FoundBox("person", 0.5, (0.0, 0.0, 64.0, 36.0))).prediction)
    assert region_faults(prediction, names=Names(boxes="other"), classes=CLASSES) == ["control 'box'"]
    assert region_faults(prediction | {"score": 2}, names=NAMES, classes=CLASSES) == ["score 2"]
