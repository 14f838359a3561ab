"""The base's classes keep their places, so that the network keeps what it knows of them."""

from activelearning.core.class_order import order_classes


def test_without_a_base_classes_are_in_order_of_name():
    assert order_classes({"hat", "person", "car"}).classes == ("car", "hat", "person")


def test_new_classes_come_after_those_of_the_base():
    order = order_classes({"person", "hat"}, base=["jacket", "person"])
    assert (order.classes, order.label_map) == (("jacket", "person", "hat"), {})


def test_mapped_classes_take_the_names_of_the_dataset():
    order = order_classes({"person"}, base=["pedestrian", "bus"], label_map={"pedestrian": "person", "bus": None})
    assert (order.classes, order.label_map) == (("person", "bus"), {"bus": None})


def test_two_classes_of_one_name_keep_two_places():
    order = order_classes({"person"}, base=["rider", "person"], label_map={"rider": "person"})
    assert (order.classes, order.label_map) == (("rider", "person"), {"rider": "person"})


def test_a_name_that_was_given_away_is_not_there_twice():
    order = order_classes({"b"}, base=["a", "b"], label_map={"a": "b", "b": None})
    assert (order.classes, order.label_map) == (("b", "b (unused)"), {"b (unused)": None})


def test_nothing_gives_nothing():
    assert order_classes([]).classes == ()
