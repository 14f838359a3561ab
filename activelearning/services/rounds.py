"""Rounds: started from a test run, found, looked through."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from activelearning.core.shipped import DEFAULT, shipped_text
from activelearning.core.strategy import parse_strategy, read_yaml
from activelearning.models import LabelBatch, Loop, Round
from activelearning.services.candidate_edits import add_candidates, drop_candidates, restore_candidates
from activelearning.services.round_errors import NoSuchRound, RoundError
from activelearning.services.round_moves import abandon, attach_model, go_on, note, rerun
from curation.models import DatasetVersion
from curation.services.holdout import HoldoutError
from curation.services.jobs import start_job
from evaluation.models import ScenarioResult, TestRun

__all__ = [
    "NoSuchRound", "RoundError", "abandon", "add_candidates", "attach_model", "drop_candidates", "find_round", "go_on",
    "rerun", "restore_candidates", "start_round",
]  # fmt: skip
User: TypeAlias = AbstractBaseUser | AnonymousUser | None
KIND = "round"
MOST_BUDGET = 1_000_000


def find_round(number: int | str) -> Round:
    """Find a round. Raises NoSuchRound."""
    text = str(number).strip()
    rounds = Round.objects.select_related(
        "test_run__suite__suite", "test_run__model", "test_run__version__dataset", "base_version__dataset",
        "version__dataset", "training", "retest", "loop", "job",
    )  # fmt: skip
    found = rounds.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 18 else None
    if found is None:
        newest = rounds.first()
        there = f"The newest is {newest.pk}" if newest else "There is none yet: manage.py rounds start --test-run N"
        raise NoSuchRound(f"There is no round {text[:30]!r}. {there}.")
    return found


@transaction.atomic
def start_round(
    *,
    test_run: TestRun,
    budget: int,
    scenarios: Sequence[str] | None = None,
    strategy_text: str = "",
    seed: int | None = None,
    via: str = "",
    labelling: Mapping[str, Any] | None = None,
    dataset: str = "",
    base_version: DatasetVersion | None = None,
    trainer: Mapping[str, Any] | None = None,
    raise_shares: Mapping[str, float] | None = None,
    is_automatic: bool = False,
    loop: Loop | None = None,
    number: int = 1,
    user: User = None,
    here: bool = False,
) -> Round:
    """Write a round down, with the job that looks for its candidates; whoever calls rings for it, or runs it.

    `scenarios` default to those that failed or are undecided; `strategy_text` is a strategy's YAML, the shipped default
    if empty. `base_version` is what the next model is trained on besides the new labels: what the tested one was
    trained on, unless another is named. Raises RoundError, SpecError, and HoldoutError for a final evaluation."""
    _check_run(test_run)
    if not 1 <= budget <= MOST_BUDGET:
        raise RoundError("budget", f"A budget of {budget} frames cannot be labelled; give 1 to {MOST_BUDGET:,}.")
    strategy = parse_strategy(read_yaml(strategy_text or shipped_text(DEFAULT)))
    base_version = base_version or test_run.model.trained_on
    if base_version is not None and base_version.is_locked:
        raise HoldoutError("held", f"{base_version} is a hold-out: nothing is trained on it. Name another base.")
    if via and via not in LabelBatch.Via.values:
        raise RoundError("via", f"There is no way {via!r} to label. Valid ones: {', '.join(LabelBatch.Via.values)}.")
    job = start_job(kind=KIND, params={}, user=user, here=here) if loop is None else None
    made = Round.objects.create(
        loop=loop,
        number=number,
        test_run=test_run,
        scenarios=_chosen(test_run, scenarios),
        budget=budget,
        seed=strategy.seed if seed is None else seed,
        strategy_text=strategy_text or shipped_text(DEFAULT),
        strategy=strategy.to_dict(),
        is_automatic=is_automatic,
        via=via,
        labelling=dict(labelling or {}),
        dataset=dataset or (base_version.dataset.name if base_version else f"{test_run.suite.suite.name}-labels"[:80]),
        base_version=base_version,
        trainer={"kind": "ultralytics", **(trainer or {})},
        raise_shares=dict(raise_shares or {}),
        job=job,
        code_version=settings.WINNOW_VERSION,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    note(made, "started", by=user)
    made.save(update_fields=["history"])
    if job is not None:
        job.params = {"round": made.pk}
        job.save(update_fields=["params"])
    return made


def _check_run(run: TestRun) -> None:
    if not run.is_done:
        raise RoundError("not_done", f"Test run {run.pk} is not done; a round starts from its verdicts.")
    if run.is_final or (run.version is not None and run.version.is_locked):
        raise HoldoutError(
            "held",
            f"Test run {run.pk} is a final evaluation on a hold-out. A round would look for just what fails there, and "
            "the next final figure would be worth nothing. Start it from an ordinary test run.",
        )
    if not run.model.has_weights:
        raise RoundError(
            "no_weights",
            f"{run.model} has no weights here (its predictions were imported), so it cannot look through footage. "
            f"Register its weights as a model of their own (manage.py models add), and test that one.",
        )


def _chosen(run: TestRun, names: Sequence[str] | None) -> list[str]:
    """Return the scenarios that a round is about, in the suite's order. Raises RoundError."""
    results = list(run.results.order_by("position").values_list("name", "verdict"))
    there = [name for name, _ in results]
    if names:
        if unknown := [name for name in names if name not in there]:
            raise RoundError(
                "no_scenario", f"Test run {run.pk} has no scenario {unknown[0]!r}. It has: {', '.join(there)}."
            )
        return [name for name in there if name in names]
    red = [name for name, verdict in results if verdict != ScenarioResult.Verdict.PASS]
    if not red:
        raise RoundError(
            "all_green",
            f"Every scenario of test run {run.pk} passes, so there is nothing to mend. Name a scenario to look for "
            "more of it all the same.",
        )
    return red
