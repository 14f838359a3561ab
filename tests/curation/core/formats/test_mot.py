from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.formats import FormatError, detect
from curation.core.formats.mot import Mot
from tests.curation.core.formats.pictures import (
    box,
    boxes,
    near,
    picture,
    picture_bytes,
    put,
    read,
    there_and_back,
    write,
)  # fmt: skip

INFO = "[Sequence]\nname=gate\nimDir=img1\nframeRate=25\nseqLength=3\nimWidth=64\nimHeight=48\nimExt=.jpg\n"


def sequence(
    root, rows="1,7,2,3,10,20,1,1,1\n", *, info=INFO, labels="person\ncar\n", folder="gate", video="gate/gate.mp4"
):
    put(root, f"{folder}/gt/gt.txt", rows)
    if info is not None:
        put(root, f"{folder}/seqinfo.ini", info)
    if labels is not None:
        put(root, f"{folder}/gt/labels.txt", labels)
    if video:
        put(root, video, b"")
    return read(Mot(), root)


def at(index, boxes=(), **more):
    return picture(f"gate/{index + 1:06d}.jpg", boxes, sequence="gate", frame_index=index, **more)


def test_frames_pixels_and_classes_count_from_one(tmp_path):
    found, reading = sequence(tmp_path)
    assert list(found.values()) == [at(0, [box("person", 1, 2, 11, 22, track_id=7)]), at(1), at(2)]
    assert {one.video_file for one in found.values()} == {"gate/gate.mp4"}
    assert (reading.classes, reading.skips.total) == (["person", "car"], 0)


def test_pictures_are_taken_where_there_are_any(tmp_path):
    put(tmp_path, "gate/img1/000002.jpg", picture_bytes((64, 48)))
    found, reading = sequence(tmp_path, info=None, labels=None, video="")
    assert {name: (one.frame_index, one.picture_file) for name, one in found.items()} == {
        "gate/img1/000002.jpg": (1, "gate/img1/000002.jpg")
    }
    assert reading.skips.counts == {"box of a frame that is not there": 1}


def test_a_video_may_lie_beside_the_folder(tmp_path):
    found, _ = sequence(tmp_path, video="gate.mp4")
    assert {one.video_file for one in found.values()} == {"gate.mp4"}


def test_flag_0_is_an_attribute_and_so_is_a_visibility_below_1(tmp_path):
    found, _ = sequence(tmp_path, "1,7,2,3,10,20,0,2,0.25\n")
    (one,) = found["gate/000001.jpg"].boxes
    assert (one.label, one.attributes) == ("car", {"ignored": True, "visibility": 0.25})


def test_older_files_without_classes_hold_pedestrians(tmp_path):
    found, _ = sequence(tmp_path, "1,7,2,3,10,20,1,-1,-1,-1\n2,-1,2,3,10,20\n", labels=None)
    assert found["gate/000001.jpg"].boxes == [box("pedestrian", 1, 2, 11, 22, track_id=7)]
    assert found["gate/000002.jpg"].boxes == [box("pedestrian", 1, 2, 11, 22)]


marks = st.fixed_dictionaries({}, optional={"ignored": st.just(True), "visibility": st.floats(0, 0.99)})


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["gate", "Füße/2", "a b"]),
            st.integers(0, 30),
            st.lists(boxes(inside=False, track_id=st.none() | st.integers(0, 99), attributes=marks), max_size=3),
            st.sampled_from(["", "train", "test"]),
        ),
        max_size=5,
        unique_by=lambda one: one[:2],
    )
)
def test_round_trip_keeps_boxes_tracks_and_frame_numbers(drawn):
    split_of = {name: split for name, _, _, split in drawn}
    pictures = [
        picture(f"{name}-{index}.jpg", some, sequence=name, frame_index=index, split=split_of[name])
        for name, index, some, _ in drawn
    ]
    if not pictures:
        return
    found, losses = there_and_back(Mot(), pictures)
    assert losses == {}
    again = {(one.sequence, one.frame_index): one for one in found.values()}
    assert len(again) == len(pictures)
    for one in pictures:
        other = again[one.sequence, one.frame_index]
        assert other.split == one.split
        for left, right in zip(one.boxes, other.boxes, strict=True):
            assert replace(left, x1=0, y1=0, x2=0, y2=0) == replace(right, x1=0, y1=0, x2=0, y2=0)
            assert near(left, right, within=1e-9)


