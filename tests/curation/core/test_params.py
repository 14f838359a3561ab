"""Parameters are checked and described in one place."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import SpecError
from curation.core.params import build, param, parse_text, schema


@dataclass(frozen=True)
class Kiln:
    wood: str = param(help="What is burnt.")
    heat_c: float = param(900.0, help="Heat.", unit="°C", minimum=0, maximum=1300)
    bricks: int = param(4, help="Bricks.", minimum=1)
    draught: float = param(0.0, help="Draught.")
    is_open: bool = param(False, help="Whether the door is open.")
    shelves: list[str] = param(["low"], help="Shelves.")
    firing: Literal["bisque", "glaze"] = param("bisque", help="Which firing.")
    cone: int | None = param(None, help="Cone, if there is one.", maximum=14)

    def __post_init__(self):
        if self.is_open and self.heat_c > 100:
            raise ValueError(f"is_open with heat_c {self.heat_c}; shut it above 100.")


def kiln(**values):
    return build(Kiln, {"wood": "ash", **values}, where="kiln")


def test_defaults_fill_what_is_not_given():
    assert kiln() == Kiln("ash", 900.0, 4, 0.0, False, ["low"], "bisque", None)


def test_each_object_has_a_list_of_its_own():
    kiln().shelves.append("high")
    assert kiln().shelves == ["low"]


@pytest.mark.parametrize(
    "name, value, built",
    [
        ("heat_c", 0, 0.0),
        ("heat_c", 1300, 1300.0),
        ("bricks", 1, 1),
        ("is_open", False, False),
        ("shelves", [], []),
        ("shelves", "top", ["top"]),
        ("shelves", ["top", "low"], ["top", "low"]),
        ("firing", "glaze", "glaze"),
        ("cone", None, None),
        ("cone", 14, 14),
        ("wood", "", ""),
    ],
)
def test_a_right_value_is_taken(name, value, built):
    found = getattr(kiln(**{name: value}), name)
    assert found == built
    assert type(found) is type(built)


INFINITE = float("inf")


@pytest.mark.parametrize(
    "name, value, says",
    [
        ("heat_c", "hot", "kiln.heat_c is 'hot'; it must be number."),
        ("heat_c", True, "kiln.heat_c is True; it must be number."),
        ("heat_c", None, "kiln.heat_c is None; it must be number."),
        ("heat_c", -1, "kiln.heat_c is -1 °C; it must be 0 to 1300 °C."),
        ("heat_c", 1300.5, "kiln.heat_c is 1300.5 °C; it must be 0 to 1300 °C."),
        ("heat_c", float("nan"), "kiln.heat_c is nan °C; it must be finite."),
        ("draught", float("nan"), "kiln.draught is nan; it must be finite."),
        ("draught", INFINITE, "kiln.draught is inf; it must be finite."),
        ("draught", -INFINITE, "kiln.draught is -inf; it must be finite."),
        ("draught", -(10**400), "kiln.draught is -1000"),
        ("heat_c", 10**400, "kiln.heat_c is 1000"),
        ("bricks", 0, "kiln.bricks is 0; it must be at least 1."),
        ("bricks", 2.0, "kiln.bricks is 2.0; it must be integer."),
        ("bricks", False, "kiln.bricks is False; it must be integer."),
        ("is_open", 1, "kiln.is_open is 1; it must be boolean."),
        ("is_open", "yes", "kiln.is_open is 'yes'; it must be boolean."),
        ("shelves", [1], "kiln.shelves is 1; it must be string."),
        ("shelves", {"a": 1}, "kiln.shelves is {'a': 1}; it must be array."),
        ("firing", "raku", "kiln.firing is 'raku'; it must be one of bisque, glaze."),
        ("firing", [], "kiln.firing is []; it must be one of bisque, glaze."),
        ("cone", 15, "kiln.cone is 15; it must be at most 14."),
        (
            "heat",
            900,
            "kiln: there is no parameter 'heat'. Valid ones: bricks, cone, draught, firing, heat_c, is_open,",
        ),
        ("is_open", True, "kiln: is_open with heat_c 900.0; shut it above 100."),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(name, value, says):
    with pytest.raises(SpecError) as caught:
        kiln(**{name: value})
    assert str(caught.value).startswith(says)


def test_what_is_missing_is_named_with_its_meaning():
    with pytest.raises(SpecError, match="kiln: 'wood' is missing: What is burnt"):
        build(Kiln, {}, where="kiln")


def test_the_schema_describes_every_field():
    described = schema(Kiln)
    assert (described["type"], described["additionalProperties"]) == ("object", False)
    assert described["required"] == ["wood"]
    assert described["properties"] == {
        "wood": {"description": "What is burnt.", "type": "string"},
        "heat_c": {
            "description": "Heat.", "type": "number", "unit": "°C", "minimum": 0, "maximum": 1300, "default": 900.0,
        },
        "bricks": {"description": "Bricks.", "type": "integer", "minimum": 1, "default": 4},
        "draught": {"description": "Draught.", "type": "number", "default": 0.0},
        "is_open": {"description": "Whether the door is open.", "type": "boolean", "default": False},
        "shelves": {"description": "Shelves.", "type": "array", "items": {"type": "string"}, "default": ["low"]},
        "firing": {
            "description": "Which firing.", "type": "string", "enum": ["bisque", "glaze"], "default": "bisque",
        },
        "cone": {"description": "Cone, if there is one.", "type": "integer", "maximum": 14, "default": None},
    }  # fmt: skip


def test_a_kind_without_parameters_has_an_empty_schema():
    @dataclass(frozen=True)
    class Nothing:
        pass

    assert schema(Nothing) == {"type": "object", "properties": {}, "additionalProperties": False}
    assert build(Nothing, {}, where="nothing") == Nothing()


@pytest.mark.parametrize(
    "text, value",
    [
        ("5", 5), ("0.5", 0.5), ("true", True), ("null", None), ('["a"]', ["a"]), ('"5"', "5"),
        ("person", "person"), ("person, car", ["person", "car"]), ("traffic light", "traffic light"), ("", ""),
        ("yolox_onnx:/a/b.onnx?iou=0.4", "yolox_onnx:/a/b.onnx?iou=0.4"),
    ],
)  # fmt: skip
def test_typed_text_becomes_the_value_that_is_meant(text, value):
    assert parse_text(text) == value


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["wood", "heat_c", "bricks", "shelves", "firing", "cone"]), PLAIN))
def test_whatever_is_given_is_built_or_refused_with_a_word(values):
    with suppress(SpecError):
        made = build(Kiln, values, where="kiln")
        assert 0 <= made.heat_c <= 1300
        assert made.bricks >= 1
