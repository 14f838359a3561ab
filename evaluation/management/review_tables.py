"""Label reviews as tables for people and as JSON for programs."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from curation.core.types import IntArray
from curation.management.tables import plain_table
from evaluation.core.suspects import Suspect
from evaluation.models import LabelReview


def review_json(review: LabelReview) -> dict[str, Any]:
    """Write a review down; box is [x1, y1, x2, y2]."""
    return {
        "id": review.pk,
        "frame": review.frame_id,
        "kind": review.kind,
        "label": review.label,
        "box": [review.x1, review.y1, review.x2, review.y2],
        "suspicion": round(review.suspicion, 4),
        "reasons": review.reasons,
        "state": review.state,
        "note": review.note,
        "opened_at": review.opened_at.isoformat(),
        "decided_by": review.decided_by.username if review.decided_by else None,
        "decided_at": review.decided_at.isoformat() if review.decided_at else None,
    }


def suspect_json(one: Suspect, frame_ids: IntArray) -> dict[str, Any]:
    """Write a suspect label down that was not sent to review."""
    return {
        "frame": int(frame_ids[one.image]),
        "kind": one.kind,
        "label": one.label,
        "box": [round(side, 2) for side in one.box],
        "suspicion": round(one.suspicion, 4),
        "reasons": list(one.reasons),
    }


def review_table(reviews: Iterable[LabelReview]) -> RenderableType:
    """List reviews in the order given."""
    table = plain_table(">review", ">frame", ">suspicion", "kind", "label", "state", "why")
    for one in reviews:
        why = "; ".join(one.reasons)
        table.add_row(
            str(one.pk), str(one.frame_id), f"{one.suspicion:.2f}", one.kind, _text(one.label), one.state, _text(why)
        )
    return table


def suspect_table(suspects: Sequence[Suspect], frame_ids: IntArray) -> RenderableType:
    """List suspect labels that were not sent to review."""
    table = plain_table(">frame", ">suspicion", "kind", "label", "why")
    for one in suspects:
        frame = str(int(frame_ids[one.image]))
        table.add_row(frame, f"{one.suspicion:.2f}", one.kind, _text(one.label), _text("; ".join(one.reasons)))
    return table


def review_sections(review: LabelReview) -> list[RenderableType]:
    """Show one review with all that is known of it."""
    box = ", ".join(f"{side:g}" for side in (review.x1, review.y1, review.x2, review.y2))
    rows = {
        "review": f"{review.pk}, {review.get_state_display()}",
        "suspected": review.get_kind_display(),
        "label": f"{review.label} at {box}",
        "frame": f"{review.frame_id}: {review.frame.image}",
        "suspicion": f"{review.suspicion:.2f}",
        "reasons": "\n".join(review.reasons),
        "decided": f"{review.decided_at:%Y-%m-%d %H:%M} by {review.decided_by or 'the shell'}"
        if review.decided_at
        else "",
        "note": review.note,
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, said in rows.items():
        if said:
            table.add_row(Text(name, style="bold"), _text(said))
    return [table]


def _text(said: str) -> Text:
    return Text(said)  # not markup: labels are whatever people wrote
