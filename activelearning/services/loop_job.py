"""The job `loop`: round after round, until the suite is green, the labels are spent, or nothing gets better."""

from collections.abc import Generator, Sequence

from django.db import transaction
from django.utils import timezone

from activelearning.core.loop_verdict import (
    LoopLimits,
    Standing,
    best_of,
    is_over,
    sentence_of,
    share_of_budget,
    standing_of,
)
from activelearning.models import Loop, Round
from activelearning.services.loops import LoopOptions, find_loop
from activelearning.services.round_errors import RoundError
from activelearning.services.round_job import go
from activelearning.services.rounds import start_round
from curation.core.params import build
from curation.models import Job
from curation.services.datasets import find_version
from curation.services.jobs import Progress, Work
from evaluation.models import TestRun
from evaluation.services.test_records import find_run, record_of

WAIT_S = 30.0
"""A round that waits for people is looked at again after so long."""


def go_round(job: Job) -> Work:
    """Do a loop. A killed one goes on with the round it was at. Raises what its rounds raise."""
    loop = find_loop(job.params["loop"])
    options = build(LoopOptions, loop.options, where="loop")
    limits = LoopLimits(loop.budget, loop.most_rounds, options.patience)
    while not loop.ended:
        rounds = list(loop.rounds.select_related("retest", "version__dataset").order_by("number"))
        if rounds and rounds[-1].is_open:
            yield from _finish(loop, rounds[-1], job)
            rounds[-1].refresh_from_db()
            if rounds[-1].is_open:
                yield Progress(len(rounds) - 1, loop.most_rounds, f"{rounds[-1]} waits", {}, again_in_s=WAIT_S)
            continue
        done = [one for one in rounds if one.state == Round.State.CLOSED]
        standings = _standings(loop, options, done)
        spent = sum(int(one.report["spent"]["frames"]) for one in done)
        ended = is_over(standings, spent=spent, limits=limits)
        if ended is not None:
            _end(loop, ended, sentence_of(ended, standings, spent=spent, limits=limits))
            break
        yield Progress(len(done), loop.most_rounds, f"round {len(done) + 1}", {})
        _begin(loop, options, standings, done, budget=share_of_budget(limits, spent=spent, rounds_done=len(done)))
    return {"loop": loop.pk, "ended": loop.ended, "reason": loop.reason, "rounds": loop.rounds.count()}


def _finish(loop: Loop, round: Round, job: Job) -> Generator[Progress, None, None]:
    try:
        yield from go(round, by=job)
    except RoundError as error:
        if error.code != "no_candidates":
            raise
        Round.objects.filter(pk=round.pk).update(state=Round.State.ABANDONED, closed_at=timezone.now())
        _end(loop, Loop.Ended.NO_CANDIDATES, str(error))


def _standings(loop: Loop, options: LoopOptions, done: Sequence[Round]) -> list[Standing]:
    targets = _targets(loop, options)
    runs: list[TestRun] = [loop.first_run, *(one.retest for one in done if one.retest is not None)]
    return [
        standing_of(record_of(run, is_light=True), targets=targets, whole_suite=not options.scenarios) for run in runs
    ]


def _targets(loop: Loop, options: LoopOptions) -> list[str]:
    """Return what a loop is about: named scenarios, or all of the suite, since what was green must stay so."""
    return options.scenarios or list(loop.first_run.results.order_by("position").values_list("name", flat=True))


@transaction.atomic
def _begin(
    loop: Loop, options: LoopOptions, standings: Sequence[Standing], done: Sequence[Round], *, budget: int
) -> Round:  # fmt: skip
    """Start the next round from the best test run so far, so that a round that made things worse is not built upon.

    Labels are kept whatever came of them: the next base is the newest version."""
    run = find_run(best_of(standings).test_run)
    base = done[-1].version if done else find_version(options.base) if options.base else loop.first_run.model.trained_on
    trainer = dict(options.trainer)
    if options.from_first:
        trainer.setdefault("base", loop.first_run.model.name)
    red = [
        name for name, verdict in run.results.order_by("position").values_list("name", "verdict")
        if verdict != "pass" and (not options.scenarios or name in options.scenarios)
    ]  # fmt: skip
    return start_round(
        test_run=run,
        budget=budget,
        scenarios=red or None,
        strategy_text=options.strategy_text,
        seed=options.seed + len(done),
        via=options.via,
        labelling=options.labelling,
        dataset=options.dataset,
        base_version=base,
        trainer=trainer,
        raise_shares=options.raise_shares,
        is_automatic=True,
        loop=loop,
        number=loop.rounds.count() + 1,
        user=loop.created_by,
    )


def _end(loop: Loop, ended: str, reason: str) -> None:
    loop.ended, loop.reason, loop.finished_at = ended, reason, timezone.now()
    loop.save(update_fields=["ended", "reason", "finished_at"])
