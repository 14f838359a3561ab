"""Test runs: a model held against a suite, scenario by scenario, as a job."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from curation.core.params import build
from curation.models import DatasetVersion, Job
from curation.services.datasets import find_version
from curation.services.holdout import HoldoutError, record_use
from curation.services.jobs import Progress, Work, start_job
from evaluation.core.readiness import readiness_of
from evaluation.core.record_json import run_to_plain, scenario_to_plain
from evaluation.core.results import RunRecord, ScenarioRecord
from evaluation.core.suite import Options, Suite
from evaluation.models import ModelVersion, ScenarioResult, SuiteVersion, TestRun
from evaluation.services.suites import spec_of
from evaluation.services.test_bench import Bench, Tried
from evaluation.services.test_records import TestRunError

KIND = "test"


@transaction.atomic
def request_test(
    *,
    suite: SuiteVersion,
    model: ModelVersion,
    version: DatasetVersion | None = None,
    baseline: ModelVersion | None = None,
    options: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
    by_name: str = "",
    here: bool = False,
    is_final: bool = False,
) -> TestRun:
    """Write a test run down, with its job; whoever calls rings for it, or runs it with `here`.

    `version` defaults to the suite's. options override the suite's: seed, replicates, confidence, mode. Raises
    SpecError, TestRunError, HoldoutError where a locked version is asked for without `is_final` or the other way
    round."""
    spec = spec_of(suite)
    if spec.needs_frames and version is None:
        if not spec.dataset:
            raise TestRunError(f"{suite} names no dataset; say which version it is to be tested on: --dataset NAME@2")
        version = find_version(spec.dataset)
    if spec.needs_baseline and baseline is None:
        names = ", ".join(one.name for one in spec.scenarios if one.not_worse_by is not None)
        raise TestRunError(f"These scenarios are relative to another model, so name one (--baseline): {names}.")
    if baseline is not None and baseline.pk == model.pk:
        raise TestRunError(f"{model} cannot be its own baseline; name another model.")
    _check_lock(version, is_final=is_final)
    for scenario in spec.scenarios:
        if scenario.score_from and version and find_version(scenario.score_from.dataset).pk == version.pk:
            raise TestRunError(f"{scenario.name}: its score comes from {version} itself; name another version there.")
    kept = build(Options, {**dataclasses.asdict(spec.options), **(options or {})}, where="options")
    job = start_job(kind=KIND, params={"model": model.name, "suite": str(suite)}, user=user, here=here)
    run = TestRun.objects.create(
        suite=suite,
        model=model,
        baseline=baseline,
        version=version,
        is_final=is_final,
        options={**dataclasses.asdict(kept), "group_by": dataclasses.asdict(spec.group_by), "by": by_name},
        job=job,
        code_version=settings.WINNOW_VERSION,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    job.params = {**job.params, "run": run.pk}
    job.save(update_fields=["params"])
    return run


def test(job: Job) -> Work:
    """Do a test run. What it needs and is not there yet, predictions and looks, is made first."""
    run = (
        TestRun.objects.select_related("suite__suite", "model", "baseline", "version__dataset", "created_by")
        .get(pk=job.params["run"])
    )  # fmt: skip
    if run.is_done:
        return _result(run)
    spec = dataclasses.replace(spec_of(run.suite), options=_options(run))
    bench = Bench(spec=spec, model=run.model, baseline=run.baseline, version=run.version, is_final=run.is_final)
    yield from bench.gather()
    tried: list[Tried] = []
    for done, scenario in enumerate(spec.scenarios):
        # Nothing of a test is kept until it is whole; an interrupted one starts again, from predictions that are there.
        yield Progress(done, len(spec.scenarios), scenario.name, {})
        tried.append(bench.try_one(scenario))
    yield Progress(len(spec.scenarios), len(spec.scenarios), "readiness", {})
    _store(run, spec, bench, tried)
    return _result(run)


def _check_lock(version: DatasetVersion | None, *, is_final: bool) -> None:
    if is_final and (version is None or not version.is_locked):
        raise HoldoutError(
            "not_locked",
            f"{version or 'No version'} is not locked; a final evaluation needs a hold-out. Lock it first "
            f"(manage.py dataset lock {version or 'NAME@N'}), or run the suite: manage.py scenarios run.",
        )
    if not is_final:
        refuse_locked(version)


def refuse_locked(version: DatasetVersion | None) -> None:
    """Raise HoldoutError for a locked version, which says how to use it."""
    if version is not None and version.is_locked:
        raise HoldoutError(
            "locked",
            f"{version} is a hold-out: it is for final evaluations only, each of which is written in its ledger. "
            f"If that is what you want: manage.py scenarios final --dataset {version}",
        )


def _options(run: TestRun) -> Options:
    names = {field.name for field in dataclasses.fields(Options)}
    return build(Options, {key: value for key, value in run.options.items() if key in names}, where="options")


def _store(run: TestRun, spec: Suite, bench: Bench, tried: list[Tried]) -> None:
    """Write everything in one transaction; of a hold-out its ledger too, so that no figure is seen without it."""
    scenarios = tuple(one.record for one in tried)
    readiness = readiness_of(
        scenarios,
        replicates=bench.joint(tried),
        groups=bench.group_count,
        confidence=spec.options.confidence,
    )
    with transaction.atomic():
        run.finished_at = timezone.now()
        record = RunRecord(
            id=run.pk,
            suite=str(run.suite),
            model=run.model.name,
            model_sha256=run.model.weights_sha256,
            baseline=run.baseline.name if run.baseline else "",
            dataset=str(run.version) if run.version else "",
            dataset_sha256=run.version.manifest_sha256 if run.version else "",
            is_final=run.is_final,
            previous_uses=run.version.uses.filter(purpose="evaluation").count() if run.is_final and run.version else 0,
            options=run.options,
            code_version=run.code_version,
            created_at=run.created_at.isoformat(),
            finished_at=run.finished_at.isoformat(),
            readiness=readiness,
            scenarios=scenarios,
            notes=tuple(bench.notes),
        )
        run.verdict, run.record = readiness.verdict, run_to_plain(record, with_scenarios=False)
        run.save(update_fields=["verdict", "record", "finished_at"])
        run.results.all().delete()
        ScenarioResult.objects.bulk_create(_row(run, place, one) for place, one in enumerate(scenarios))
        if run.is_final and run.version is not None:
            record_use(
                run.version,
                user=run.created_by,
                by_name=run.options.get("by") or (run.created_by.username if run.created_by else "unknown"),
                model=run.model.name,
                metric="readiness" if readiness.value is not None else "",
                value=readiness.value,
                note=f"{run.suite}, test run {run.pk}: {readiness.sentence}",
            )


def _row(run: TestRun, place: int, record: ScenarioRecord) -> ScenarioResult:
    return ScenarioResult(
        run=run,
        position=place,
        name=record.name,
        critical=record.critical,
        verdict=record.verdict,
        value=record.value,
        low=record.low,
        high=record.high,
        threshold=record.threshold,
        record=scenario_to_plain(record),
    )


def _result(run: TestRun) -> dict[str, Any]:
    return {"run": run.pk, "model": run.model.name, "suite": str(run.suite), "verdict": run.verdict}


__all__ = ["request_test", "test"]
