"""Test runs, for the pages."""

from collections.abc import Sequence

from curation.models import Frame
from curation.services.pictures import picture_url
from evaluation.core.results import RunRecord, ScenarioRecord
from evaluation.models import TestRun
from evaluation.services.test_records import record_of, scenario_of
from frontend.records import TestRunRow

MAX_RUNS = 100
THUMBNAIL_WIDTH_PX = 640


def test_runs() -> Sequence[TestRunRow]:
    """List test runs, newest first. One query."""
    rows = TestRun.objects.select_related("suite__suite", "model", "version__dataset", "job").order_by("-id")
    return [_row(run) for run in rows[:MAX_RUNS]]


def test_run(number: str) -> tuple[TestRunRow, RunRecord | None] | None:
    """Look up a run by its number; its record, without what is heavy, is None until it is done. Two queries."""
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    rows = TestRun.objects.select_related("suite__suite", "model", "baseline", "version__dataset", "job")
    run = rows.filter(pk=int(number)).first()
    if run is None:
        return None
    return _row(run), record_of(run, is_light=True) if run.is_done else None


def test_scenario(run: int, name: str) -> ScenarioRecord | None:
    """Look up a scenario of a run that is done, with its errors, curves and frames. One query."""
    return scenario_of(TestRun(pk=run), name)


def shown_pictures(frame_ids: Sequence[int]) -> dict[int, str]:
    """Link to the pictures of frames; those that are gone are left out. One query."""
    frames = Frame.objects.filter(pk__in=frame_ids).select_related("video")
    return {frame.pk: picture_url(frame, width_px=THUMBNAIL_WIDTH_PX) for frame in frames}


def _row(run: TestRun) -> TestRunRow:
    job = run.job
    return TestRunRow(
        id=run.pk,
        suite=str(run.suite),
        model=run.model.name,
        dataset=str(run.version) if run.version else "",
        is_final=run.is_final,
        verdict=run.verdict,
        state="done" if run.is_done else job.state if job else "gone",
        error=job.error if job else "",
        done=job.done if job else 0,
        total=job.total if job else 0,
        doing=job.doing if job else "",
        created_at=run.created_at,
    )
