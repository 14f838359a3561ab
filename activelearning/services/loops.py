"""Loops: asked for, found, stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from activelearning.models import Loop
from activelearning.services.round_errors import NoSuchRound, RoundError
from curation.core.params import param
from curation.services.jobs import cancel_job, start_job
from evaluation.models import ModelVersion, SuiteVersion, TestRun

User: TypeAlias = AbstractBaseUser | AnonymousUser | None
KIND = "loop"
MOST_ROUNDS = 100


@dataclass(frozen=True)
class LoopOptions:
    """What each round of a loop is asked with, and when the loop gives up."""

    scenarios: list[str] = param([], help="Those it is about; [] is all that are not green.")
    strategy_text: str = param("", help="A strategy's YAML; empty is the shipped default.")
    seed: int = param(0, help="Of the first round; each round adds one.")
    via: str = param("label_studio", help="label_studio, files or truth.")
    labelling: dict[str, Any] = field(default_factory=dict)
    dataset: str = param("", help="The dataset that labels are added to.")
    base: str = param("", help="The version that models are trained on besides: street@4.")
    trainer: dict[str, Any] = field(default_factory=dict)
    raise_shares: dict[str, float] = field(default_factory=dict)
    patience: int = param(2, help="Rounds without progress after which it gives up.", minimum=1, maximum=MOST_ROUNDS)
    from_first: bool = param(True, help="Each model is taught from the first one, on all labels so far.")


def find_loop(number: int | str) -> Loop:
    """Find a loop. Raises NoSuchRound."""
    text = str(number).strip()
    loops = Loop.objects.select_related("suite__suite", "first_run__model", "first_run__version__dataset", "job")
    found = loops.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 18 else None
    if found is None:
        raise NoSuchRound(f"There is no loop {text[:30]!r}. `manage.py loop list` names those that there are.")
    return found


def last_run(*, suite: SuiteVersion, model: ModelVersion) -> TestRun | None:
    """Find the newest done test run of a model against a suite that is no final evaluation."""
    runs = TestRun.objects.filter(suite=suite, model=model, is_final=False, finished_at__isnull=False)
    return runs.select_related("suite__suite", "model", "version__dataset").order_by("-id").first()


@transaction.atomic
def start_loop(
    *,
    first_run: TestRun,
    budget: int,
    rounds: int,
    options: LoopOptions | None = None,
    user: User = None,
    here: bool = False,
) -> Loop:
    """Write a loop down, with its job; whoever calls rings for it, or runs it. Raises RoundError.

    It begins from a done test run, and runs the same suite on the same frames after each round."""
    if not first_run.is_done:
        raise RoundError("not_done", f"Test run {first_run.pk} is not done; a loop starts from its verdicts.")
    if not 1 <= rounds <= MOST_ROUNDS:
        raise RoundError("rounds", f"{rounds} rounds cannot be run; give 1 to {MOST_ROUNDS}.")
    if budget < 1:
        raise RoundError("budget", f"A budget of {budget} frames cannot be labelled; give 1 or more.")
    options = options or LoopOptions()
    if options.trainer.get("kind") == "none":
        raise RoundError(
            "trainer",
            "A loop trains by itself. To train elsewhere take single rounds (manage.py rounds start --trainer none), "
            "or name a trainer of your own (docs/training.md).",
        )
    job = start_job(kind=KIND, params={}, user=user, here=here)
    loop = Loop.objects.create(
        suite=first_run.suite,
        first_run=first_run,
        budget=budget,
        most_rounds=rounds,
        options=plain(options),
        job=job,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    job.params = {"loop": loop.pk, "go": True, "wait": True}
    job.save(update_fields=["params"])
    return loop


@transaction.atomic
def stop_loop(*, loop: Loop) -> Loop:
    """Stop a loop; its round stays where it is, and can go on by itself. Raises RoundError."""
    loop = Loop.objects.select_for_update(of=("self",)).select_related("job").get(pk=loop.pk)
    if loop.ended:
        raise RoundError("closed", f"Loop {loop.pk} ended already: {loop.reason}")
    if loop.job is not None and loop.job.is_open:
        cancel_job(job=loop.job)
    loop.ended, loop.reason, loop.finished_at = Loop.Ended.STOPPED, "Stopped by a person.", timezone.now()
    loop.save(update_fields=["ended", "reason", "finished_at"])
    return loop


@transaction.atomic
def resume_loop(*, loop: Loop, user: User = None, here: bool = False) -> Loop:
    """Take a loop up again whose job failed or was cancelled. Raises RoundError."""
    loop = Loop.objects.select_for_update(of=("self",)).select_related("job").get(pk=loop.pk)
    if loop.ended and loop.ended != Loop.Ended.STOPPED:
        raise RoundError("closed", f"Loop {loop.pk} ended: {loop.reason}")
    if loop.job is not None and loop.job.is_open:
        raise RoundError("busy", f"Job {loop.job.pk} is at work on loop {loop.pk}.")
    params = {"loop": loop.pk, "go": True, "wait": True}
    loop.job, loop.ended, loop.reason = start_job(kind=KIND, params=params, user=user, here=here), "", ""
    loop.finished_at = None
    loop.save(update_fields=["job", "ended", "reason", "finished_at"])
    return loop


def plain(options: LoopOptions) -> dict[str, Any]:
    return {name: _copy(getattr(options, name)) for name in options.__dataclass_fields__}


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
