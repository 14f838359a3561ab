"""For how long each class was in view in a run, as its objects stages wrote it down."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from curation.core.errors import SpecError
from curation.core.presence import class_seconds
from curation.core.spec import parse
from curation.core.stages import Objects, Stage
from curation.core.stages.contract import EVER
from curation.core.types import Interval as Stretch
from curation.core.types import Observations, Span, Track
from curation.models import Run
from curation.services import tracks
from curation.services.looking import interval_spans


def class_times(stage: Stage, track: Track, settled: Sequence[Span]) -> dict[str, Mapping[str, float]]:
    """Return {"class_s": {label: s}} for a stage that looks for objects, nothing for another one."""
    if not isinstance(stage, Objects) or not isinstance(track, Observations):
        return {}
    return {"class_s": class_seconds(track, settled, score=stage.score, stop_score=stage.stop_score)}


def spans_of(stretches: Iterable[Stretch]) -> list[Span]:
    """Turn a stage's stretches into microseconds."""
    return [Span(round(s.start_s * 1e6), round(s.end_s * 1e6)) for s in stretches]


@transaction.atomic
def fill_in_class_times(*, run_id: int) -> None:
    """Work out the classes' times of a run that was done before they were noted, from what it stored, and note them.

    Null is noted where they cannot be told any more. A run that is gone or under way again is left alone."""
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id, status=Run.Status.DONE).first()
    if run is None:
        return
    wanted = {stage.get("name") for stage in run.spec["stages"] if stage.get("kind") == Objects.kind}
    lacking = [stage["name"] for stage in run.stages if stage["name"] in wanted and "class_s" not in stage]
    found = {name: _of_stage(run, name) for name in lacking}
    run.stages = [{**stage, **found.get(stage["name"], {})} for stage in run.stages]
    run.save(update_fields=["stages"])


def _of_stage(run: Run, name: str) -> Mapping[str, Mapping[str, float] | None]:
    try:
        filters = parse(run.spec).filters
    except SpecError:
        return {"class_s": None}  # a cascade for stages of another version of the code
    track = tracks.load(run=run, stage_index=list(filters).index(name))
    if track is None:
        return {"class_s": None}
    return class_times(filters[name], track, interval_spans(run=run, stage=name, span=EVER))
