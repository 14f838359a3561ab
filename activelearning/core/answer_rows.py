"""Answers as the database keeps them, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from activelearning.core.given_answer import GivenAnswer, GivenBox

MOST_PROBLEMS = 50
LONGEST_NAME = 150
_DECIMALS = 4


def row_of(answer: GivenAnswer) -> dict[str, Any]:
    """Return the columns of an answer, plain and rounded, so that the same answer is the same row."""
    boxes = [
        {"id": one.region, "label": one.label, "box": [round(corner, _DECIMALS) for corner in one.box]}
        for one in answer.boxes
    ]
    return {
        "annotator": annotator_of(answer),
        "boxes": boxes,
        "tags": dict(answer.tags),
        "raw": list(answer.raw),
        "problems": list(answer.problems[:MOST_PROBLEMS]),
        "is_skip": answer.is_skip,
        "is_truth": answer.is_truth,
        "lead_time_s": None if answer.lead_time_s is None else round(answer.lead_time_s, 3),
        "created_there": answer.created_there,
        "updated_there": answer.updated_there,
    }


def annotator_of(answer: GivenAnswer) -> str:
    """Return the annotator as it is stored."""
    return answer.annotator[:LONGEST_NAME] or "unknown"


def answer_of(row: Mapping[str, Any], *, number: int | None) -> GivenAnswer:
    """Return what a row says. `raw` and `problems` are left out: nothing is merged by them."""
    return GivenAnswer(
        annotator=row["annotator"],
        number=number,
        boxes=boxes_of(row["boxes"]),
        tags=row["tags"],
        is_skip=row["is_skip"],
        is_truth=row["is_truth"],
        lead_time_s=row["lead_time_s"],
        created_there=row["created_there"],
        updated_there=row["updated_there"],
    )


def boxes_of(stored: Iterable[Mapping[str, Any]]) -> tuple[GivenBox, ...]:
    """Return boxes of an answer, or of a pre-annotation, from their JSON."""
    return tuple(GivenBox(one["label"], tuple(one["box"]), one.get("id", "")) for one in stored)
