"""How a step ends: what it made and the next state, written at once, unless somebody moved the round meanwhile."""

from collections.abc import Generator
from contextlib import contextmanager

from django.db import transaction

from activelearning.models import Round
from activelearning.services.round_moves import note
from curation.services.jobs import Lost


@contextmanager
def moved(round: Round, *, to: str, said: str) -> Generator[Round, None, None]:
    """Give the locked row to write to; it is saved in its next state. Raises Lost if its state is not ours any more."""
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if row.state != round.state:
            raise Lost(f"round {round.pk} is at {row.state}, not at {round.state}")
        yield row
        row.state = to
        note(row, said)
        row.save()
    round.refresh_from_db()
