"""People's word on candidates: dropped, brought back, added, before they are sent."""

from collections.abc import Sequence
from typing import TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Max

from activelearning.models import Candidate, Round
from activelearning.services.out_of_bounds import check_addable
from activelearning.services.round_errors import RoundError

User: TypeAlias = AbstractBaseUser | AnonymousUser | None
MOST_NOTE = 200


@transaction.atomic
def drop_candidates(*, round: Round, frame_ids: Sequence[int], note: str = "", user: User = None) -> int:
    """Take candidates out; they are not proposed again in this round. Tells how many were in. Raises RoundError."""
    _open_for_edits(round)
    _require(round, frame_ids)
    mine = round.candidates.filter(frame__in=frame_ids, is_dropped=False)
    return mine.update(is_dropped=True, note=_note(note, user))


@transaction.atomic
def restore_candidates(*, round: Round, frame_ids: Sequence[int]) -> int:
    """Bring dropped candidates back. Raises RoundError where one may not be labelled any more."""
    _open_for_edits(round)
    _require(round, frame_ids)
    mine = round.candidates.filter(frame__in=frame_ids, is_dropped=True)
    check_addable(round, sorted(mine.values_list("frame_id", flat=True)))
    return mine.update(is_dropped=False, note="")


@transaction.atomic
def add_candidates(*, round: Round, frame_ids: Sequence[int], note: str = "", user: User = None) -> int:
    """Put frames in that a person chose; dropped ones come back. All of them or none.

    Raises RoundError, and HoldoutError where one is held out."""
    _open_for_edits(round)
    ids = sorted(set(map(int, frame_ids)))
    there = set(round.candidates.filter(frame__in=ids, is_dropped=False).values_list("frame_id", flat=True))
    new = [frame_id for frame_id in ids if frame_id not in there]
    check_addable(round, new)
    last = round.candidates.aggregate(last=Max("rank"))["last"]
    rank = 0 if last is None else last + 1
    round.candidates.filter(frame__in=new).delete()
    Candidate.objects.bulk_create(
        Candidate(
            round=round,
            frame_id=frame_id,
            arm=Candidate.Arm.PERSON,
            rank=rank + i,
            score=1.0,
            reasons=[{"sampler": "person", "text": f"added by {_name(user)}"}],
            note=_note(note, user),
        )
        for i, frame_id in enumerate(new)
    )
    return len(new)


def _open_for_edits(round: Round) -> None:
    state = Round.objects.select_for_update(of=("self",)).get(pk=round.pk).state
    if state != Round.State.CANDIDATES:
        raise RoundError(
            "not_open",
            f"The candidates of round {round.pk} cannot be changed now: it is at {state!r}. They can be while it is at "
            "'candidates', before they are sent.",
        )


def _require(round: Round, frame_ids: Sequence[int]) -> None:
    there = set(round.candidates.filter(frame__in=frame_ids).values_list("frame_id", flat=True))
    if missing := [frame_id for frame_id in frame_ids if frame_id not in there]:
        raise RoundError(
            "no_candidate", f"Frame {missing[0]} is no candidate of round {round.pk}. Nothing was changed."
        )


def _note(note: str, user: User) -> str:
    if len(note) > MOST_NOTE:
        raise RoundError("note", f"The note has {len(note)} characters; {MOST_NOTE} are allowed.")
    return note or f"by {_name(user)}"


def _name(user: User) -> str:
    return user.get_username() if user is not None and user.is_authenticated else "somebody at the command line"
