import json
import tempfile
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from curation.core.formats import FormatError, detect
from curation.core.formats.label_studio import LabelStudio
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

OLDER, CANCELLED = "older annotation of a task that has several", "annotation that its annotator skipped"
NO_NUMBER = "box with a missing corner, or one that is no finite number"
VALUE = {"x": 25, "y": 50, "width": 50, "height": 25, "rotation": 0, "rectanglelabels": ["person"]}


def region(value=None, *, kind="rectanglelabels", **more):
    said = {
        "id": "r",
        "type": kind,
        "from_name": "label",
        "to_name": "image",
        "original_width": 64,
        "original_height": 48,
    }
    return {**said, "image_rotation": 0, "value": {**VALUE, **(value or {})}, **more}


def task(*regions, image="a.jpg", **more):
    return {"data": {"image": image}, "annotations": [{"result": list(regions)}], **more}


def read_tasks(root, *tasks):
    put(root, "tasks.json", json.dumps(tasks))
    return read(LabelStudio(), root)


def test_percent_are_pixels(tmp_path):
    found, reading = read_tasks(tmp_path, task(region()))
    assert found == {"a.jpg": picture(boxes=[box("person", 16, 24, 48, 36)])}
    assert (reading.classes, reading.skips.total) == (["person"], 0)


def test_an_empty_annotation_says_nothing_is_there_and_no_annotation_that_nobody_looked(tmp_path):
    put(tmp_path, "a.jpg", picture_bytes((64, 48)))
    put(tmp_path, "b.jpg", picture_bytes((64, 48)))
    found, _ = read_tasks(tmp_path, task(), {"data": {"image": "b.jpg"}, "annotations": []})
    assert {name: one.boxes for name, one in found.items()} == {"a.jpg": [], "b.jpg": None}


@settings(max_examples=40, deadline=None)
@given(datasets(box_fields=full_box, picture_fields=full_picture, inside=False))
def test_round_trip_lies_within_a_millionth_of_a_pixel(pictures):
    found, losses = there_and_back(LabelStudio(), pictures, files=False)
    assert losses == {}
    assert {n: replace(o, boxes=None) for n, o in found.items()} == {
        one.name: replace(one, boxes=None) for one in pictures
    }
    still = {"x1": 0, "y1": 0, "x2": 0, "y2": 0}
    for one in pictures:
        again = found[one.name].boxes
        if one.boxes is None:
            assert again is None
            continue
        assert [replace(b, **still) for b in one.boxes] == [replace(b, **still) for b in again]
        assert all(near(left, right, within=1e-6) for left, right in zip(one.boxes, again, strict=True))


def test_corners_of_up_to_six_decimals_come_back_exactly():
    pictures = [picture(boxes=[box(x1=0.1, y1=1.234567, x2=33.333333, y2=47.999999)])]
    assert there_and_back(LabelStudio(), pictures)[0] == by_name(pictures)


def test_choices_and_numbers_are_tags(tmp_path):
    choice = {**region(kind="choices"), "from_name": "weather", "value": {"choices": ["rain"]}}
    many = {**region(kind="choices"), "from_name": "seen", "value": {"choices": ["a", "b"]}}
    number = {**region(kind="number"), "from_name": "lanes", "value": {"number": 3}}
    found, _ = read_tasks(tmp_path, task(choice, many, number))
    assert found["a.jpg"].tags == {"weather": "rain", "seen": ["a", "b"], "lanes": 3}


def test_what_a_person_chose_afterwards_wins():
    source = picture(tags={"weather": "rain", "seen": ["a"]})
    ((_, content),) = LabelStudio().write([source], classes=[], losses=Counter())
    (written,) = json.loads(content)
    for one in written["annotations"][0]["result"]:
        one["value"] = {"choices": ["snow"]} if one["from_name"] == "weather" else one["value"]
    with tempfile.TemporaryDirectory() as root:
        found, _ = read_tasks(root, written)
    assert found["a.jpg"].tags == {"weather": "snow", "seen": ["a"]}


