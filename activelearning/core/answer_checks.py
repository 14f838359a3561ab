"""What of an answer can be used: labels that were asked for, boxes that lie in their frame."""

import dataclasses
from collections.abc import Collection

from activelearning.core.given_answer import GivenAnswer, GivenBox
from curation.core.formats import checks
from curation.core.formats.names import is_text

LONGEST_REGION = 64


def checked(answer: GivenAnswer, *, classes: Collection[str], width_px: int, height_px: int) -> GivenAnswer:
    """Return the answer with the boxes that can be used; what is wrong with the others is added to its problems.

    No classes: any label will do. Where an answer came without `raw`, it gets what was left out, so that it is kept."""
    good: list[GivenBox] = []
    bad: list[tuple[GivenBox, str]] = []
    for one in answer.boxes:
        found = _wrong(one, classes=classes, width_px=width_px, height_px=height_px)
        if found:
            bad.append((one, found))
        else:
            good.append(dataclasses.replace(one, label=one.label.strip(), region=one.region[:LONGEST_REGION]))
    if not bad and good == list(answer.boxes):
        return answer
    raw = answer.raw or tuple({"label": str(one.label), "box": str(one.box)} for one, _ in bad)
    problems = (*answer.problems, *(why for _, why in bad))
    return dataclasses.replace(answer, boxes=tuple(good), problems=problems, raw=raw)


def _wrong(one: GivenBox, *, classes: Collection[str], width_px: int, height_px: int) -> str:
    label = checks.label(one.label)
    if not label:
        return checks.NO_LABEL
    if classes and label not in classes:
        return f"label {label!r}, which was not asked for"
    corners = checks.usable(one.box, width_px=width_px, height_px=height_px)
    if isinstance(corners, str):
        return corners
    return "" if is_text(one.region) else "region whose id is no text"
