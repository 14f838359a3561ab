"""Which frames may not be labelled, or trained on, for a round, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from activelearning.core.bounds import WHY, Bounds, in_words
from activelearning.models import Candidate, LabelTask, Round
from activelearning.services.few_frames import few_frames
from activelearning.services.round_errors import RoundError
from activelearning.services.test_ground import COPY, Ground, ground_of
from curation.core.frame_table import FrameTable
from curation.core.types import BoolArray, IntArray
from curation.services.frame_rows import read_ids
from curation.services.frame_table import current
from curation.services.holding import Reach, keep_locks_away
from curation.services.holdout import refuse_held
from evaluation.models import TestRun

__all__ = [
    "WHY", "Bounds", "bounds_of", "check_addable", "contact_with", "hold_candidates", "in_words", "out_of_bounds",
]  # fmt: skip
OVER = (Round.State.CLOSED, Round.State.ABANDONED)
OPEN_TASKS = (LabelTask.State.WAITING, LabelTask.State.SENT)
CANDIDATES_KEY = 0x57494E52  # "WINR": who writes candidates, one at a time
NAMED = 5
FEW = 5_000
"""Frames that are asked the database about one by one; for more of them all frames are read into memory."""


def out_of_bounds(
    frame_ids: Iterable[int], *, test_run: TestRun, round: Round | None = None, reach: Reach | None = None
) -> dict[str, set[int]]:
    """Return the frames that may not be labelled for a round of a test run, by reason: the keys of `WHY`.

    A frame may have several reasons; likeness is looked at only where there is no other. Without a round, candidates of
    any open one count as another's. Frames that are gone have no reason."""
    ids = np.unique(np.fromiter(frame_ids, np.int64))
    found = bounds_of(ids, ground=ground_of(test_run), round=round, reach=reach or COPY)
    return {why: set(found.frame_ids[mask].tolist()) for why, mask in found.out.items() if mask.any()}


def bounds_of(
    frame_ids: IntArray, *, ground: Ground, round: Round | None, reach: Reach | None, table: FrameTable | None = None
) -> Bounds:
    """Judge (N,) frames by rising id. Without a reach nothing is said about likeness. Frames that are gone are left
    out."""
    table = _table(frame_ids, ground) if table is None else table
    rows = np.flatnonzero(table.among(frame_ids))
    ids = table.ids[rows]
    out = _of_test(table, rows, ground=ground)
    out |= {
        "labelled": table.frames["annotated"].to_numpy()[rows],
        "asked_for": _among(ids, LabelTask.objects.filter(state__in=OPEN_TASKS)),
        "other_round": _among(ids, _elsewhere(round)),
        "dropped": _among(ids, Candidate.objects.filter(round=round, is_dropped=True)) if round else _nothing(ids),
    }
    return _with_likeness(Bounds(ids, out), ground=ground, reach=reach)


def contact_with(ground: Ground, frame_ids: Iterable[int], *, reach: Reach | None = COPY) -> dict[int, str]:
    """Return the frames that would give a test away if a model were trained on them, and why, in words.

    Labelled frames are judged like others. Without a reach nothing is said about likeness."""
    ids = np.unique(np.fromiter(frame_ids, np.int64))
    table = _table(ids, ground)
    rows = np.flatnonzero(table.among(ids))
    found = _with_likeness(
        Bounds(table.ids[rows], _of_test(table, rows, ground=ground)), ground=ground, reach=reach
    )  # fmt: skip
    return {frame_id: WHY[why] for frame_id, why in found.first().items()}


def check_addable(round: Round, frame_ids: Iterable[int]) -> None:
    """Refuse frames that a person may not put into a round; those that were dropped may come back.

    Call it in the transaction that writes them: until that ends no lock begins, and nobody else writes candidates.
    Raises HoldoutError where a frame is held out, RoundError (no_frame, out_of_bounds), which says why."""
    keep_locks_away()
    hold_candidates()
    ids = np.unique(np.fromiter(frame_ids, np.int64))
    refuse_held(ids.tolist(), wanted_for="labelling")
    run = TestRun.objects.select_related("suite__suite", "version").get(pk=round.test_run_id)
    found = bounds_of(ids, ground=ground_of(run), round=round, reach=COPY)
    if len(missing := np.setdiff1d(ids, found.frame_ids)):
        raise RoundError("no_frame", f"There is no frame {missing[0]}. Nothing was changed.")
    allowed = Bounds(found.frame_ids, {why: mask for why, mask in found.out.items() if why != "dropped"})
    if said := allowed.first():
        raise RoundError("out_of_bounds", _refusal(round, said, of=len(ids)))


def hold_candidates() -> None:
    """Let nobody else write candidates until this transaction ends: so two rounds never take the same frame.

    Whoever locks a round's row does so before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CANDIDATES_KEY])


def _table(frame_ids: IntArray, ground: Ground) -> FrameTable:
    """Return a table that holds some frames and those of the test: of few frames not all that there are."""
    if len(frame_ids) > FEW:
        return current()
    return few_frames(np.union1d(frame_ids, ground.frame_ids))


def _of_test(table: FrameTable, rows: IntArray, *, ground: Ground) -> dict[str, BoolArray]:
    in_test = table.among(ground.frame_ids)
    return {
        "held_out": table.frames["held_out"].to_numpy()[rows],
        "in_test": in_test[rows],
        "beside_test": (ground.beside(table) & ~in_test)[rows],
        "test_footage": ground.in_footage(table)[rows],
    }


def _with_likeness(bounds: Bounds, *, ground: Ground, reach: Reach | None) -> Bounds:
    if reach is None:
        return bounds
    alike, _ = ground.alike(bounds.frame_ids[~bounds.is_out], reach=reach)
    return Bounds(bounds.frame_ids, {**bounds.out, "like_test": np.isin(bounds.frame_ids, alike)})


def _elsewhere(round: Round | None) -> QuerySet[Candidate]:
    others = Candidate.objects.filter(is_dropped=False).exclude(round__state__in=OVER)
    return others if round is None else others.exclude(round=round)


def _among(ids: IntArray, rows: QuerySet[Any]) -> BoolArray:
    return np.isin(ids, read_ids(rows.order_by(), "frame_id"))


def _nothing(ids: IntArray) -> BoolArray:
    return np.zeros(len(ids), np.bool_)


def _refusal(round: Round, said: Mapping[int, str], *, of: int) -> str:
    counted = Counter(said.values())
    parts = []
    for why in WHY:
        if count := counted[why]:
            named = [str(frame_id) for frame_id, one in said.items() if one == why][:NAMED]
            more = f" and {count - NAMED} more" if count > NAMED else ""
            parts.append(f"{WHY[why]}: frame {', '.join(named)}{more}")
    return (
        f"{len(said)} of {of} frames cannot join round {round.pk}: {'; '.join(parts)}. Nothing was changed. Leave them "
        "out of the list."
    )
