"""Rounds moved by people: on, back to a step, to an end."""

from typing import TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from activelearning.core.round_states import RERUN, arms_at, is_behind, undone
from activelearning.models import LabelTask, Round
from activelearning.services.round_errors import RoundError
from curation.models import Job
from curation.services.jobs import cancel_job, start_job
from evaluation.models import ModelVersion

User: TypeAlias = AbstractBaseUser | AnonymousUser | None
KIND = "round"
STATE = Round.State


def note(round: Round, what: str, *, by: User = None) -> None:
    """Write into a round's history; whoever calls saves it."""
    who = by.get_username() if by is not None and by.is_authenticated else ""
    round.history = [
        *round.history, {"state": round.state, "at": timezone.now().isoformat(), "note": what, "by": who}
    ]  # fmt: skip


@transaction.atomic
def go_on(
    *, round: Round, early: bool = False, wait: bool = True, via: str = "", user: User = None, here: bool = False
) -> Job:
    """Let a round go on from where it stands: candidates are sent, a step that failed is tried again.

    With `early`, what nobody has labelled yet is taken out, and the round goes on with what there is. Without `wait`
    the job ends once people have to act. Whoever calls rings for the job, or runs it. Raises RoundError."""
    round = _locked(round)
    _require_idle(round)
    if not round.is_open:
        raise RoundError("closed", f"Round {round.pk} is {round.state}; start another, or do a step of it again.")
    if via:
        round.via = via
    if round.state == STATE.CANDIDATES:
        _require_sendable(round)
    params = {"round": round.pk, "go": True, "early": early, "wait": wait}
    round.job = start_job(kind=KIND, params=params, user=user, here=here)
    note(round, "went on without what is not labelled yet" if early else "went on", by=user)
    round.save(update_fields=["job", "via", "history"])
    return round.job


@transaction.atomic
def rerun(*, round: Round, state: str, user: User = None, here: bool = False) -> Job:
    """Do a step of a round again, and all that come after it; what they made before stays where it is.

    Candidates can be looked for again until they are sent. Raises RoundError."""
    round = _locked(round)
    _require_idle(round)
    if state not in RERUN:
        raise RoundError("no_step", f"{state!r} cannot be done again. Valid steps: {', '.join(RERUN)}.")
    if round.state == STATE.ABANDONED or not is_behind(round.state, state):
        raise RoundError("not_there", f"Round {round.pk} is at {round.state!r} and has not come to {state!r}.")
    if state == STATE.SEEDS and round.batches.exists():
        raise RoundError(
            "sent",
            f"The frames of round {round.pk} are with the annotators already, so others cannot be chosen for it. "
            "Start another round from the same test run.",
        )
    for field in undone(state):
        setattr(round, field, None)
    round.arms = arms_at(state, round.arms)
    round.report, round.closed_at, round.state = {}, None, state
    round.job = start_job(kind=KIND, params={"round": round.pk, "wait": True}, user=user, here=here)
    note(round, f"{state} is done again", by=user)
    round.save()
    return round.job


@transaction.atomic
def abandon(*, round: Round, note_text: str = "", user: User = None) -> Round:
    """End a round where it stands. Labels that were made stay; frames that were not sent are free again."""
    round = _locked(round)
    if not round.is_open:
        raise RoundError("closed", f"Round {round.pk} is {round.state} already.")
    if round.job is not None and round.job.is_open:
        cancel_job(job=round.job)
    waiting = LabelTask.objects.filter(batch__round=round, state=LabelTask.State.WAITING)
    waiting.update(state=LabelTask.State.DROPPED, note="The round was abandoned.")
    round.state, round.closed_at = STATE.ABANDONED, timezone.now()
    note(round, note_text or "abandoned", by=user)
    round.save(update_fields=["state", "closed_at", "history"])
    return round


@transaction.atomic
def attach_model(*, round: Round, model: ModelVersion, user: User = None, here: bool = False) -> Job:
    """Test a model that was trained elsewhere on the round's labels. Raises RoundError."""
    round = _locked(round)
    _require_idle(round)
    if round.state not in (STATE.TRAINING, STATE.RETEST):
        raise RoundError("not_there", f"Round {round.pk} is at {round.state!r}; a model is attached after its dataset.")
    if model.pk == round.test_run.model_id:
        raise RoundError("same_model", f"{model} is the model that round {round.pk} started from; attach the new one.")
    round.trainer = {**round.trainer, "model": model.name}
    round.state = STATE.RETEST
    round.job = start_job(kind=KIND, params={"round": round.pk, "wait": True}, user=user, here=here)
    note(round, f"{model}, trained elsewhere, is tested", by=user)
    round.save(update_fields=["trainer", "state", "job", "history"])
    return round.job


def _locked(round: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("job", "test_run").get(pk=round.pk)


def _require_idle(round: Round) -> None:
    if round.job is not None and round.job.is_open:
        raise RoundError(
            "busy", f"Job {round.job.pk} is at work on round {round.pk}. Wait for it, or cancel it, then ask again."
        )
    if round.loop is not None and round.loop.job is not None and round.loop.job.is_open:
        raise RoundError("busy", f"Loop {round.loop.pk} is at work on round {round.pk}. Stop it first.")


def _require_sendable(round: Round) -> None:
    if not round.candidates.filter(is_dropped=False).exists():
        raise RoundError("no_candidates", f"Round {round.pk} has no candidates to send. Add some, or abandon it.")
    if not round.via:
        raise RoundError("via", f"Say how the frames of round {round.pk} are to be labelled: label_studio or files.")
