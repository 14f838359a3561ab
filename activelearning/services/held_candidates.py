"""What a hold-out took after it was chosen: such candidates and seeds go, so that nobody sees or sends them."""

from django.db import transaction

from activelearning.models import Candidate, Round, Seed
from curation.services.holding import keep_locks_away

NOTE = "held out since it was chosen"


@transaction.atomic
def let_go_of_held(round: Round) -> int:
    """Drop a round's candidates, and remove its seeds, whose frames are held out by now; tells how many candidates.

    Until the caller's transaction ends no other lock begins."""
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    keep_locks_away()
    Seed.objects.filter(round=round, frame__held_out=True).delete()
    held = Candidate.objects.filter(round=round, frame__held_out=True, is_dropped=False)
    return held.update(is_dropped=True, note=NOTE)