def test_shapes_and_labels_kept_apart_come_together(tmp_path):
    shape = {
        **region(kind="rectangle"),
        "value": {key: VALUE[key] for key in ("x", "y", "width", "height", "rotation")},
    }
    found, _ = read_tasks(tmp_path, task(shape, region({"labels": ["car"]}, kind="labels")))
    assert found["a.jpg"].boxes == [box("car", 16, 24, 48, 36)]


def test_polygons_are_boxes_with_an_outline(tmp_path):
    shape = {
        **region(kind="polygonlabels"),
        "value": {"points": [[25, 50], [75, 50], [75, 75]], "polygonlabels": ["car"]},
    }
    found, _ = read_tasks(tmp_path, task(shape))
    assert found["a.jpg"].boxes == [box("car", 16, 24, 48, 36, segmentation=[[16, 24, 48, 24, 48, 36]])]


def test_the_ground_truth_counts_else_the_newest_and_skipped_ones_never(tmp_path):
    def annotation(x, **more):
        return {"result": [region({"x": x})], **more}

    old, new = annotation(0, updated_at="2026-01-01"), annotation(25, updated_at="2026-02-01")
    truth, cancelled = annotation(50, ground_truth=True, updated_at="2025"), annotation(10, was_cancelled=True)
    for annotations, x, skipped in (
        ([new, old, cancelled], 16, {OLDER: 1, CANCELLED: 1}),
        ([new, truth], 32, {OLDER: 1}),
        ([cancelled], None, {CANCELLED: 1}),
    ):
        put(tmp_path, "a.jpg", picture_bytes((64, 48)))
        found, reading = read_tasks(tmp_path, {"data": {"image": "a.jpg"}, "annotations": annotations})
        assert dict(reading.skips.counts) == skipped
        boxes = found["a.jpg"].boxes
        assert boxes is None if x is None else boxes[0].x1 == x


@pytest.mark.parametrize(
    "address, name, file",
    [
        ("/data/upload/1/0a1b2c3d-a.jpg", "0a1b2c3d-a.jpg", "x/a.jpg"),
        ("/data/local-files/?d=x/a.jpg", "x/a.jpg", "x/a.jpg"),
        ("s3://bucket/x/a.jpg", "x/a.jpg", "x/a.jpg"),
        ("https://host/files/x/a.jpg?X-Amz-Signature=1", "files/x/a.jpg", "x/a.jpg"),
        ("https://host/x/%C3%BC.jpg", "x/ü.jpg", ""),
        ("x/a.jpg", "x/a.jpg", "x/a.jpg"),
        ("100%25.jpg", "100%25.jpg", ""),
    ],
)
def test_the_picture_is_found_by_its_address(tmp_path, address, name, file):
    put(tmp_path, "x/a.jpg", picture_bytes((64, 48)))
    found, _ = read_tasks(tmp_path, task(region(), image=address))
    assert {name: one.picture_file for name, one in found.items()} == {name: file}


def test_two_uploads_of_one_name_do_not_share_a_file(tmp_path):
    put(tmp_path, "a.jpg", picture_bytes((64, 48)))
    uploads = [task(region(), image=f"/data/upload/1/{number}a1b2c3d-a.jpg") for number in (0, 1)]
    found, reading = read_tasks(tmp_path, *uploads)
    assert len(found) == 1
    assert reading.skips.counts == {"picture whose file is another's too": 1}


@pytest.mark.parametrize(
    "address", ["../a.jpg", "https://host/../../a.jpg", "a.txt", "", "http://[", "/data/local-files/?d=../a.jpg"]
)
def test_addresses_that_name_no_picture_or_not_safely_are_refused(tmp_path, address):
    found, reading = read_tasks(tmp_path, task(region(), image=address))
    assert (found, dict(reading.skips.counts)) == ({}, {"task whose data names no picture, or not safely": 1})