def test_what_is_no_labelled_frame_of_a_video_is_left_out_and_counted(tmp_path):
    pictures = [picture(), at(0, None), at(1, [box()], tags={"a": 1}), replace(at(1), name="twice.jpg")]
    assert [Mot().picture_path(one) for one in pictures[:3]] == ["", "", "gate/img1/000002.jpg"]
    losses = write(Mot(), pictures, tmp_path, files=False)
    assert losses == {
        "picture that is no labelled frame of a video (left out)": 2,
        "picture of a frame that another shows too (left out)": 1,
        "tags of a picture": 1,
    }


@pytest.mark.parametrize(
    "row, why",
    [
        ("1,7,2,3,0,20,1,1,1", "box without area"),
        ("1,7,2,3,-4,20,1,1,1", "box without area"),
        ("1,7,99,3,10,20,1,1,1", "box outside its picture"),
        ("1,7,nan,3,10,20,1,1,1", "box with a missing corner, or one that is no finite number"),
        ("1,7,2,3,1e999,20,1,1,1", "box with a missing corner, or one that is no finite number"),
        ("1,7,2,3,1e9,20,1,1,1", "box with a corner beyond 1,000,000 px"),
        ("1,7,2,3", "box with a missing corner, or one that is no finite number"),
        ("1,7,2,3,10,20,1,9,1", "row of a class that is not listed"),
        ("4,7,2,3,10,20,1,1,1", "box of a frame that is not there"),
        ("0,7,2,3,10,20,1,1,1", "box of a frame that is not there"),
        ("x,7,2,3,10,20,1,1,1", "row without a frame number"),
        ("1.5,7,2,3,10,20,1,1,1", "row without a frame number"),
        ("one two", "row without a frame number"),
    ],
)
def test_rows_that_are_not_valid_are_skipped_with_a_reason(tmp_path, row, why):
    found, reading = sequence(tmp_path, f"{row}\n\n2,7,2,3,10,20,1,1,1\n")
    assert [len(one.boxes) for one in found.values()] == [0, 1, 0]
    assert dict(reading.skips.counts) == {why: 1}


@pytest.mark.parametrize(
    "info, why",
    [
        (None, "sequence whose width and height neither a seqinfo.ini nor a picture says"),
        ("", "sequence whose seqinfo.ini is not valid"),
        ("x", "sequence whose seqinfo.ini is not valid"),
        (INFO.replace("64", "-1"), "sequence whose width and height neither a seqinfo.ini nor a picture says"),
        (INFO.replace("=3", "=0"), "sequence without pictures whose length no seqinfo.ini says"),
        (INFO.replace("=3", "=99999999999"), "sequence without pictures whose length no seqinfo.ini says"),
        (b"\xff\xff", "file that is not UTF-8 text"),
    ],
)
def test_a_sequence_of_which_too_little_is_known_is_skipped(tmp_path, info, why):
    found, reading = sequence(tmp_path, info=info)
    assert found == {}
    assert dict(reading.skips.counts) == {why: 1}


def test_detections_are_no_labels(tmp_path):
    put(tmp_path, "gate/det/det.txt", "1,-1,2,3,10,20,0.9,-1,-1,-1\n")
    with pytest.raises(FormatError, match=r"det.txt holds detections, which are no labels"):
        Mot().read(tmp_path)
    _, reading = sequence(tmp_path)
    assert reading.skips.counts == {"file of detections, which are no labels": 1}


def test_a_folder_without_truth_is_refused_with_what_was_expected(tmp_path):
    with pytest.raises(FormatError, match=r"MOT Challenge has a gt/gt.txt in the folder of each sequence"):
        Mot().read(tmp_path)


def test_pictures_whose_names_are_no_numbers_are_noted(tmp_path):
    for name in ("000001.jpg", "1.jpg", "x.jpg"):
        put(tmp_path, f"gate/img1/{name}", picture_bytes((64, 48)))
    found, reading = sequence(tmp_path)
    assert len(found) == 1
    assert reading.skips.counts == {
        "picture whose frame number is another's too": 1,
        "picture whose name is no frame number": 1,
    }


def test_it_is_recognised(tmp_path):
    sequence(tmp_path)
    assert detect(tmp_path) == detect(tmp_path / "gate") == "mot"
