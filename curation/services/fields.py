"""The fields that a query may name: columns, tag factors, object counts, the operating conditions' factors and camera
attributes. Nothing else."""

from collections.abc import Iterable
from typing import Any

from curation.core.operating import Conditions, FactorSpec
from curation.core.query import Field, Fields, Kind
from curation.core.taggers import FACTORS
from curation.models import Camera
from curation.services.in_force import current_spec

COLUMNS = (
    Field("id", "number", note="The frame's number."),
    Field("video", "text", note="The video's file name, or its number."),
    Field("camera", "text", note="The camera's name."),
    Field("recorded_at", "time", aliases=("time",), note="When the frame was taken, where that is known."),
    Field("pts_s", "number", aliases=("pts",), note="Seconds from the start of the video."),
    Field("run", "number", note="The number of a run that keeps the frame."),
    Field("cascade", "text", note="The name of a cascade that keeps the frame."),
    Field("annotated", "boolean", note="Whether all objects in it are labelled."),
    Field("label", "text_list", note="Labels of the objects that somebody marked in it."),
    Field("dataset", "text", note="A dataset, or a version of it as NAME@2, that has the frame."),
    Field("held_out", "boolean", note="Whether a locked dataset version keeps it away from everything else."),
    Field("duplicate", "boolean", note="Whether it looks like an earlier frame of its kind."),
    Field("uniqueness", "number", note="1 - similarity to the frame most like it."),
    Field("typicality", "number", note="1 / mean distance to its nearest frames."),
    Field("outlier_score", "number", note="How far off it is, in robust standard deviations."),
)
COLUMN_NAMES = frozenset(field.name for field in COLUMNS)
COUNT_PREFIX = "count."
COUNT_FACTOR = "object_counts"
ALIASES: dict[str, tuple[str, ...]] = {"objects": ("object",)}
KIND_OF: dict[str, Kind] = {"categorical": "text", "boolean": "boolean", "numeric": "number"}


def searchable_fields(conditions: Conditions | None = None) -> Fields:
    """Return the allow-list as it stands now, or as it would be under other conditions than those in force.

    Camera attributes come from the cameras that there are; theirs is the word on the kind of a factor of cameras."""
    attributes = {field.name: field for field in _attribute_fields()}
    factors = (conditions or current_spec()).factors.values()
    others = [_field_of(f) for f in factors if not (f.origin == "camera" and f.name in attributes)]
    fields = [*COLUMNS, *_factor_fields()]
    taken = {name for field in fields for name in (field.name, *field.aliases)}
    for field in (*others, *attributes.values()):
        # A name like count.person would be read as a count.
        if field.name not in taken and not field.name.startswith(COUNT_PREFIX):
            fields.append(field)
            taken.add(field.name)
    return Fields(tuple(fields), families={COUNT_PREFIX: "number"})


def tag_kinds(fields: Fields) -> dict[str, Kind]:
    """Return the kind of each field that is a tag of the frame, not a column or another table's row."""
    return {field.name: field.kind for field in fields if field.name not in COLUMN_NAMES}


def _field_of(factor: FactorSpec) -> Field:
    choices = factor.values if factor.kind == "categorical" else ()
    return Field(factor.name, KIND_OF[factor.kind], choices=choices, note=factor.help)


def _factor_fields() -> list[Field]:
    """Turn the taggers' factors into fields. Counts are asked for one label at a time, as `count.person`."""
    return [
        *(
            Field(factor.name, factor.kind, ALIASES.get(factor.name, ()), factor.values, factor.help)
            for factor in FACTORS.values()
            if factor.kind != "counts"
        ),
        Field("split", "text", note="The split that a file gave the frame which it was imported from."),
    ]


def _attribute_fields() -> list[Field]:
    values: dict[str, list[Any]] = {}
    for attributes in Camera.objects.values_list("attributes", flat=True):
        for name, value in attributes.items():
            values.setdefault(name, []).append(value)
    return [
        Field(name, _kind_of(found), choices=_choices(found), note="An attribute of the camera.")
        for name, found in sorted(values.items())
    ]


def _kind_of(values: Iterable[Any]) -> Kind:
    """Tell the kind that all values share; text if they share none."""
    kinds: set[Kind] = {
        "boolean"
        if isinstance(value, bool)
        else "number"
        if isinstance(value, int | float)
        else "text_list"
        if isinstance(value, list)
        else "text"
        for value in values
    }
    return kinds.pop() if len(kinds) == 1 else "text"


def _choices(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if isinstance(value, str)}))
