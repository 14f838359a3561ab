"""The last step: the same suite on the same frames, then the report."""

from collections.abc import Generator

from django.db import transaction

from activelearning.models import Round, Training
from activelearning.services.child_jobs import done_in_between
from activelearning.services.round_errors import RoundError
from activelearning.services.round_steps.closing import close
from curation.models import Job
from curation.services.jobs import Progress
from evaluation.models import ModelVersion, TestRun
from evaluation.services.model_registry import find_model
from evaluation.services.testing import request_test


def test_again(round: Round, by: Job) -> Generator[Progress, None, bool]:
    """Hold the new model, and those of the arms, against the suite; then write the report and close the round."""
    retest = round.retest or _request(round, new_model(round))
    yield from _done(retest)
    runs: dict[str, TestRun] = {}
    for arm in round.arms:
        runs[arm] = _arm_test(round, arm)
        yield from _done(runs[arm])
    yield from close(round, retest=retest, arms=runs)
    return True


def new_model(round: Round) -> ModelVersion:
    """Return the model that a round made, or that was attached to it. Raises RoundError."""
    if attached := round.trainer.get("model"):
        return find_model(attached)
    if round.training is None or round.training.model is None:
        raise RoundError(
            "no_model",
            f"Round {round.pk} has no new model yet: manage.py rounds rerun {round.pk} training, or attach one.",
        )
    return round.training.model


def _done(run: TestRun) -> Generator[Progress, None, None]:
    if run.job is not None:
        yield from done_in_between(run.job)
    run.refresh_from_db()
    if not run.is_done:
        raise RoundError("not_done", f"Test run {run.pk} did not end. Let the round go on to try again.")


@transaction.atomic
def _request(round: Round, model: ModelVersion) -> TestRun:
    run = _asked(round, model)
    Round.objects.filter(pk=round.pk).update(retest=run)
    round.retest = run
    return run


@transaction.atomic
def _arm_test(round: Round, arm: str) -> TestRun:
    said = round.arms[arm]
    if said.get("test_run"):
        return TestRun.objects.select_related("job", "model").get(pk=said["test_run"])
    training = Training.objects.select_related("model").get(pk=said["training"])
    assert training.model is not None
    run = _asked(round, training.model)
    round.arms = {**round.arms, arm: {**said, "test_run": run.pk}}
    Round.objects.filter(pk=round.pk).update(arms=round.arms)
    return run


def _asked(round: Round, model: ModelVersion) -> TestRun:
    before = round.test_run
    options = {
        name: before.options[name] for name in ("seed", "replicates", "confidence", "mode") if name in before.options
    }
    return request_test(
        suite=before.suite,
        model=model,
        version=before.version,
        baseline=before.baseline,
        options=options,
        user=round.created_by,
        by_name=str(before.options.get("by", "")),
    )
