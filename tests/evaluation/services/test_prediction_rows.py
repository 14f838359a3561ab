"""Predictions come out of the database as arrays, mapped, in order, exactly as they went in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.services.prediction_rows import extents, labels_found, put_boxes, read_found
from tests.evaluation.factories import ModelVersionFactory, PredictionFactory, PredictionRunFactory
from tests.factories import FrameFactory


@pytest.fixture
def run(db):
    model = ModelVersionFactory(
        labels=["man", "woman", "bus", "dog"], label_map={"man": "person", "woman": "person", "bus": None}
    )
    return PredictionRunFactory(model=model, finished_at=None, frame_count=3)


def frames(count):
    return [FrameFactory() for _ in range(count)]


def test_boxes_come_by_place_in_the_order_they_were_written(run):
    first, second, third = (frame.pk for frame in frames(3))
    put_boxes(run, frame_ids=[second, first], rows=[
        (second, "dog", 0.5, 1, 2, 4, 6), (first, "man", 0.5, 0, 0, 1, 1), (second, "woman", 0.9, 0, 0, 2, 3),
        (first, "bus", 0.8, 0, 0, 9, 9), (first, "woman", 0.5, 0, 0, 5, 5),
    ])  # fmt: skip
    found = read_found(run, frame_ids=np.array([third, second, first]), labels=("dog", "person"))
    assert found.image.tolist() == [1, 1, 2, 2]
    assert found.label.tolist() == [0, 1, 1, 1]
    assert found.score.tolist() == [0.5, 0.9, 0.5, 0.5]
    assert found.xywh.tolist() == [[1, 2, 3, 4], [0, 0, 2, 3], [0, 0, 1, 1], [0, 0, 5, 5]]
    assert labels_found(run) == ("dog", "person")
    assert read_found(run, frame_ids=np.array([first]), labels=("person",)).image.tolist() == [0, 0]


def test_nothing_is_found_where_nothing_is(run):
    frame = FrameFactory()
    for ids in ([], [frame.pk]):
        found = read_found(run, frame_ids=np.array(ids, np.int64), labels=("person",))
        assert (len(found.image), found.xywh.shape, found.score.dtype) == (0, (0, 4), np.float64)
    PredictionFactory(run=run, frame=frame, label="dog")
    assert len(read_found(run, frame_ids=np.array([frame.pk]), labels=()).image) == 0
    assert len(read_found(run, frame_ids=np.array([], np.int64), labels=("dog",)).image) == 0
    assert len(read_found(run, frame_ids=np.array([frame.pk]), labels=("dog",)).image) == 1
    assert labels_found(PredictionRunFactory()) == ()


def test_writing_again_replaces(run):
    first, second = (frame.pk for frame in frames(2))
    put_boxes(run, frame_ids=[first, second], rows=[(first, "dog", 1, 0, 0, 1, 1), (second, "dog", 1, 0, 0, 1, 1)])
    assert put_boxes(run, frame_ids=[first], rows=[(first, "man", 0.25, 0, 0, 1, 1)] * 2) == 2
    found = read_found(run, frame_ids=np.array([first, second]), labels=("person", "dog"))
    assert found.label.tolist() == [0, 0, 1]


def test_numbers_and_names_come_back_as_they_were(run):
    frame, odd = FrameFactory().pk, 'a "\t\\N\n label'
    sides = (61.87, 1 / 3, 358.29, 1e-9 + 1)
    put_boxes(run, frame_ids=[frame], rows=[(frame, odd, 0.1 + 0.2, *sides)])
    found = read_found(run, frame_ids=np.array([frame]), labels=(odd,))
    assert found.score[0] == 0.1 + 0.2
    assert found.xywh[0, 2] == 296.42
    assert (found.xywh[0, 0], found.xywh[0, 1]) == sides[:2]


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 100_000), st.integers(0, 3)), max_size=20))
def test_a_width_of_few_digits_comes_back_as_it_was(pairs):
    start = np.array([a / 10**d for a, _, d in pairs])
    width = np.array([b / 10**d for _, b, d in pairs])
    assert extents(start, start + width).tolist() == width.tolist()
