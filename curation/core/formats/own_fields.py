"""What Winnow says of pictures and boxes beyond a format's own words, as JSON objects that other tools ignore."""

from collections.abc import Collection, Mapping
from typing import Any

from curation.core.formats.checks import is_plain, is_tag_value, moment, number, whole, word
from curation.core.formats.contract import Skips
from curation.core.formats.names import clean_name, is_text
from curation.core.labels import LabelledBox, LabelledPicture

KEY = "winnow"
_OF_A_BOX = ("track_id", "area_px2", "segmentation")
_WORDS = ("split", "camera", "sequence")


def own_fields(picture: LabelledPicture, *, spoken: str = "") -> dict[str, Any]:
    """Write down what is not empty. `labelled` is there, and false, where nobody labelled the picture's objects.

    spoken: the format whose extra fields are said in the format's own words."""
    said: dict[str, Any] = {"name": picture.name}
    said |= {field: value for field in _WORDS if (value := getattr(picture, field))}
    said |= {field: v for field in ("frame_index", "time_s") if (v := getattr(picture, field)) is not None}
    if picture.recorded_at is not None:
        said["recorded_at"] = picture.recorded_at.isoformat()
    if picture.tags:
        said["tags"] = dict(picture.tags)
    if picture.evidence:
        said["evidence"] = {factor: dict(value) for factor, value in picture.evidence.items()}
    if extra := {name: value for name, value in picture.extra.items() if name != spoken}:
        said["extra"] = extra
    if picture.boxes is None:
        said["labelled"] = False
    return said


def read_own_fields(said: object, *, what: str, skips: Skips) -> dict[str, Any]:
    """Read what `own_fields` wrote as arguments of LabelledPicture; {"boxes": None} where nobody labelled it.

    Whatever is not valid is left out and noted under `what`."""
    if not isinstance(said, dict):
        return {}
    index, time_s = whole(said.get("frame_index")), number(said.get("time_s"))
    read: dict[str, Any] = {
        "name": clean_name(said.get("name")) or None,
        **{field: word(said.get(field)) or None for field in _WORDS},
        "frame_index": index if index is not None and index >= 0 else None,
        "time_s": time_s if time_s is not None and time_s >= 0 else None,
        "recorded_at": moment(said.get("recorded_at")),
    }
    for field in read:
        if said.get(field) not in (None, "") and read[field] is None:
            skips.add(f"{what}: {field}", "field of Winnow's own that is not valid")
    found = {field: value for field, value in read.items() if value is not None}
    if (extra := said.get("extra")) is not None:
        if isinstance(extra, dict) and is_plain(extra):
            found["extra"] = extra
        else:
            skips.add(f"{what}: extra", "field of Winnow's own that is not valid")
    found |= {"boxes": None} if said.get("labelled") is False else {}
    return found | _tags(said, what=what, skips=skips)


def _tags(said: Mapping[str, Any], *, what: str, skips: Skips) -> dict[str, Any]:
    tags, evidence = _mapping(said, "tags"), _mapping(said, "evidence")
    good = {factor: value for factor, value in tags.items() if is_text(factor) and is_tag_value(value)}
    for factor in tags.keys() - good.keys():
        skips.add(f"{what}: {factor!r}", "tag whose value is not valid")
    known = {f: v for f, v in evidence.items() if is_text(f) and isinstance(v, dict) and is_plain(v)}
    for factor in evidence.keys() - known.keys():
        skips.add(f"{what}: {factor!r}", "evidence of a tag that is not valid")
    return ({"tags": good} if good else {}) | ({"evidence": known} if known else {})


def _mapping(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = said.get(key)
    return value if isinstance(value, dict) else {}


def own_box_fields(box: LabelledBox, *, but: Collection[str] = ()) -> dict[str, Any]:
    """Write down what is not empty of a box beyond its label and corners. `but` names what the format says itself."""
    said = {field: value for field in _OF_A_BOX if field not in but and (value := getattr(box, field)) is not None}
    attributes = {} if "attributes" in but else dict(box.attributes)
    return said | ({"is_crowd": True} if box.is_crowd else {}) | ({"attributes": attributes} if attributes else {})


def read_own_box_fields(said: object, *, what: str, skips: Skips) -> dict[str, Any]:
    """Read what `own_box_fields` wrote as arguments of LabelledBox. Whatever is not valid is left out and noted."""
    if not isinstance(said, dict):
        return {}
    track, area, segmentation = whole(said.get("track_id")), number(said.get("area_px2")), said.get("segmentation")
    attributes = said.get("attributes")
    read = {
        "is_crowd": True if said.get("is_crowd") is True else None,
        "track_id": track,
        "area_px2": area if area is not None and area >= 0 else None,
        "segmentation": segmentation if isinstance(segmentation, list | dict) and is_plain(segmentation) else None,
        "attributes": attributes if isinstance(attributes, dict) and is_plain(attributes) else None,
    }
    for field, value in read.items():
        if said.get(field) not in (None, False) and value is None:
            skips.add(f"{what}: {field}", "field of Winnow's own that is not valid")
    return {field: value for field, value in read.items() if value is not None}
