"""How each scenario of a suite went over model versions."""

from typing import Any

from curation.services.datasets import find_version
from evaluation.core.record_json import run_from_plain
from evaluation.core.results import RunRecord
from evaluation.models import ScenarioResult, TestRun
from evaluation.services.result_rows import without_heavy
from evaluation.services.suites import find_suite
from evaluation.services.test_records import TestRunError

MOST_MODELS = 50


def trend_of(suite: str, *, dataset: str = "") -> list[RunRecord]:
    """Return the records of `runs_of_trend`, without curves, errors and frames. Raises TestRunError for none."""
    found = runs_of_trend(suite, dataset=dataset)
    if not found:
        where = f" on {dataset}" if dataset else ""
        raise TestRunError(f"No model was held against {suite}{where} yet: manage.py scenarios run --suite {suite}")
    scenarios: dict[int, list[dict[str, Any]]] = {run.pk: [] for run in found}
    results = ScenarioResult.objects.filter(run__in=scenarios).order_by("run_id", "position")
    for run, light in without_heavy(results).values_list("run_id", "light"):
        scenarios[run].append(light)
    return [run_from_plain(run.record, scenarios=scenarios[run.pk]) for run in found]


def runs_of_trend(suite: str, *, dataset: str = "") -> list[TestRun]:
    """Return the newest done run of each model against any version of a suite, in order of the models' registration.

    `suite` with a version (street@3) takes only runs of that one, `dataset` only runs on that version. Final
    evaluations are left out: they are on other frames. At most the MOST_MODELS newest models. Raises NoSuchSuite and
    NoSuchVersion."""
    version = find_suite(suite)
    runs = TestRun.objects.filter(suite__suite=version.suite, finished_at__isnull=False, is_final=False)
    if "@" in suite:
        runs = runs.filter(suite=version)
    if dataset:
        runs = runs.filter(version=find_version(dataset))
    newest = runs.order_by("model_id", "-id").distinct("model_id").values("pk")
    found = TestRun.objects.filter(pk__in=newest).select_related("suite__suite", "model", "version__dataset", "job")
    return list(found.order_by("-model_id")[:MOST_MODELS])[::-1]
