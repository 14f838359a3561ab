"""The registry of embedders, and the crops of boxes."""

import numpy as np
import pytest

from curation.backends.embed import EMBEDDERS, SHAPES, crop_boxes, load_embedder
from curation.core.errors import SpecError
from curation.core.types import Box

PICTURE = np.arange(40 * 60 * 3, dtype=np.uint32).astype(np.uint8).reshape(40, 60, 3)


@pytest.mark.parametrize(
    "name", ["", "descripter", "descriptor:", "descriptor:x", "onnx", "onnx:", "clip", "resnet:18"]
)
def test_a_name_that_means_nothing_lists_what_does(name):
    with pytest.raises(SpecError) as caught:
        load_embedder(name)

    assert "descriptor, onnx:PATH, ultralytics:NAME, clip:NAME" in str(caught.value)


def test_every_kind_says_how_it_is_written():
    assert SHAPES.keys() == EMBEDDERS.keys()


def test_an_embedder_is_loaded_once_for_each_process():
    assert load_embedder("descriptor") is load_embedder("descriptor")


def crop(x1, y1, x2, y2, margin=0.1):
    return crop_boxes(PICTURE, [Box("person", 0.9, x1, y1, x2, y2)], margin=margin)[0]


def test_a_crop_has_a_margin_on_each_side():
    assert np.array_equal(crop(20, 10, 40, 30), PICTURE[8:32, 18:42])


def test_a_crop_stays_in_the_picture():
    assert np.array_equal(crop(-5, -5, 100, 100), PICTURE)


@pytest.mark.parametrize("box", [(10, 10, 10, 10), (59.9, 39.9, 60, 40), (70, 50, 90, 60), (-9, -9, -5, -5)])
def test_a_crop_is_never_empty(box):
    assert min(crop(*box).shape) >= 1


def test_no_boxes_give_no_crops():
    assert crop_boxes(PICTURE, []) == []
