"""What a strategy chose, written as a round's candidates: never a frame that is out of bounds by then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from activelearning.core.choice import Pick
from activelearning.models import Candidate, Round
from activelearning.services.out_of_bounds import bounds_of, hold_candidates
from activelearning.services.test_ground import Ground
from curation.services.holding import keep_locks_away
from curation.services.jobs import Lost

BATCH = 1_000


@dataclass(frozen=True)
class Written:
    """How many candidates were written, by arm, and why picks were left out: keys of `out_of_bounds.WHY`, or "gone"."""

    strategy: int
    control: int
    skipped: Mapping[str, int]

    @property
    def count(self) -> int:
        return self.strategy + self.control


@transaction.atomic
def write_candidates(round: Round, picks: Sequence[Pick], *, ground: Ground) -> Written:
    """Write picks in place of what was chosen by a strategy before. What people added or dropped stays as it is, added
    ones behind the picks.

    Rounds that choose at the same time wait for each other here, and so does a lock of a hold-out: picks that are out
    of bounds by now are left out, and counted. Raises Lost if the round moved on meanwhile."""
    row = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if row.state != round.state:
        raise Lost(f"round {round.pk} is at {row.state}, not at {round.state}")
    keep_locks_away()
    hold_candidates()
    mine = Candidate.objects.filter(round=round)
    mine.filter(is_dropped=False).exclude(arm=Candidate.Arm.PERSON).delete()
    there = set(mine.values_list("frame_id", flat=True))
    bounds = bounds_of(
        np.unique(np.array([pick.frame_id for pick in picks], np.int64)), ground=ground, round=round, reach=None
    )  # fmt: skip
    out, known = bounds.first(), set(bounds.frame_ids.tolist())
    skipped: dict[str, int] = {}
    kept = []
    for pick in picks:
        why = out.get(pick.frame_id) if pick.frame_id in known else "gone"
        if why:
            skipped[why] = skipped.get(why, 0) + 1
        elif pick.frame_id not in there:
            kept.append(pick)
    Candidate.objects.bulk_create((_row(round, rank, pick) for rank, pick in enumerate(kept)), batch_size=BATCH)
    added = list(mine.filter(arm=Candidate.Arm.PERSON).order_by("rank", "pk"))
    for rank, candidate in enumerate(added, start=len(kept)):
        candidate.rank = rank
    Candidate.objects.bulk_update(added, ["rank"], batch_size=BATCH)
    strategy = sum(pick.arm == "strategy" for pick in kept)
    return Written(strategy, len(kept) - strategy, skipped)


def _row(round: Round, rank: int, pick: Pick) -> Candidate:
    return Candidate(
        round=round,
        frame_id=pick.frame_id,
        arm=pick.arm,
        rank=rank,
        score=pick.score,
        reasons=[told.to_dict() for told in pick.reasons],
    )
