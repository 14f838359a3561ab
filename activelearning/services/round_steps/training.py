"""The training step: the next model, and one for each arm where there is a control."""

from collections.abc import Generator

from django.db import transaction

from activelearning.models import Round, Training
from activelearning.services.child_jobs import ChildFailed, waited_for
from activelearning.services.round_errors import RoundError
from activelearning.services.round_steps.moving import moved
from activelearning.services.trainings import request_training
from curation.models import DatasetVersion, Job
from curation.services.jobs import Progress
from evaluation.models import ModelVersion
from evaluation.services.model_registry import find_model

NONE = "none"
"""The kind of trainer that stands for: somebody else trains, and attaches the model."""


def teach(round: Round, by: Job) -> Generator[Progress, None, bool]:
    """Train what is not trained yet. Raises RoundError with the training's own words where one fails."""
    if round.trainer.get("kind") == NONE:
        return False
    assert round.version is not None
    training = round.training or _request(round, round.version, name=_name(round))
    yield from _waited(round, training, by)
    for arm in list(round.arms):
        yield from _waited(round, _arm_training(round, arm), by)
    with moved(round, to=Round.State.RETEST, said=f"{training.model} trained on {round.version}"):
        pass
    return True


def base_model(round: Round) -> ModelVersion:
    """Return the model that training starts from: the tested one, unless another is named."""
    named = round.trainer.get("base")
    return find_model(named) if named else round.test_run.model


def _waited(round: Round, training: Training, by: Job) -> Generator[Progress, None, None]:
    if training.job is None:
        raise RoundError(
            "no_job", f"The job of training {training} is gone. `manage.py rounds rerun {round.pk} training`"
        )
    try:
        yield from waited_for(training.job, by=by)
    except ChildFailed as failed:
        raise RoundError(
            "training",
            f"Training {training} did not end well: {failed} The labels and {round.version} are kept. When it is "
            f"mended: manage.py rounds rerun {round.pk} training",
        ) from failed
    training.refresh_from_db()


@transaction.atomic
def _request(round: Round, version: DatasetVersion, *, name: str) -> Training:
    training = _asked(round, version, name=name)
    Round.objects.filter(pk=round.pk).update(training=training)
    round.training = training
    return training


@transaction.atomic
def _arm_training(round: Round, arm: str) -> Training:
    said = round.arms[arm]
    if said.get("training"):
        return Training.objects.select_related("job", "model").get(pk=said["training"])
    version = DatasetVersion.objects.select_related("dataset").get(pk=said["version"])
    training = _asked(round, version, name=_name(round, arm))
    round.arms = {**round.arms, arm: {**said, "training": training.pk}}
    Round.objects.filter(pk=round.pk).update(arms=round.arms)
    return training


def _asked(round: Round, version: DatasetVersion, *, name: str) -> Training:
    said = round.trainer
    return request_training(
        name=name,
        version=version,
        base=base_model(round),
        trainer=said["kind"],
        options=said.get("options", {}),
        seed=round.seed,
        shares=_shares(round),
        user=round.created_by,
    )


def _shares(round: Round) -> dict[str, float | None]:
    """Return the shares to raise by query: those of scenarios by their names, of anything else as they are.

    Where any is raised, all other scenarios are watched (None): what one gains the others lose."""
    if not round.raise_shares:
        return {}
    rows = round.test_run.results.order_by("position").values_list("name", "record__query")
    queries = {str(name): str(query) for name, query in rows if query}
    raised = {queries.get(name, name): share for name, share in round.raise_shares.items()}
    return {**raised, **{query: None for query in queries.values() if query not in raised}}


def _name(round: Round, arm: str = "") -> str:
    """Name the model that comes of it: gate-v3-r12, gate-v3-r12-control; again where that is taken: gate-v3-r12.2"""
    stem = f"{base_model(round).name[:56]}-r{round.pk}" + (f"-{arm}" if arm else "")
    taken = set(Training.objects.filter(name__startswith=stem).values_list("name", flat=True))
    taken |= set(ModelVersion.objects.filter(name__startswith=stem).values_list("name", flat=True))
    return next(name for n in range(1, len(taken) + 2) if (name := stem if n == 1 else f"{stem}.{n}") not in taken)
