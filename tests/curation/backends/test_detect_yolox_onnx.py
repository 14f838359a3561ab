"""YOLOX finds the visitor, and its boxes come from the right arithmetic."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import probe
from curation.backends.detect import load_detector
from curation.backends.detect.boxes import Letterbox, pick_boxes
from curation.core.errors import WeightsUnusable

SIDE = 64
ANCHORS = (SIDE // 8) ** 2 + (SIDE // 16) ** 2 + (SIDE // 32) ** 2


@pytest.fixture(scope="module")
def yolox(shared_data):
    return load_detector(f"yolox_onnx:{shared_data}/weights/yolox_nano.onnx")


@pytest.fixture(scope="module")
def scenes(shared_data):
    path = shared_data / "videos" / "one-by-one-person-detection.mp4"
    found = probe(path)
    with VideoFootage(path, start_us=0, keyframes_us=found.keyframes_us, rotation_deg=0) as footage:
        return [footage.at(second * 1_000_000).rgb() for second in (2, 10, 21, 60, 80)]


def people(boxes):
    return [box for box in boxes if box.label == "person"]


def test_the_visitor_is_found_and_the_empty_room_is_empty(yolox, scenes):
    counts = [len(people(boxes)) for boxes in yolox.detect(scenes, min_score=0.5)]
    assert counts == [0, 1, 0, 1, 1]
    (visitor,) = people(yolox.detect(scenes[1:2], min_score=0.5)[0])
    # Read off the picture.
    assert np.allclose([visitor.x1, visitor.y1, visitor.x2, visitor.y2], [381, 15, 516, 407], atol=6)


def test_many_pictures_are_as_one_after_another(yolox, scenes):
    assert yolox.detect(scenes, min_score=0.1) == [yolox.detect([scene], min_score=0.1)[0] for scene in scenes]
    assert yolox.detect([], min_score=0.1) == []


def test_boxes_scale_with_the_picture_and_stay_inside_it(yolox, scenes):
    large = np.repeat(np.repeat(scenes[1], 2, axis=0), 2, axis=1)
    ((box,), (twice,)) = (people(boxes)[:1] for boxes in yolox.detect([scenes[1], large], min_score=0.5))
    assert np.allclose([twice.x1, twice.y2], [2 * box.x1, 2 * box.y2], atol=16)
    for boxes, scene in zip(yolox.detect(scenes, min_score=0.02), scenes, strict=True):
        height, width = scene.shape[:2]
        assert all(0 <= b.x1 < b.x2 <= width and 0 <= b.y1 < b.y2 <= height for b in boxes)
        assert [b.score for b in boxes] == sorted((b.score for b in boxes), reverse=True)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 2000, 3), (2000, 1, 3), (3, 5, 3)])
def test_a_picture_of_any_size_is_taken(yolox, shape):
    assert len(yolox.detect([np.zeros(shape, np.uint8)], min_score=0.3)) == 1


def network(path, *, batch=1, classes=2, anchors=ANCHORS):
    """Write a network that answers with one box on the first anchor of stride 8: score 0.5 * the mean blue."""
    entry = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, SIDE, SIDE])
    exit_ = helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, anchors, 5 + classes])
    rows = np.full((1, anchors, 5 + classes), 0, np.float32)
    rows[0, 0, :5] = [0.5, 0.5, np.log(1.0), np.log(2.0), 0.5]
    rows[0, 0, 6] = 1.0
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("Slice", ["means", "from", "to", "axis"], ["blue"]),
        helper.make_node("Div", ["blue", "white"], ["share"]),
        helper.make_node("Unsqueeze", ["share", "axis"], ["scale"]),
        helper.make_node("Mul", ["rows", "scale"], ["scaled"]),
        helper.make_node("Mul", ["scaled", "mask"], ["blued"]),
        helper.make_node("Add", ["blued", "kept"], ["output"]),
    ]
    mask = np.zeros_like(rows)
    mask[..., 4] = 1
    numbers = {
        "from": np.array([0]),
        "to": np.array([1]),
        "axis": np.array([1]),
        "white": np.array([255], np.float32),
        "rows": rows,
        "mask": mask,
        "kept": rows * (1 - mask),
    }
    graph = helper.make_graph(
        nodes, "toy", [entry], [exit_], [onnx.numpy_helper.from_array(value, name) for name, value in numbers.items()]
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


@pytest.mark.parametrize("batch", [1, 2, "n"])
def test_channels_grid_and_scale_by_hand(batch, tmp_path):
    detector = load_detector(f"yolox_onnx:{network(tmp_path / f'{batch}.onnx', batch=batch)}?classes=cat,dog")
    blue, red = np.zeros((128, 128, 3), np.uint8), np.zeros((128, 128, 3), np.uint8)
    blue[..., 2], red[..., 0] = 255, 255
    found = detector.detect([blue, red, blue], min_score=0.4)
    assert [len(boxes) for boxes in found] == [1, 0, 1]
    box = found[0][0]
    # Centre (0.5, 0.5) of stride 8, size 8 x 16, in a picture twice as large as the input, cut off at the top.
    assert (box.label, box.score) == ("dog", pytest.approx(0.5))
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((0, 0, 16, 24))


@pytest.mark.parametrize(
    "made, options, says",
    [
        ({}, "", "knows 2 classes, but 80 names are given"),
        ({}, "?classes=a,b,c", "knows 2 classes, but 3 names are given"),
        ({"anchors": 99}, "?classes=a,b", "it is no undecoded YOLOX"),
    ],
)
def test_a_network_of_another_kind_is_refused(made, options, says, tmp_path):
    with pytest.raises(WeightsUnusable, match=says):
        load_detector(f"yolox_onnx:{network(tmp_path / 'toy.onnx', **made)}{options}")


def test_nms_keeps_the_best_of_a_class_and_both_of_two_classes():
    xyxy = np.array([[0, 0, 10, 10], [1, 0, 10, 10], [0, 0, 10, 10], [50, 50, 60, 60], [5, 5, 5, 9]], np.float32)
    scores = np.array([0.6, 0.9, 0.8, 0.3, 0.99], np.float32)
    kept = pick_boxes(xyxy, scores, np.array([0, 0, 1, 0, 0]), labels=["cat", "dog"], min_score=0.3, iou=0.5)
    assert [(box.label, round(box.score, 2)) for box in kept] == [("cat", 0.9), ("dog", 0.8), ("cat", 0.3)]
    none = np.zeros((0, 4), np.float32)
    assert pick_boxes(none, scores[:0], np.zeros(0, np.int64), labels=[], min_score=0.1, iou=0.5) == []


def test_a_letterbox_is_undone():
    out = np.zeros((32, 64, 3), np.uint8)
    fit = Letterbox.fit(np.full((20, 20, 3), (10, 20, 30), np.uint8), width_px=64, height_px=32, out=out)
    assert out[0, 0].tolist() == [30, 20, 10]
    assert out[31, 33].tolist() == [114, 114, 114]
    assert fit.undo(np.array([[0, 0, 32, 32], [-5, 16, 64, 99]], np.float32)).tolist() == [
        [0, 0, 20, 20],
        [0, 10, 20, 20],
    ]
