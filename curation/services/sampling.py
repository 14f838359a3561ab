"""Drawing the frames of a dataset by a plan. Nothing is written: a version is made of what is drawn, elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from curation.core.frame_table import FrameTable
from curation.core.query import Fields, Query
from curation.core.query.masks import mask_of
from curation.core.sampling import Plan, Stratum, draw_from
from curation.core.sampling.chance import chance_keys
from curation.core.sampling.constraints import Whereabouts, rules_of
from curation.core.types import BoolArray, IntArray
from curation.services.fields import searchable_fields
from curation.services.filtering import parse_query
from curation.services.frame_table import current, resolve
from curation.services.query_hints import hints
from curation.services.sampling_candidates import TableCandidates
from curation.services.sampling_guard import held_by_version, refuse_held_plan, refuse_held_query
from curation.services.sampling_identity import are_pictures, identities
from curation.services.sampling_likeness import Vectors, likeness_of


@dataclass(frozen=True)
class Draw:
    """What a plan gives. frame_ids, (n,), rise. None of them is held out."""

    plan: Plan
    frame_ids: IntArray
    strata: Sequence[Stratum]
    notes: Sequence[str]
    left_out: Mapping[str, int]
    """Why frames that match were not to be had, and how many."""
    ruled_out: Mapping[str, int] = field(default_factory=dict)
    """How many frames could not come besides those that did, by the constraint that says so."""
    candidates: int = 0
    """So many frames were to be had."""

    @property
    def is_short(self) -> bool:
        """Whether there are fewer frames than asked for, in all or in a part."""
        return len(self.frame_ids) < (self.plan.size or 0) or any(stratum.missing for stratum in self.strata)

    def to_dict(self) -> dict[str, Any]:
        """Write down all but the frames, as plain values."""
        return {
            "size": self.plan.size,
            "given": len(self.frame_ids),
            "is_short": self.is_short,
            "candidates": self.candidates,
            "strata": [{**asdict(stratum), "missing": stratum.missing} for stratum in self.strata],
            "notes": list(self.notes),
            "left_out": dict(self.left_out),
            "ruled_out": dict(self.ruled_out),
        }


def draw(plan: Plan, *, table: FrameTable | None = None) -> Draw:
    """Draw frames as a plan says. The same frames, plan and seed give the same, on any machine.

    Frames that are held out are left out, and counted. Raises HoldoutError if the plan asks for them, QueryError,
    and SpecError where the plan does not fit the data."""
    fields = searchable_fields()
    query = parse_query(plan.query, fields=fields)
    refuse_held_query(query)
    table = current(fields=fields) if table is None else table
    refuse_held_plan(plan, table)
    left_out: dict[str, int] = {}
    rows = _candidate_rows(plan, query, fields, table, left_out)
    keys = chance_keys(*identities(table, rows), seed=plan.seed)
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    vectors = Vectors.of(plan, table, rows)
    drawn = draw_from(
        TableCandidates(table, rows, keys, fields),
        plan.sampler,
        size=plan.size,
        rules=rules_of(plan.constraints, _whereabouts(table, rows)),
        likeness=likeness_of(plan, vectors, _beside(plan, fields, table)),
    )
    notes = [*drawn.notes, *(vectors.notes() if vectors else ())]
    if not len(rows):
        notes = ["No frame is left to draw from.", *hints(query), *notes]
    return Draw(
        plan=plan,
        frame_ids=np.sort(table.ids[rows[drawn.rows]]),
        strata=drawn.strata,
        notes=notes,
        left_out=left_out | dict(drawn.left_out),
        ruled_out=drawn.ruled_out,
        candidates=len(rows),
    )


def preview(plan: Plan, *, table: FrameTable | None = None) -> Draw:
    """Show what a plan would give now: a draw writes nothing."""
    return draw(plan, table=table)


def _candidate_rows(plan: Plan, query: Query, fields: Fields, table: FrameTable, left_out: dict[str, int]) -> IntArray:
    """Return the rows of the table that may be drawn, and count why others that match may not."""
    matching = mask_of(query, table, resolve=resolve)
    if plan.frames:
        matching &= table.among(np.asarray(plan.frames, np.int64))
    held = matching & table.frames["held_out"].to_numpy()
    left_out |= held_by_version(table.ids[held])
    matching &= ~held
    if plan.constraints.leave_out_duplicates:
        _leave_out(matching, table.frames["duplicate"].to_numpy(), "duplicates", left_out)
    if plan.beside:
        _leave_out(matching, _beside(plan, fields, table), f"there already ({plan.beside})", left_out)
    return np.flatnonzero(matching)


def _leave_out(matching: BoolArray, those: BoolArray, why: str, left_out: dict[str, int]) -> None:
    if count := int((matching & those).sum()):
        left_out[why] = count
        matching &= ~those


def _beside(plan: Plan, fields: Fields, table: FrameTable) -> BoolArray:
    """Tell which rows are there already; none that is held out."""
    if not plan.beside:
        return np.zeros(len(table), bool)
    query = parse_query(plan.beside, fields=fields)
    refuse_held_query(query)
    there: BoolArray = mask_of(query, table, resolve=resolve) & ~table.frames["held_out"].to_numpy()
    return there


def _whereabouts(table: FrameTable, rows: IntArray) -> Whereabouts:
    frames = table.frames
    return Whereabouts(
        video=frames["video_id"].to_numpy()[rows],
        camera=frames["camera_id"].to_numpy()[rows],
        pts_us=frames["pts_us"].to_numpy()[rows],
        is_picture=are_pictures(table)[rows],
    )
