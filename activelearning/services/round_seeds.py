"""Seeds of a round: what went wrong in its scenarios, and is to be found again in footage that nobody labelled."""

import hashlib
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import transaction

from activelearning.models import Round, Seed
from activelearning.services.round_notes import set_notes
from curation.core.types import IntArray
from curation.models import Frame
from curation.services.holding import keep_locks_away
from curation.services.jobs import Progress
from evaluation.core.mistakes import Mistake
from evaluation.models import TestRun
from evaluation.services.scenario_errors import ScenarioErrors, refuse_final, scenario_errors
from evaluation.services.suites import spec_of

STEP = "Seeds"
MOST: Mapping[str, int] = {"missed": 300, "false_alarms": 100, "low_confidence": 100}
"""Of each kind, of each scenario, where a strategy says nothing."""
NAMES = {"missed": "missed", "false_alarm": "false_alarms", "low_confidence": "low_confidence"}
BATCH = 1_000


def gather_seeds(round: Round) -> Generator[Progress, None, int]:
    """Write a round's seeds anew: every miss, false box and unsure box of its scenarios, as many of each kind as its
    strategy takes, drawn by the round's seed and spread over independent groups. Returns how many.

    Frames that a hold-out took since give none. Raises HoldoutError for a final evaluation or a locked version, and
    what working out the errors again raises."""
    run = TestRun.objects.select_related("suite__suite", "model", "version__dataset").get(pk=round.test_run_id)
    found = yield from scenario_errors(run, round.scenarios)
    held = _held_out(found)
    notes = _about_events(run, round.scenarios)
    rows: list[Seed] = []
    skipped = 0
    for one in found:
        for kind, name in NAMES.items():
            mine = [mistake for mistake in one.mistakes if mistake.kind == kind]
            free = [mistake for mistake in mine if int(one.frame_ids[mistake.image]) not in held]
            skipped += len(mine) - len(free)
            most = _most(round.strategy, name)
            drawn = _drawn(free, one.group, most=most, seed=seed_of(round.seed, one.scenario, kind))
            if len(drawn) < len(free) and most:
                notes.append(f"{one.scenario}: {len(drawn)} of {len(free)} {_words(kind)} were drawn.")
            rows += [_row(round, one, mistake) for mistake in drawn]
    if skipped:
        notes.append(f"boxes in frames that are held out by now are no seeds: {skipped}.")
    if not rows:
        notes.append("nothing went wrong in a box of these scenarios, so that there is nothing to look for more of.")
    with transaction.atomic():
        keep_locks_away()
        refuse_final(TestRun.objects.select_related("version__dataset").get(pk=run.pk))
        Seed.objects.filter(round=round).delete()
        Seed.objects.bulk_create(rows, batch_size=BATCH)
        set_notes(round, STEP, notes)
    yield Progress(len(rows), len(rows), f"{len(rows)} seeds", {})
    return len(rows)


def _about_events(run: TestRun, names: Sequence[str]) -> list[str]:
    over_time = [one.name for one in spec_of(run.suite).scenarios if one.events and one.name in names]
    if not over_time:
        return []
    return [
        f"{', '.join(over_time)}: about events in footage, which have no boxes; no seeds were taken from there, and "
        "samplers that need none look for frames all the same."
    ]


def _held_out(found: Sequence[ScenarioErrors]) -> set[int]:
    ids = {int(one.frame_ids[mistake.image]) for one in found for mistake in one.mistakes}
    return set(Frame.objects.filter(pk__in=ids, held_out=True).values_list("pk", flat=True))


def _most(strategy: Mapping[str, Any], name: str) -> int:
    """Return how many seeds of a kind a strategy takes from each scenario."""
    asked = (strategy.get("seeds") or {}).get(name)
    return MOST[name] if asked is None else int(asked)


def seed_of(seed: int, scenario: str, kind: str) -> int:
    """Give every draw a seed of its own, so that another scenario beside it changes nothing."""
    return int.from_bytes(hashlib.sha256(f"{seed} {scenario} {kind}".encode()).digest()[:8])


def _drawn(mistakes: Sequence[Mistake], group: IntArray, *, most: int, seed: int) -> list[Mistake]:
    """Draw mistakes one from each group in turn, groups and what is in them in the order of chance; by image again."""
    if len(mistakes) <= most:
        return list(mistakes)
    chance = np.random.default_rng(seed).permutation(len(mistakes))
    of_group = group[[mistake.image for mistake in mistakes]]
    order = np.lexsort((chance, of_group))
    starts = np.flatnonzero(np.diff(of_group[order], prepend=-1))
    turn = np.empty(len(mistakes), np.int64)
    turn[order] = np.arange(len(mistakes)) - np.repeat(starts, np.diff(starts, append=len(mistakes)))
    taken = np.lexsort((chance, turn))[:most]
    return [mistakes[place] for place in np.sort(taken)]


def _row(round: Round, one: ScenarioErrors, mistake: Mistake) -> Seed:
    x1, y1, x2, y2 = mistake.xyxy
    return Seed(
        round=round, scenario=one.scenario, kind=mistake.kind, frame_id=int(one.frame_ids[mistake.image]),
        label=mistake.label, score=mistake.score, x1=x1, y1=y1, x2=x2, y2=y2,
    )  # fmt: skip


def _words(kind: str) -> str:
    return {"missed": "misses", "false_alarm": "false boxes", "low_confidence": "unsure boxes"}[kind]
