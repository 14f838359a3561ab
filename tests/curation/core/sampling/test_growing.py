"""Vectors that come bit by bit."""

import numpy as np

from curation.core.sampling.growing import Growing


def rows(*numbers):
    return np.asarray([[n, n] for n in numbers], np.float32).reshape(-1, 2)


def test_what_was_added_is_there_in_order():
    growing = Growing(np.zeros((0, 0), np.float32))
    assert len(growing) == 0
    for n in range(20):
        growing.add(rows(n))
        growing.add(rows())
    assert growing.all.tolist() == rows(*range(20)).tolist()


def test_what_is_taken_away_is_written_over():
    growing = Growing(rows(1, 2))
    growing.add(rows(3, 4))
    growing.keep(3)
    growing.add(rows(5))
    assert growing.all.tolist() == rows(1, 2, 3, 5).tolist()
