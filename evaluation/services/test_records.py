"""Test runs as records: what reports are made of, read from the rows in which they were stored."""

from curation.core.errors import WinnowError
from evaluation.core.record_json import run_from_plain, scenario_from_plain
from evaluation.core.results import RunRecord, ScenarioRecord
from evaluation.models import TestRun
from evaluation.services.result_rows import without_heavy


class TestRunError(WinnowError):
    """A test run cannot be shown, or not made as it was asked for."""

    __test__ = False


def find_run(number: int | str) -> TestRun:
    """Find a test run. Raises TestRunError."""
    text = str(number)
    runs = TestRun.objects.select_related("suite__suite", "model", "baseline", "version__dataset", "job")
    found = runs.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 18 else None
    if found is None:
        newest = runs.first()
        there = f"The newest is {newest.pk}" if newest else "There is none yet: manage.py scenarios run"
        raise TestRunError(f"There is no test run {text[:30]!r}. {there}.")
    return found


def record_of(run: TestRun, *, is_light: bool = False) -> RunRecord:
    """Return the record of a run that is done; a light one has no curves, errors and frames. Raises TestRunError."""
    if not run.is_done:
        job = run.job
        state = job.state if job else "gone"
        why = f": {job.error}" if job and job.error else ""
        raise TestRunError(f"Test run {run.pk} is not done (its job is {state}{why}).")
    results = run.results.order_by("position")
    if is_light:
        return run_from_plain(run.record, scenarios=without_heavy(results).values_list("light", flat=True))
    return run_from_plain(run.record, scenarios=results.values_list("record", flat=True))


def scenario_of(run: TestRun, name: str) -> ScenarioRecord | None:
    """Return the whole record of one scenario of a run, None if it has none of that name."""
    found = run.results.filter(name=name).values_list("record", flat=True).first()
    return scenario_from_plain(found) if found else None
