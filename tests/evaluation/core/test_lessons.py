"""What a model's boxes teach: traces of missed objects, false boxes, and all that is neither."""

from evaluation.core.error_kinds import errors_of
from evaluation.core.lessons import FALSE, OTHER, TRACE, lessons_of
from tests.evaluation.core.scenes import evidence, part, seen, truth


def taught(scene, *, images=None, labels=("person",), score=0.5):
    """Each lesson as (row, kind, on)."""
    asked = part(scene, images=images, labels=labels)
    lessons = lessons_of(asked, errors_of(asked, score=score))
    return list(zip(lessons.row.tolist(), lessons.kind.tolist(), lessons.on.tolist(), strict=True))


def test_the_box_that_overlaps_a_missed_object_most_is_its_trace_and_others_near_it_teach_nothing():
    scene = evidence(
        [truth(0, "person", 0, 0, 100, 100)],
        [
            seen(0, "person", 0, 0, 90, 100, score=0.2),
            seen(0, "person", 0, 0, 50, 100, score=0.3),
            seen(0, "person", 300, 0, 50, 100, score=0.1),
        ],
    )
    assert taught(scene) == [(0, TRACE, 0), (2, OTHER, -1)]


def test_a_box_that_counts_but_lies_badly_is_a_trace_not_a_false_box():
    scene = evidence([truth(0, "person", 0, 0, 100, 100)], [seen(0, "person", 0, 0, 40, 100)])
    assert taught(scene) == [(0, TRACE, 0)]


def test_right_boxes_weak_ones_beside_them_and_background_are_neither():
    scene = evidence(
        [truth(0, "person", 0, 0, 100, 100)],
        [
            seen(0, "person", 0, 0, 100, 100),
            seen(0, "person", 0, 0, 60, 100, score=0.2),
            seen(0, "person", 300, 0, 50, 100, score=0.2),
        ],
    )
    assert [kind for _, kind, _ in taught(scene)] == [OTHER] * 3


def test_false_boxes_are_told_and_those_of_other_labels_are_left_out():
    scene = evidence(
        [truth(0, "person", 0, 0, 10, 10)], [seen(0, "person", 50, 0, 10, 10), seen(0, "car", 90, 0, 10, 10)]
    )
    assert taught(scene) == [(0, FALSE, -1)]
    assert taught(scene, labels=()) == [(0, FALSE, -1), (1, FALSE, -1)]


def test_other_images_teach_what_is_neither_but_not_what_may_be_a_mistake_of_another_scenario():
    scene = evidence(
        [truth(0, "person", 0, 0, 10, 10), truth(1, "person", 0, 0, 10, 10), truth(1, "person", 60, 0, 10, 10)],
        [
            seen(0, "person", 0, 0, 9, 10, score=0.3),
            seen(1, "person", 0, 0, 10, 10),
            seen(1, "person", 60, 0, 9, 10, score=0.3),  # a trace, of a miss that this part does not count
            seen(1, "person", 90, 0, 10, 10),  # false, in another part
        ],
    )
    assert taught(scene, images=[0]) == [(0, TRACE, 0), (1, OTHER, -1)]


def test_boxes_near_crowds_and_what_is_left_out_teach_nothing():
    scene = evidence(
        [truth(0, "person", 0, 0, 10, 10, ignored=True), truth(0, "person", 40, 0, 10, 10, crowd=True)],
        [seen(0, "person", 0, 0, 9, 10, score=0.3), seen(0, "person", 40, 0, 9, 10, score=0.3)],
    )
    assert taught(scene) == []


def test_one_box_is_the_trace_of_one_object():
    scene = evidence(
        [truth(0, "person", 0, 0, 10, 10), truth(0, "person", 6, 0, 10, 10)],
        [seen(0, "person", 3, 0, 10, 10, score=0.3)],
    )
    assert taught(scene) == [(0, TRACE, 0)]


def test_nothing_is_taught_where_nothing_is_seen():
    assert taught(evidence([truth(0, "person", 0, 0, 10, 10)])) == []
