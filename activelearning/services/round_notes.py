"""Notes of a round: what a reader must know. Each step has its own and replaces them when it is done again."""

from collections.abc import Iterable

from django.db import transaction

from activelearning.models import Round


@transaction.atomic
def set_notes(round: Round, step: str, notes: Iterable[str]) -> list[str]:
    """Write a step's notes in place of those that it wrote before; returns all notes of the round.

    A note begins with its step: "Seeds: no scenario has frames"."""
    head = f"{step}: "
    row = Round.objects.select_for_update(of=("self",)).only("notes").get(pk=round.pk)
    others = [note for note in row.notes if not str(note).startswith(head)]
    said: list[str] = [*others, *(f"{head}{note}" for note in dict.fromkeys(notes))]
    Round.objects.filter(pk=round.pk).update(notes=said)
    round.notes = said
    return said
