"""The job `round`: does the step that a round is at, and the next, until people have to act or it ends.

Each step writes what it made and the state after it in one transaction: a job that is killed goes on where it was."""

from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from activelearning.models import Round
from activelearning.services.round_steps.dataset import make_version
from activelearning.services.round_steps.finding import find_candidates
from activelearning.services.round_steps.labelling import label, send
from activelearning.services.round_steps.testing import test_again
from activelearning.services.round_steps.training import teach
from activelearning.services.rounds import find_round
from curation.models import Job
from curation.services.jobs import Progress, Work

State = Round.State
Step: TypeAlias = Callable[[Round, Job], Generator[Progress, None, bool]]
"""Does a step; tells whether the round moved on. One that did not waits for people."""
STEPS: Mapping[str, Step] = MappingProxyType(
    {
        State.SEEDS: find_candidates,
        State.CANDIDATES: send,
        State.LABELLING: label,
        State.DATASET: make_version,
        State.TRAINING: teach,
        State.RETEST: test_again,
    }
)


def advance(job: Job) -> Work:
    """Do a round as far as it goes without people. Raises what its steps raise; the round stays where it was."""
    round = find_round(job.params["round"])
    yield from go(round, by=job)
    return {"round": round.pk, "state": round.state, "candidates": round.candidates.filter(is_dropped=False).count()}


def go(round: Round, *, by: Job) -> Generator[Progress, None, bool]:
    """Do step after step; tells whether the round is closed."""
    while round.is_open:
        if round.state == State.CANDIDATES and not (round.is_automatic or by.params.get("go")):
            return False
        moved = yield from STEPS[round.state](round, by)
        if not moved:
            return False
        round.refresh_from_db()
    return round.state == State.CLOSED