@pytest.mark.parametrize(
    "one, why",
    [
        (region({"rotation": 30}), "rotated box, or box on a rotated picture"),
        (region(image_rotation=90), "rotated box, or box on a rotated picture"),
        (region({"width": 0}), "box without area"),
        (region({"x": float("nan")}), NO_NUMBER),
        (region({"x": 1e300}), "box with a corner beyond 1,000,000 px"),
        (region({"x": 1e308, "width": 1e308}), NO_NUMBER),
        (region({"x": "1"}), NO_NUMBER),
        (region({"x": 120}), "box outside its picture"),
        (region({"rectanglelabels": []}), "box without a usable label (1 to 80 characters)"),
        (region({"rectanglelabels": [3]}), "box without a usable label (1 to 80 characters)"),
        (region({"points": [[1, 2], [3]]}, kind="polygonlabels"), NO_NUMBER),
        (region(kind="brushlabels"), "region that is no rectangle, polygon, choice or number"),
        (region(kind=7), "region without a type and a value"),
        ({**region(), "value": 7}, "region without a type and a value"),
        ("x", "region without a type and a value"),
        ({**region(kind="choices"), "value": {"choices": [None]}}, "choice or number without a name or a usable value"),
        ({**region(kind="choices"), "value": {}}, "choice or number without a name or a usable value"),
    ],
)  # fmt: skip
def test_regions_that_are_not_valid_are_skipped_with_a_reason(tmp_path, one, why):
    put(tmp_path, "a.jpg", picture_bytes((64, 48)))
    found, reading = read_tasks(tmp_path, task(one))
    assert (found["a.jpg"].boxes, found["a.jpg"].tags) == ([], {})
    assert dict(reading.skips.counts) == {why: 1}


def test_tasks_that_are_not_valid_are_skipped_with_a_reason(tmp_path):
    tasks = [task(region()), task(region()), {"data": 3}, 7, {"data": {"image": "b.jpg"}, "annotations": [{}]}]
    predicted = {"data": {"image": "c.jpg"}, "predictions": [{"result": []}]}
    put(tmp_path, "c.jpg", picture_bytes((64, 48)))
    found, reading = read_tasks(tmp_path, *tasks, predicted)
    assert {name: one.boxes is None for name, one in found.items()} == {"a.jpg": False, "c.jpg": True}
    assert reading.skips.counts == {
        "picture whose name is another's too": 1,
        "task without data": 2,
        "annotation without a result": 1,
        "picture without a usable width and height": 1,
        "prediction, which is no label": 1,
    }


@pytest.mark.parametrize("content", ["", "[", "[1]", '[{"image": "a.jpg", "label": []}]', "null", b"\xff", "[" * 99999])
def test_a_file_that_is_no_such_is_refused_with_what_was_expected(tmp_path, content):
    put(tmp_path, "tasks.json", content)
    with pytest.raises(FormatError, match="Label Studio's JSON is a list of tasks with `data` and `annotations`"):
        LabelStudio().read(tmp_path)


def test_addresses_begin_as_asked():
    maker = LabelStudio(prefix="https://host/files/", control="boxes", target="photo")
    ((_, content),) = maker.write([picture("a/ü #1.jpg", [box()])], classes=[], losses=Counter())
    (written,) = json.loads(content)
    assert written["data"]["photo"] == "https://host/files/images/a__%C3%BC%20%231.jpg"
    (one,) = written["annotations"][0]["result"]
    assert (one["from_name"], one["to_name"], one["original_width"]) == ("boxes", "photo", 64)


def test_it_is_recognised(tmp_path):
    write(LabelStudio(), [picture(boxes=[box()])], tmp_path)
    assert detect(tmp_path) == "label_studio"
    put(tmp_path / "other", "1.json", json.dumps(task(region())))
    assert detect(tmp_path / "other") == "label_studio"
    assert len(read(LabelStudio(), tmp_path / "other")[0]) == 1
