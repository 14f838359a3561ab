"""Worst frames, and what is drawn on them."""

from evaluation.core.error_kinds import errors_of
from evaluation.core.results import ShownBox
from evaluation.core.worst_frames import shown_boxes, worst
from tests.evaluation.core.scenes import evidence, part, seen, truth

SCENE = evidence(
    [truth(i, "person", 0, 0, 10, 10) for i in (0, 1, 2)] + [truth(2, "person", 50, 0, 10, 20, ignored=True)],
    [
        seen(0, "person", 0, 0, 10, 10),
        seen(1, "person", 5, 0, 10, 10, 0.7),
        seen(2, "person", 50, 0, 10, 20, 0.6),
        seen(2, "car", 50, 0, 10, 20, 0.1),
        seen(3, "car", 80, 80, 5, 5),
        seen(4, "car", 80, 80, 5, 5),
    ],
)


def test_worst_first_then_misses_then_in_order():
    errors = errors_of(part(SCENE), score=0.5)
    assert worst(part(SCENE), errors, 10) == [(1, 1, 1), (2, 1, 0), (3, 0, 1), (4, 0, 1)]
    assert worst(part(SCENE), errors, 2) == [(1, 1, 1), (2, 1, 0)]
    assert worst(part(SCENE), errors, 0) == []


def test_boxes_are_shown_with_what_became_of_them():
    errors = errors_of(part(SCENE), score=0.5)
    shown = [shown_boxes(part(SCENE), errors, image) for image in range(5)]
    assert shown[0] == (
        ShownBox("person", (0, 0, 10, 10), "truth"), ShownBox("person", (0, 0, 10, 10), "found", 0.9)
    )  # fmt: skip
    assert shown[1] == (
        ShownBox("person", (0, 0, 10, 10), "missed", kind="localisation"),
        ShownBox("person", (5, 0, 15, 10), "false", 0.7, "localisation"),
    )
    assert shown[2] == (
        ShownBox("person", (0, 0, 10, 10), "missed", kind="missed"),
        ShownBox("person", (50, 0, 60, 20), "ignored"),
        ShownBox("person", (50, 0, 60, 20), "ignored", 0.6),
    )
    assert shown[3] == (ShownBox("car", (80, 80, 85, 85), "false", 0.9, "background"),)


def test_labels_outside_the_part_are_not_shown():
    asked = part(SCENE, labels=("person",))
    assert shown_boxes(asked, errors_of(asked, score=0.5), 3) == ()


def test_nothing():
    nothing = part(evidence())
    errors = errors_of(nothing, score=0.5)
    assert (worst(nothing, errors, 5), shown_boxes(nothing, errors, 0)) == ([], ())
