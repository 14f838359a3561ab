"""Mining: a round's candidates, chosen by its strategy from footage that nobody labelled."""

from collections import Counter
from collections.abc import Generator
from typing import Any

from activelearning.core.planning import choose
from activelearning.core.strategy import parse_strategy
from activelearning.models import Candidate, Round
from activelearning.services.candidate_rows import write_candidates
from activelearning.services.out_of_bounds import WHY
from activelearning.services.pool import pool_of
from activelearning.services.round_notes import set_notes
from activelearning.services.test_ground import ground_of
from curation.services.jobs import Progress
from evaluation.models import TestRun
from evaluation.services.scenario_errors import refuse_final

STEP = "Candidates"
TRIES = 3
"""Times that frames are chosen again because others took some of them meanwhile."""


def mine(round: Round) -> Generator[Progress, None, dict[str, Any]]:
    """Choose a round's candidates anew and write them; returns what there was to choose from, what was chosen and the
    round's notes: {"matching", "left_out", "pool", "boxes", "seeds", "embedder", "strategy", "control", "given",
    "kept", "skipped", "seconds", "notes"}.

    What people added counts towards the budget and stays, what they dropped stays out. The same round and footage give
    the same candidates. Raises HoldoutError for a final evaluation, or a pool that asks for frames that are held out;
    QueryError, SpecError; what predicting and loading an embedder raise; Lost if the round moved on meanwhile."""
    run = TestRun.objects.select_related("suite__suite", "model__parent", "version__dataset").get(pk=round.test_run_id)
    refuse_final(run)
    round.test_run = run
    strategy = parse_strategy(round.strategy)
    ground = ground_of(run)
    skipped: Counter[str] = Counter()
    for left in reversed(range(TRIES)):
        kept = Candidate.objects.filter(round=round, arm=Candidate.Arm.PERSON, is_dropped=False).count()
        found = yield from pool_of(round, strategy, ground=ground)
        yield Progress(0, 0, "choosing candidates")
        choice = choose(
            found.pool,
            found.seeds,
            strategy,
            budget=max(0, round.budget - kept),
            labelled_vectors=found.labelled,
            seed=round.seed,
        )
        written = write_candidates(round, choice.picks, ground=ground)
        skipped.update(written.skipped)
        if not written.skipped or not left:
            break
    notes = [*found.notes, *choice.notes]
    if kept:
        notes.append(f"{kept} frames that people added count towards the budget.")
    if skipped:
        why = ", ".join(f"{count} {WHY.get(name, name)}" for name, count in skipped.items())
        notes.append(f"while it was being chosen some became unavailable, and others were chosen for them: {why}.")
    yield Progress(written.count, written.count, f"{written.count} candidates", {})
    return {
        **found.figures,
        "strategy": written.strategy,
        "control": written.control,
        "given": dict(choice.given),
        "kept": kept,
        "skipped": dict(skipped),
        "seconds": found.seconds,
        "notes": set_notes(round, STEP, notes),
    }
