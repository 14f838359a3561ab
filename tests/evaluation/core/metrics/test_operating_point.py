"""Scores chosen by what they reach."""

import numpy as np
import pytest
from hypothesis import given, settings

from curation.core.errors import SpecError
from evaluation.core.coco_files import coco_evidence
from evaluation.core.metrics.at_score import F1, Precision, Recall
from evaluation.core.metrics.contract import BoxPart
from evaluation.core.metrics.operating_point import best_f1_score, score_reaching
from tests.evaluation.core.coco_cases import cases, evidence

BOX, FAR = (0, 0, 10, 10), (50, 50, 10, 10)


def part(truths, found, images=4):
    proof = evidence(truths, found, images=images)
    return BoxPart(proof, np.ones(proof.image_count, bool))


def ladder():
    """Right, right, false, right, false; one object is never found."""
    truths = [(image, 0, BOX, "") for image in range(4)]
    found = [(0, 0, BOX, 0.9), (1, 0, BOX, 0.8), (1, 0, FAR, 0.7), (2, 0, BOX, 0.6), (2, 0, FAR, 0.5)]
    return part(truths, found)


@pytest.mark.parametrize("precision, score", [(1.0, 0.8), (0.75, 0.6), (0.7, 0.6), (0.6, 0.5), (0.0, 0.5)])
def test_the_lowest_score_that_reaches_a_precision(precision, score):
    assert score_reaching(ladder(), precision=precision) == score


@pytest.mark.parametrize("recall, score", [(0.75, 0.6), (0.5, 0.8), (0.51, 0.6), (0.0, 0.9)])
def test_the_highest_score_that_reaches_a_recall(recall, score):
    assert score_reaching(ladder(), recall=recall) == score


def test_what_cannot_be_reached_is_refused_with_the_best_that_can():
    with pytest.raises(SpecError, match=r"recall of 0\.9: the best is 0\.750, at score 0\.6"):
        score_reaching(ladder(), recall=0.9)
    with pytest.raises(SpecError, match=r"precision of 0\.5: the best is 0\.000"):
        score_reaching(part([], [(0, 0, BOX, 0.5)]), precision=0.5)
    with pytest.raises(SpecError, match="no boxes"):
        score_reaching(part([(0, 0, BOX, "")], []), recall=0.5)
    with pytest.raises(SpecError, match="no objects"):
        score_reaching(part([], [(0, 0, BOX, 0.5)]), recall=0.5)
    with pytest.raises(ValueError, match="either"):
        score_reaching(ladder())


def test_boxes_of_one_score_come_together():
    tied = part([(0, 0, BOX, "")], [(0, 0, BOX, 0.5), (0, 0, FAR, 0.5)])
    assert score_reaching(tied, precision=0.5) == 0.5
    with pytest.raises(SpecError):
        score_reaching(tied, precision=0.6)


def test_the_best_f1():
    assert best_f1_score(ladder()) == 0.6
    assert best_f1_score(part([], [(0, 0, BOX, 0.5)])) is None
    assert best_f1_score(part([(0, 0, BOX, "")], [])) is None
    assert best_f1_score(part([(0, 0, BOX, "")], [(0, 0, FAR, 0.5)])) is None


@given(cases())
@settings(max_examples=60)
def test_the_score_reaches_what_the_metrics_measure(case):
    proof = coco_evidence(*case).evidence
    whole, one = BoxPart(proof, np.ones(proof.image_count, bool)), np.ones((1, proof.group_count), np.int32)

    def at(kind, score):
        return float(np.nan_to_num(kind(score=score).measure(whole, one)[0]))

    scores = sorted(set(proof.found.score.tolist()))
    best = best_f1_score(whole)
    if best is None:
        assert max([at(F1, score) for score in scores], default=0) == 0
    else:
        assert at(F1, best) == pytest.approx(max(at(F1, score) for score in scores))
    good = [score for score in scores if at(Precision, score) >= 0.5]
    if good:
        chosen = score_reaching(whole, precision=0.5)
        assert at(Precision, chosen) >= 0.5
        assert at(Recall, chosen) == max(at(Recall, score) for score in good)
