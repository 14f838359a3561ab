"""The counts of errors: a matrix by hand, and what rows and columns must sum up to."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.core.confusion import counted
from evaluation.core.error_kinds import KINDS, NAMES, errors_of
from tests.evaluation.core.scenes import LABELS, evidence, part, random_evidence, seen, truth

SCENE = evidence(
    [
        truth(0, "person", 0, 0, 10, 10),
        truth(0, "person", 50, 0, 10, 10),
        truth(1, "car", 0, 0, 10, 10),
        truth(1, "person", 50, 0, 10, 10),
    ],
    [
        seen(0, "person", 0, 0, 10, 10),
        seen(0, "car", 50, 0, 10, 10),
        seen(0, "car", 50, 0, 10, 10, 0.8),
        seen(1, "person", 0, 0, 10, 10),
        seen(1, "person", 90, 90, 10, 10),
    ],
)


def test_a_matrix_by_hand():
    told = counted(part(SCENE), errors_of(part(SCENE), score=0.5))
    assert told.kinds == {"class": 3, "localisation": 0, "both": 0, "duplicate": 0, "background": 1, "missed": 1}
    assert told.labels == ("person", "car")
    # Rows: person, car, nothing. A second car on the same person is one that is not there.
    assert told.confusion == ((1, 1, 1), (1, 0, 0), (1, 1, 0))


def test_a_part_by_label_shows_what_its_label_was_confused_with():
    asked = part(SCENE, labels=("person",))
    told = counted(asked, errors_of(asked, score=0.5))
    assert told.labels == ("person", "car")
    assert told.confusion == ((1, 1, 1), (1, 0, 0), (1, 0, 0))
    assert told.kinds["class"] == 1


def test_nothing():
    nothing = part(evidence())
    told = counted(nothing, errors_of(nothing, score=0.5))
    assert (told.kinds, told.labels, told.confusion) == (dict.fromkeys(KINDS, 0), (), ((0,),))


@given(st.integers(0, 2**32 - 1), st.sampled_from([(), ("person",), ("person", "bag")]))
@settings(max_examples=150)
def test_every_truth_stands_in_its_row_and_every_detection_in_its_column(seed, labels):
    scene = random_evidence(np.random.default_rng(seed))
    asked = part(scene, labels=labels)
    done = errors_of(asked, score=0.3)
    told = counted(asked, done)
    matrix = np.array(told.confusion)
    assert matrix[-1, -1] == 0
    for place, name in enumerate(told.labels):
        if labels and name not in labels:
            continue
        which = LABELS.index(name)
        of_truth, of_found = done.truth[scene.truths.label == which], done.found[scene.found.label == which]
        assert matrix[place].sum() == sum(NAMES[code] not in ("", "ignored") for code in of_truth)
        assert matrix[:, place].sum() == sum(NAMES[code] not in ("", "ignored") for code in of_found)
        assert matrix[place, place] == sum(NAMES[code] == "found" for code in of_truth)
    false = sum(told.kinds[kind] for kind in KINDS if kind != "missed")
    assert false == done.is_false.sum()
    assert told.kinds["missed"] <= done.is_lost.sum() == matrix[:-1].sum() - np.trace(matrix) - outside(told, labels)


def outside(told, labels):
    """Count what stands in rows of labels outside the part: their truth is not the part's."""
    rows = [place for place, name in enumerate(told.labels) if labels and name not in labels]
    return np.array(told.confusion)[rows].sum()
