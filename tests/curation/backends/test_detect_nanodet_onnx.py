"""NanoDet sees what YOLOX sees."""

import numpy as np
import pytest

from curation.backends.decode.footage import VideoFootage
from curation.backends.decode.probe import probe
from curation.backends.detect import load_detector
from curation.core.errors import WeightsUnusable


def test_the_visitor_is_found_where_yolox_finds_him(shared_data):
    path = shared_data / "videos" / "one-by-one-person-detection.mp4"
    found = probe(path)
    with VideoFootage(path, start_us=0, keyframes_us=found.keyframes_us, rotation_deg=0) as footage:
        scenes = [footage.at(second * 1_000_000).rgb() for second in (2, 10, 30, 60, 80, 100)]
    answers = []
    for kind, weights in (("nanodet_onnx", "nanodet_m_416"), ("yolox_onnx", "yolox_nano")):
        detector = load_detector(f"{kind}:{shared_data}/weights/{weights}.onnx")
        answers.append(
            [[box for box in boxes if box.label == "person"] for boxes in detector.detect(scenes, min_score=0.5)]
        )
    assert [len(boxes) for boxes in answers[0]] == [len(boxes) for boxes in answers[1]] == [0, 1, 1, 1, 1, 1]
    for (here,), (there,) in zip(answers[0][1:], answers[1][1:], strict=True):
        assert np.allclose([here.x1, here.y1, here.x2, here.y2], [there.x1, there.y1, there.x2, there.y2], atol=40)


def test_nothing_in_nothing(shared_data):
    detector = load_detector(f"nanodet_onnx:{shared_data}/weights/nanodet_m_416.onnx")
    assert detector.detect([], min_score=0.3) == []
    assert detector.detect([np.zeros((7, 1, 3), np.uint8)], min_score=0.9) == [[]]


def test_another_kind_of_network_is_refused(shared_data):
    with pytest.raises(WeightsUnusable, match="it is no NanoDet"):
        load_detector(f"nanodet_onnx:{shared_data}/weights/yolox_nano.onnx")
    with pytest.raises(WeightsUnusable, match="80 classes, but 2 names"):
        load_detector(f"nanodet_onnx:{shared_data}/weights/nanodet_m_416.onnx?classes=a,b")
