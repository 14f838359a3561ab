"""No plan draws what is held out: asking for it is refused, meeting it is counted."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from curation.core.frame_table import FrameTable
from curation.core.query import And, Equals, Exists, Like, Not, Or, Query, Range
from curation.core.sampling import Plan
from curation.core.types import IntArray
from curation.models import DatasetVersion, HeldFrame
from curation.services.filtering import chosen
from curation.services.holdout import HoldoutError, refuse_held

WANTED_FOR = "a sampling plan"
Leaf = Equals | Range | Exists | Like


def refuse_held_plan(plan: Plan, table: FrameTable) -> None:
    """Raise HoldoutError if a plan lists frames that are held out."""
    listed = table.among(np.asarray(plan.frames, np.int64))
    if (listed & table.frames["held_out"].to_numpy()).any():
        refuse_held(plan.frames, wanted_for=WANTED_FOR)


def refuse_held_query(query: Query) -> None:
    """Raise HoldoutError if a query asks for what is held out: held_out:true, a locked version, or a held frame's id.

    Leaving them out, as in NOT dataset:final@1, is no such wish."""
    wished = list(_wished(query))
    for leaf, is_wanted in wished:
        if leaf.field.name == "held_out" and isinstance(leaf, Equals) and bool(leaf.value) == is_wanted:
            raise HoldoutError(
                "held",
                "The plan asks for frames that are held out (held_out:true). Nothing was drawn. They are for final "
                "evaluations only; strike the condition.",
            )
    for leaf, is_wanted in wished:
        if is_wanted and leaf.field.name == "dataset" and isinstance(leaf, Equals | Like):
            _refuse_locked(leaf)
    named = [int(leaf.value) for leaf, is_wanted in wished if is_wanted and _names_a_frame(leaf)]  # type: ignore[union-attr]
    if named:
        refuse_held(named, wanted_for=WANTED_FOR)


def held_by_version(frame_ids: IntArray) -> dict[str, int]:
    """Count frames that are held out by the version that holds them; of several, the one that held them first."""
    if not len(frame_ids):
        return {}
    rows = HeldFrame.objects.order_by("frame_id", "version_id").values_list("frame_id", "version_id")
    pairs = np.asarray(list(rows.iterator(chunk_size=20_000)), np.int64).reshape(-1, 2)
    frames, first = np.unique(pairs[:, 0], return_index=True)
    place = np.minimum(np.searchsorted(frames, frame_ids), max(0, len(frames) - 1))
    known = frames[place] == frame_ids if len(frames) else np.zeros(len(frame_ids), bool)
    counts = Counter(pairs[first[place[known]], 1].tolist())
    versions = DatasetVersion.objects.filter(pk__in=counts).select_related("dataset").order_by("pk")
    told = {f"held out by {version}": counts[version.pk] for version in versions}
    if others := int((~known).sum()):
        told["held out"] = others
    return told


def _refuse_locked(leaf: Equals | Like) -> None:
    locked = chosen(leaf).filter(version__locked_at__isnull=False).values("version")
    version = DatasetVersion.objects.filter(pk__in=locked).select_related("dataset").order_by("pk").first()
    if version is not None:
        raise HoldoutError(
            "held",
            f"The plan asks for frames of {version}, which is locked as a hold-out. Nothing was drawn. Its frames are "
            "for final evaluations only; name a version that is not locked, or leave it out.",
        )


def _names_a_frame(leaf: Leaf) -> bool:
    return leaf.field.name == "id" and isinstance(leaf, Equals) and isinstance(leaf.value, int | float)


def _wished(query: Query, *, is_wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Yield every condition, and whether it says what is wanted, or, below a NOT, what is not."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _wished(part, is_wanted=is_wanted)
        case Not(part):
            yield from _wished(part, is_wanted=not is_wanted)
        case Equals() | Range() | Exists() | Like():
            yield query, is_wanted
