"""Tags that a file carries, as they are stored: people's words, unless the file says otherwise."""

import re
from collections.abc import Mapping
from typing import Any

from curation.core.labels import LabelledPicture
from curation.core.query import Kind
from curation.core.taggers import FACTORS
from curation.core.types import TagValue
from curation.services.fields import searchable_fields, tag_kinds
from curation.services.import_report import Tally
from curation.services.tagging import RANK

SPLIT = "split"
_LONGEST_TEXT, _MOST_ITEMS, _MOST_NOTES = 200, 200, 20
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NO_NAME = "tag whose name has no letter to begin with, or more than 40 letters"
_NO_VALUE = "tag whose value is too long, or not of the factor's kind"


def kinds_in_force() -> dict[str, Kind]:
    """Return what kind of value each known factor holds."""
    return tag_kinds(searchable_fields())


def tags_of(
    picture: LabelledPicture, *, by: str, kinds: Mapping[str, Kind], tally: Tally
) -> tuple[dict[str, TagValue], dict[str, dict[str, Any]]]:
    """Return the values and the evidence of what the file says of a picture. `by` names the import.

    A name becomes lower case with '_' ("Time of day" -> "time_of_day"). The picture's split is a tag too."""
    values: dict[str, TagValue] = {}
    evidence: dict[str, dict[str, Any]] = {}
    said = {**picture.tags, **({SPLIT: picture.split} if picture.split else {})}
    for raw, value in said.items():
        name = factor_name(raw)
        fitting = _fitting(value, name, kinds) if name else None
        if fitting is None or name in values:
            tally.skip(f"{picture.name}: {raw}", _NO_VALUE if name else _NO_NAME)
            continue
        values[name], evidence[name] = fitting, _evidence(picture.evidence.get(raw), by=by)
        if name not in kinds and name not in FACTORS and len(tally.notes) < _MOST_NOTES:
            tally.note(f"tags `{name}`: no query knows it until the operating conditions name it as a factor")
    return values, evidence


def factor_name(raw: str) -> str:
    """Make a factor's name of any text; empty where that cannot be."""
    name = re.sub(r"[^a-z0-9]+", "_", raw.lower()).strip("_")
    return name if _NAME.fullmatch(name) else ""


def _evidence(own: Mapping[str, Any] | None, *, by: str) -> dict[str, Any]:
    """Take over the file's own evidence if it is of a known source; else it is somebody's word."""
    if own is None or own.get("source") not in RANK:
        return {"source": "human", "by": f"import {by}", "confidence": 1.0}
    return {"by": "", "confidence": 1.0, **own}


def _fitting(value: TagValue, name: str, kinds: Mapping[str, Kind]) -> TagValue | None:
    """Return the value as its factor holds it; None if that is not possible. Factors nobody knows hold any kind."""
    if name in FACTORS and FACTORS[name].kind == "counts":
        return value if isinstance(value, dict) else None
    match kinds.get(name):
        case "boolean":
            return value if isinstance(value, bool) else _TRUTHS.get(str(value).strip().lower())
        case "number":
            return _number(value)
        case "text_list":
            listed = value if isinstance(value, list) else [value] if isinstance(value, str) else None
            return listed if listed is not None and _is_short(listed) else None
        case "text":
            text = ("true" if value else "false") if isinstance(value, bool) else value
            return str(text) if isinstance(text, str | int | float) and len(str(text)) <= _LONGEST_TEXT else None
    return value if _is_short(value) else None


def _number(value: TagValue) -> int | float | None:
    if isinstance(value, bool | list | dict):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if number != number or abs(number) > 1e300:
        return None
    return value if isinstance(value, int | float) else int(number) if number.is_integer() else number


def _is_short(value: TagValue) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    if isinstance(value, list | dict):
        return len(value) <= _MOST_ITEMS and all(len(item) <= _LONGEST_TEXT for item in value)
    return True
