"""Crowds of vectors as a factor."""

import numpy as np
import pytest

from evaluation.core.slice_clusters import cluster_factor
from evaluation.core.slices import discover


def crowds(sizes, seed=0):
    chance = np.random.default_rng(seed)
    centres = np.eye(8)[: len(sizes)]
    vectors = np.repeat(centres, sizes, axis=0) + chance.normal(0, 0.05, (sum(sizes), 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_crowds_come_apart_and_the_largest_is_first():
    vectors = crowds([30, 80, 50])
    found = cluster_factor(vectors, np.ones(160, bool), clusters=3)
    assert found.name == "looks like"
    assert found.names == ("cluster 1", "cluster 2", "cluster 3")
    assert found.queries == ("", "", "")
    assert found.codes.tolist() == [2] * 30 + [0] * 80 + [1] * 50


def test_the_same_seed_makes_the_same_crowds_and_frames_without_a_vector_are_in_none():
    vectors = crowds([40, 40])
    has_one = np.arange(80) % 4 > 0
    first, again = (cluster_factor(vectors, has_one, clusters=5, seed=2).codes for _ in range(2))
    assert first.tolist() == again.tolist()
    assert set(first[~has_one]) == {-1}


def test_a_sample_stands_for_many(monkeypatch):
    monkeypatch.setattr("evaluation.core.slice_clusters.SAMPLE", 50)
    codes = cluster_factor(crowds([300, 200]), np.ones(500, bool), clusters=2).codes
    assert codes.tolist() == [0] * 300 + [1] * 200


def test_few_or_no_vectors():
    assert cluster_factor(np.zeros((3, 4), np.float32), np.zeros(3, bool), clusters=2).names == ()
    same = np.ones((5, 4), np.float32)
    assert cluster_factor(same, np.ones(5, bool), clusters=3).codes.tolist() == [0] * 5
    with pytest.raises(ValueError, match="clusters is 0"):
        cluster_factor(same, np.ones(5, bool), clusters=0)


def test_a_weak_crowd_is_found_without_a_query():
    vectors = crowds([600, 600, 600])
    group = np.tile(np.arange(60), 30)
    of = np.full(1800, 2)
    hits = np.random.default_rng(1).binomial(of, np.repeat([0.9, 0.9, 0.5], 600))
    crowd = cluster_factor(vectors, np.ones(1800, bool), clusters=3)
    (one,) = discover([crowd], hits=hits, of=of, group=group).slices
    assert one.name.startswith("looks like cluster ")
    assert one.query == ""
    assert one.images.tolist() == list(range(1200, 1800))
