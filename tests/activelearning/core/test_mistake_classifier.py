"""Mistakes are told from all else by what sets them apart."""

import numpy as np
import pytest

from activelearning.core.mistake_classifier import MistakeClassifier


def boxes_of(width, height, count):
    return np.tile([0.0, 0.0, width, height], (count, 1))


NO_LOOKS = np.zeros((60, 0), np.float32)


def test_shape_alone_tells_where_boxes_have_no_vectors():
    xyxy = np.concatenate([boxes_of(100, 30, 10), boxes_of(30, 100, 50)])
    learned = MistakeClassifier.learn(np.full(60, 0.5), xyxy, NO_LOOKS, np.arange(60) < 10)
    wide, tall = learned.chance(np.full(2, 0.5), np.array([[0, 0, 90.0, 30], [0, 0, 30, 90.0]]), NO_LOOKS[:2])
    assert wide > 0.9
    assert tall < 0.1


def test_looks_that_all_share_do_not_count_and_those_that_differ_do():
    rng = np.random.default_rng(0)
    looks = np.zeros((60, 8), np.float32)
    looks[:, 0] = 0.95  # what every box of the kind has
    looks[:10, 1] = 0.3
    looks[10:, 2] = 0.3
    looks += rng.normal(0, 0.02, looks.shape).astype(np.float32)
    xyxy, score = boxes_of(30, 60, 60), np.full(60, 0.4)
    learned = MistakeClassifier.learn(score, xyxy, looks, np.arange(60) < 10)
    new = np.zeros((2, 8), np.float32)
    new[:, 0] = 0.95
    new[0, 1], new[1, 2] = 0.3, 0.3
    mistake, other = learned.chance(score[:2], xyxy[:2], new)
    assert mistake > 0.8
    assert other < 0.2


def test_a_few_mistakes_weigh_as_much_as_many_others():
    score = np.concatenate([np.full(5, 0.2), np.full(500, 0.9)])
    learned = MistakeClassifier.learn(score, boxes_of(10, 20, 505), np.zeros((505, 0), np.float32), np.arange(505) < 5)
    assert learned.chance(np.array([0.2]), boxes_of(10, 20, 1), np.zeros((1, 0), np.float32))[0] > 0.9


def test_chances_lie_between_0_and_1_for_any_box():
    learned = MistakeClassifier.learn(np.array([0.1, 0.9] * 30), boxes_of(10, 20, 60), NO_LOOKS, np.arange(60) % 2 == 0)
    chance = learned.chance(np.array([0.0, 1.0]), np.array([[5.0, 5, 5, 5], [0, 0, 1e6, 1e-9]]), NO_LOOKS[:2])
    assert ((chance >= 0) & (chance <= 1)).all()


@pytest.mark.parametrize("is_mistake", [np.zeros(60, bool), np.ones(60, bool)])
def test_one_kind_alone_teaches_nothing(is_mistake):
    with pytest.raises(ValueError, match="that are not"):
        MistakeClassifier.learn(np.full(60, 0.5), boxes_of(10, 20, 60), NO_LOOKS, is_mistake)
