"""Batches whose truth is known already: a callable stands in for the annotators, and every label says so."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from activelearning.core.given_answer import GivenAnswer
from activelearning.models import LabelBatch, LabelTask
from activelearning.services.answers import take_answers
from activelearning.services.taken import Taken
from curation.core.errors import WinnowError

Truth: TypeAlias = Callable[[LabelBatch], Iterable[tuple[int, GivenAnswer]]]
PREFIX = "truth: "
"""Begins the name of the annotator."""


class TruthError(WinnowError):
    """A batch cannot be answered by a known truth. `code` is stable: unknown, not_truth, unnamed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def find_truth(name: str) -> Truth:
    """Return a truth of settings.WINNOW_TRUTHS by its name. Raises TruthError, which lists those that there are."""
    known = _truths()
    if name not in known:
        there = ", ".join(known) or "none; WINNOW_TRUTHS in the settings names them"
        raise TruthError("unknown", f"There is no known truth {name!r}. There are: {there}.")
    found: Truth = import_string(known[name])
    return found


def truth_name(batch: LabelBatch) -> str:
    """Return the name of the truth that answers a batch: its merge says {"truth": NAME}, or its round's labelling does.

    Where there is only one, it need not be named. Raises TruthError."""
    asked: Mapping[str, Any] = batch.round.labelling if batch.round else {}
    name = batch.merge.get("truth") or asked.get("truth")
    known = list(_truths())
    if isinstance(name, str) and name:
        return name
    if len(known) == 1:
        return known[0]
    there = ", ".join(known) or "none"
    raise TruthError("unnamed", f"{batch} names no truth: its merge must say {{'truth': NAME}}. There are: {there}.")


def answer_by_truth(*, batch: LabelBatch, name: str = "") -> Taken:
    """Let a known truth answer all tasks of a batch that wait or are sent; the annotator is "truth: NAME".

    What it does not answer stays open. Raises TruthError."""
    if batch.via != LabelBatch.Via.TRUTH:
        raise TruthError("not_truth", f"{batch} goes to {batch.get_via_display()}; only people may answer it.")
    name = name or truth_name(batch)
    truth = find_truth(name)
    if batch.state in (LabelBatch.State.OPEN, LabelBatch.State.SENDING):
        now = timezone.now()
        LabelTask.objects.filter(batch=batch, state=LabelTask.State.WAITING).update(
            state=LabelTask.State.SENT, sent_at=now, changed_at=now
        )
        batch.state, batch.sent_at = LabelBatch.State.SENT, batch.sent_at or now
        batch.save(update_fields=["state", "sent_at"])
    given: dict[int, list[GivenAnswer]] = {}
    for task_id, answer in truth(batch):
        given.setdefault(task_id, []).append(replace(answer, annotator=f"{PREFIX}{name}"))
    return take_answers(batch=batch, given=given, is_whole=False)


def _truths() -> Mapping[str, str]:
    known: Mapping[str, str] = getattr(settings, "WINNOW_TRUTHS", {})
    return known


__all__ = ["GivenAnswer", "TruthError", "answer_by_truth", "find_truth", "truth_name"]
