"""All that went wrong in scenarios of a test run, box by box: a run itself keeps its worst frames only."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from curation.core.types import FloatArray, IntArray
from curation.services.holding import HoldoutError
from curation.services.jobs import Progress
from evaluation.core.boxes import Evidence
from evaluation.core.lessons import Lessons, corners, lessons_of
from evaluation.core.mistakes import UNSURE, Mistake, mistakes_of
from evaluation.models import TestRun
from evaluation.services.suites import spec_of
from evaluation.services.test_bench import Bench
from evaluation.services.test_records import TestRunError
from evaluation.services.testing import refuse_locked


@dataclass(frozen=True)
class ScenarioErrors:
    """What went wrong in one scenario. `image` of a mistake is a place in frame_ids and in group, both (I,): the frames
    of the version by rising id, and the independent group of each. score and iou are those at which it was counted."""

    scenario: str
    frame_ids: IntArray
    group: IntArray
    score: float
    iou: float
    mistakes: tuple[Mistake, ...]
    lessons: Lessons | None = None
    """What became of all of the model's boxes, where that was asked for; rows of the evidence."""
    evidence: Evidence | None = None

    def boxes_of(self, rows: IntArray) -> tuple[IntArray, list[str], FloatArray, FloatArray]:
        """Return the frame ids, labels, scores and corners xyxy of (K,) of the model's boxes."""
        assert self.evidence is not None
        found = self.evidence.found
        labels = [self.evidence.labels[label] for label in found.label[rows]]
        return self.frame_ids[found.image[rows]], labels, found.score[rows], corners(found.xywh[rows])

    def truths_of(self, rows: IntArray) -> FloatArray:
        """Return the corners xyxy (K, 4) of objects, NaN where the row is -1."""
        assert self.evidence is not None
        found = np.full((len(rows), 4), np.nan)
        found[rows >= 0] = corners(self.evidence.truths.xywh[rows[rows >= 0]])
        return found


def scenario_errors(
    run: TestRun, names: Sequence[str], *, unsure: float = UNSURE, with_lessons: bool = False
) -> Generator[Progress, None, list[ScenarioErrors]]:
    """Work out again what went wrong in scenarios of a run that is done, from the predictions that are there; yields
    how far it is. Scenarios over time have no boxes and are left out.

    The labels that are under review by now do not count, as in a test that is made now. Raises HoldoutError for a final
    evaluation, whose frames nobody may look at, TestRunError for a run that is not done or a name that it does not
    have, and what reading truth and predictions raises."""
    refuse_final(run)
    if not run.is_done:
        raise TestRunError(f"Test run {run.pk} is not done, so there are no errors of it yet.")
    spec = spec_of(run.suite)
    known = {one.name: one for one in spec.scenarios}
    for name in names:
        if name not in known:
            raise TestRunError(f"{run.suite} has no scenario {name!r}. It has: {', '.join(known)}.")
    wanted = [known[name] for name in dict.fromkeys(names) if not known[name].events]
    if not wanted or run.version is None:
        return []
    # All of the suite's scenarios on frames stay in: their labels say which of the model's boxes count at all.
    on_frames = replace(spec, scenarios=tuple(one for one in spec.scenarios if not one.events))
    bench = Bench(spec=on_frames, model=run.model, baseline=None, version=run.version)
    yield from bench.gather()
    found = []
    for done, scenario in enumerate(wanted):
        yield Progress(done, len(wanted), f"errors of {scenario.name}")
        part, errors = bench.errors(scenario)
        assert bench.truth is not None
        mistakes = tuple(mistakes_of(part, errors, unsure=unsure))
        ids, group = bench.truth.frame_ids, part.evidence.group
        one = ScenarioErrors(scenario.name, ids, group, errors.score, errors.iou, mistakes)
        if with_lessons:
            one = replace(one, lessons=lessons_of(part, errors), evidence=part.evidence)
        found.append(one)
    return found


def refuse_final(run: TestRun) -> None:
    """Raise HoldoutError for a final evaluation, or a version that was locked since: nobody mends by its errors."""
    if run.is_final:
        raise HoldoutError(
            "held",
            f"Test run {run.pk} is a final evaluation on a hold-out: its frames are for figures, not for looking, and "
            "nothing is searched for by what went wrong there. Run the suite on the version that you develop on: "
            "manage.py scenarios run",
        )
    refuse_locked(run.version)
