"""Which classes a trained network has, and in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ClassOrder:
    """classes are in the network's order; label_map is what the new model must be told of them, {} mostly."""

    classes: tuple[str, ...]
    label_map: Mapping[str, str | None]


def order_classes(
    found: Iterable[str], *, base: Sequence[str] = (), label_map: Mapping[str, str | None] | None = None
) -> ClassOrder:
    """Put the base's classes first, by the names that the dataset has for them, then what is new, by name.

    Keeping each class in its place keeps what the network knows of it. A class that the base's map drops, or whose name
    another one has taken, keeps its own name and its place, and stays mapped as it was.

    >>> order_classes(["person", "hat"], base=["pedestrian", "bus"], label_map={"pedestrian": "person", "bus": None})
    ClassOrder(classes=('person', 'bus', 'hat'), label_map={'bus': None})
    """
    told = {label: (label_map or {}).get(label, label) for label in base}
    taken = {label for label in base if told[label] == label}
    classes: list[str] = []
    left: dict[str, str | None] = {}
    for label in base:
        theirs = told[label]
        if theirs == label or (theirs is not None and theirs not in taken):
            classes.append(theirs or label)
            taken.add(theirs or label)
            continue
        own = label
        while own in taken:
            own += " (unused)"
        taken.add(own)
        classes.append(own)
        left[own] = theirs
    return ClassOrder((*classes, *sorted(set(found) - set(classes))), left)
