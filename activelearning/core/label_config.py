"""Labelling configurations of Label Studio: made from classes and factors, and read to see what one offers."""

import colorsys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from xml.etree import ElementTree  # only to write; strangers' XML is read by defusedxml

from curation.core.errors import SpecError

HOTKEYS = "1234567890"
COLORS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Okabe and Ito's, which colour-blind people tell apart: https://jfly.uni-koeln.de/color/"""
GOLDEN = 0.618033988749895


@dataclass(frozen=True)
class Names:
    """What the tags of a configuration are called: the picture, the field of a task's data that holds its address, the
    boxes, and for each factor the choices that ask for it."""

    image: str = "image"
    picture_field: str = "image"
    boxes: str = "box"
    choices: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; what is left out is as in a configuration made here."""
        return cls(**{key: plain[key] for key in ("image", "picture_field", "boxes", "choices") if key in plain})


@dataclass(frozen=True)
class LabelConfig:
    """What a configuration offers. `problems` say why it cannot be used, `notes` what of it is not read here."""

    classes: tuple[str, ...] = ()
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def make_config(classes: Sequence[str], factors: Mapping[str, Sequence[str]] | None = None) -> str:
    """Write a configuration: boxes of the classes, and choices of the factors' values for the whole picture.

    Raises SpecError for a name or value that Label Studio would take for something else."""
    asked = dict(factors or {})
    if not classes:
        raise SpecError("A labelling configuration needs at least one class.")
    for word in (*classes, *asked, *(value for values in asked.values() for value in values)):
        _check(word)
    names = names_for(asked)
    view = ElementTree.Element("View")
    boxes = ElementTree.SubElement(view, "RectangleLabels", name=names.boxes, toName=names.image, canRotate="false")
    for place, label in enumerate(classes):
        hotkey = {"hotkey": HOTKEYS[place]} if place < len(HOTKEYS) else {}
        ElementTree.SubElement(boxes, "Label", {"value": label, "background": color_of(place), **hotkey})
    ElementTree.SubElement(
        view, "Image", name=names.image, value=f"${names.picture_field}", zoom="true", zoomControl="true",
        rotateControl="false",
    )  # fmt: skip
    for factor, values in asked.items():
        ElementTree.SubElement(view, "Header", value=factor.replace("_", " "), size="5")
        choices = ElementTree.SubElement(
            view, "Choices", name=names.choices[factor], toName=names.image, choice="single-radio", showInline="true",
            required="false",
        )  # fmt: skip
        for value in values:
            ElementTree.SubElement(choices, "Choice", value=value)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode")


def names_for(factors: Collection[str]) -> Names:
    """Choose the names of a configuration that is made here: a factor's choices are called as it is."""
    return Names(_free("image", factors), "image", _free("box", factors), {name: name for name in factors})


def color_of(place: int) -> str:
    """Give the colour of the class at a place, as #rrggbb: distinct ones first, then round the colour wheel.

    color_of(0) -> "#e69f00" """
    if place < len(COLORS):
        return COLORS[place]
    rgb = colorsys.hsv_to_rgb((place * GOLDEN) % 1, 0.55 + 0.4 * (place % 2), 0.95 - 0.3 * (place % 3 == 2))
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


def misfits(config: LabelConfig, *, classes: Sequence[str], factors: Mapping[str, Sequence[str]]) -> list[str]:
    """Say what a configuration lacks of what is to be asked for; [] if it fits. What it has beside is fine."""
    found = list(config.problems)
    if lacking := [label for label in classes if label not in config.classes]:
        offered = ", ".join(config.classes) or "none"
        found.append(f"it has no label {', '.join(map(repr, lacking))} for boxes; it has: {offered}")
    for factor, values in factors.items():
        if factor not in config.factors:
            found.append(f"it asks for no {factor!r}: add <Choices name={factor!r} toName={config.names.image!r}>")
        elif short := [value for value in values if value not in config.factors[factor]]:
            found.append(f"its choices {factor!r} lack {', '.join(map(repr, short))}")
    return found


def _check(word: str) -> None:
    if not word.strip() or word != word.strip() or not word.isprintable() or word.startswith("$"):
        raise SpecError(
            f"{word[:80]!r} cannot stand in a labelling configuration: no blank at its ends, no control characters, "
            "and no '$' at its beginning, which Label Studio takes for a field's name."
        )


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name
