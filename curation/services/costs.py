"""What it would cost to label frames, next to what the tags cost that models give."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from curation.core.costs import CostLine, PriceList, Work, cost, read_prices
from curation.core.errors import WinnowError
from curation.core.frame_table import FrameTable
from curation.core.operating import Conditions
from curation.core.sampling import Plan
from curation.core.types import BoolArray, IntArray
from curation.models import Run
from curation.services.expected_boxes import Boxes, BoxSource, expected_boxes
from curation.services.frame_table import current as current_table
from curation.services.frame_table import matching
from curation.services.in_force import current_spec
from curation.services.sampling import preview

USUAL = Path(__file__).resolve().parent.parent / "prices" / "usual.yaml"
BY_MODELS = ("tagger", "rules", "prompts")
MAX_FRAMES, MAX_BOXES = 100_000_000, 10_000


class CostError(WinnowError):
    """Costs cannot be worked out as they were asked for."""

    code = "bad_request"


@dataclass(frozen=True)
class ModelCost:
    """The tags that models and rules give: `tags` for the pictures to label, from `factors`.

    CPU times are means over `runs` done runs, all stages together, a kept frame's share of decoding and filtering
    included; None where no run is done that noted them. `by_people` is what services would take for the same tags."""

    factors: tuple[str, ...]
    tags: int
    runs: int
    cpu_s_per_frame: float | None
    cpu_s_per_footage_hour: float | None
    cpu_hours: float | None
    money: float | None
    by_people: tuple[CostLine, ...]


@dataclass(frozen=True)
class CostEstimate:
    """`matching` frames match, of which some are labelled already or held out, and `to_label` are left; `work` is what
    was priced: those, or as many pictures like them as were asked for.

    `boxes_per_picture` is the mean over `boxes_seen_in` frames, by `boxes_from`. `tag_factors` come from people; where
    a frame has a value already, nothing is counted."""

    query: str
    matching: int
    labelled: int
    held_out: int
    to_label: int
    work: Work
    boxes_per_picture: float
    boxes_from: BoxSource
    boxes_seen_in: int
    tag_factors: tuple[str, ...]
    currency: str
    lines: tuple[CostLine, ...]
    models: ModelCost
    notes: tuple[str, ...]
    is_drawn: bool = False
    """Whether the frames are those that a sampling plan draws, out of those that match."""

    def to_dict(self) -> dict[str, Any]:
        """Write it out as plain values, as JSON has them."""
        return asdict(self)


def estimate(
    query: str = "",
    *,
    frame_ids: Sequence[int] | IntArray | None = None,
    frames: int | None = None,
    boxes_per_picture: float | None = None,
    prices: PriceList | None = None,
) -> CostEstimate:
    """Work out what labelling would cost: the frames of a query, some frames by their ids, or a number like them.

    Frames that are labelled already or held out are not to be labelled. `frames` prices so many pictures, whether or
    not there are as many. Boxes a picture are the mean of the labelled frames among them, else of detections of at
    least BOX_SCORE. Raises QueryError, CostError."""
    if frames is not None and not 1 <= frames <= MAX_FRAMES:
        raise CostError(f"frames is {frames}; it must be 1 to {MAX_FRAMES:,}.")
    if boxes_per_picture is not None and not 0 <= boxes_per_picture <= MAX_BOXES:
        raise CostError(f"boxes a picture are {boxes_per_picture}; they must be 0 to {MAX_BOXES:,}.")
    table, conditions = current_table(), current_spec()
    mask = matching(query, table=table)
    if frame_ids is not None:
        mask &= table.among(np.asarray(frame_ids, np.int64))
    labelled, held_out = _true(table, "annotated"), _true(table, "held_out")
    left = mask & ~labelled & ~held_out
    to_label = int(np.count_nonzero(left))
    pictures = to_label if frames is None else frames
    expected = Boxes(boxes_per_picture or 0.0, "given", 0)
    if boxes_per_picture is None:
        expected = expected_boxes(table, among=mask, to_label=left)
    missing = {name: _missing(table, name, left) for name in _from(conditions, "people")}
    tags = sum(missing.values()) / max(1, to_label) if to_label else float(len(missing))
    work = Work(pictures, pictures * expected.per_picture, pictures * tags)
    listed = prices or usual_prices()
    return CostEstimate(
        query=query,
        matching=int(np.count_nonzero(mask)),
        labelled=int(np.count_nonzero(mask & labelled)),
        held_out=int(np.count_nonzero(mask & held_out)),
        to_label=to_label,
        work=work,
        boxes_per_picture=expected.per_picture,
        boxes_from=expected.source,
        boxes_seen_in=expected.seen_in,
        tag_factors=tuple(missing),
        currency=listed.currency,
        lines=tuple(cost(service, work) for service in listed.services),
        models=_models(conditions, pictures, listed),
        notes=tuple(_notes(expected.source, pictures, to_label, frames is not None)),
    )


def estimate_plan(
    plan: Plan, *, boxes_per_picture: float | None = None, prices: PriceList | None = None
) -> CostEstimate:
    """Work out what it would cost to label what a sampling plan would draw now.

    Raises HoldoutError if it asks for frames that are held out, QueryError, SpecError, CostError."""
    drawn = preview(plan)
    found = estimate(plan.query, frame_ids=drawn.frame_ids, boxes_per_picture=boxes_per_picture, prices=prices)
    short = (plan.size or 0) - len(drawn.frame_ids)
    notes = (f"The plan falls short by {short:,} frames: manage.py sample says why.",) if short > 0 else ()
    return replace(found, is_drawn=True, notes=(*notes, *found.notes))


@cache
def usual_prices() -> PriceList:
    """Return the price list that Winnow ships with."""
    return read_prices(USUAL.read_text(encoding="utf-8"))


def _missing(table: FrameTable, factor: str, among: BoolArray) -> int:
    if factor not in table.frames.columns:
        return int(np.count_nonzero(among))
    return int(np.count_nonzero(table.frames[factor].is_null().to_numpy() & among))


def _from(conditions: Conditions, *origins: str) -> tuple[str, ...]:
    return tuple(name for name, factor in conditions.factors.items() if factor.origin in origins)


def _models(conditions: Conditions, pictures: int, prices: PriceList) -> ModelCost:
    factors = _from(conditions, *BY_MODELS)
    cpu_s, frames, footage_s, runs = _spent()
    per_frame = cpu_s / frames if frames and cpu_s else None
    hours = None if per_frame is None else per_frame * pictures / 3600
    tags = pictures * len(factors)
    return ModelCost(
        factors=factors,
        tags=tags,
        runs=runs,
        cpu_s_per_frame=per_frame,
        cpu_s_per_footage_hour=3600 * cpu_s / footage_s if footage_s and cpu_s else None,
        cpu_hours=hours,
        money=None if hours is None else round(hours * prices.cpu_hour, 4),
        by_people=tuple(cost(service, Work(pictures, 0, tags)) for service in prices.services),
    )


def _spent() -> tuple[float, int, float, int]:
    """Return seconds of CPU, frames kept and seconds of footage of all done runs, and how many runs there are."""
    rows = Run.objects.filter(status=Run.Status.DONE).order_by()
    cpu_s, frames, footage_s, runs = 0.0, 0, 0.0, 0
    for stages, kept, length_s in rows.values_list("stages", "frames_kept", "video__duration_s"):
        cpu_s += sum(_number(stage, "cpu_s") for stage in stages)
        frames, footage_s, runs = frames + kept, footage_s + length_s, runs + 1
    return cpu_s, frames, footage_s, runs


def _number(stage: Mapping[str, object], key: str) -> float:
    value = stage.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _notes(boxes_from: BoxSource, pictures: int, to_label: int, asked: bool) -> list[str]:
    notes = []
    if boxes_from == "unknown" and pictures:
        notes.append("Nobody looked for objects in these frames, so no boxes are counted: say how many a picture has.")
    if asked and pictures > to_label:
        notes.append(f"Only {to_label:,} frames of the query are left to label; {pictures:,} are priced as asked.")
    return notes


def _true(table: FrameTable, column: str) -> BoolArray:
    return table.frames[column].fill_null(False).to_numpy()
