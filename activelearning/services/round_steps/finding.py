"""The first step: what went wrong, and more of it in footage that nobody labelled."""

from collections.abc import Generator

from activelearning.models import Round
from activelearning.services.mining import mine
from activelearning.services.round_errors import RoundError
from activelearning.services.round_seeds import gather_seeds
from activelearning.services.round_steps.moving import moved
from curation.models import Job
from curation.services.jobs import Progress


def find_candidates(round: Round, by: Job) -> Generator[Progress, None, bool]:
    """Write seeds and candidates anew. Raises RoundError where an automatic round finds none."""
    count = yield from gather_seeds(round)
    found = yield from mine(round)
    chosen = round.candidates.filter(is_dropped=False).count()
    if not chosen and round.is_automatic:
        why = " ".join(round.notes) or "The pool is empty."
        raise RoundError("no_candidates", f"Round {round.pk} found no frame to label. {why}")
    with moved(round, to=Round.State.CANDIDATES, said=f"{count} seeds, {chosen} candidates") as row:
        row.notes = list(found.get("notes", row.notes))
    return True
