"""Trainings: asked for, found."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction

from activelearning.backends.training import TRAINERS, Trainer
from activelearning.models import Training
from activelearning.services.training_base import check_base
from activelearning.services.training_errors import NoSuchTraining, TrainingError
from curation.core.errors import SpecError
from curation.core.params import build
from curation.models import DatasetVersion
from curation.services.filtering import parse_query
from curation.services.holdout import HoldoutError, refuse_held
from curation.services.jobs import start_job
from evaluation.models import ModelVersion

KIND = "train"
NAMED = 10
VAL_SHARE = 0.2
"""Of the groups of a version without a split `val`, so many are put aside to measure on."""


@transaction.atomic
def request_training(
    *,
    name: str,
    version: DatasetVersion,
    base: ModelVersion | None = None,
    trainer: str = "ultralytics",
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
    shares: Mapping[str, float | None] | None = None,
    val_share: float = VAL_SHARE,
    user: AbstractBaseUser | AnonymousUser | None = None,
    here: bool = False,
) -> Training:
    """Write a training down, with its job; whoever calls rings for it, or runs it with `here`.

    `name` will be the model's. options are the trainer's. shares says which share of the training pictures each query
    shall match ({"lighting:dark": 0.3}); None only reports what becomes of it. val_share is for versions without a
    split `val`. Raises SpecError, QueryError, TrainingError, HoldoutError, ModelError, WeightsMissing."""
    made = trainer_of(trainer, options or {})
    made.check()
    if not 0 < val_share < 1:
        raise SpecError(f"val_share is {val_share:g}; it must be more than 0 and less than 1.")
    for query, share in (shares or {}).items():
        parse_query(query)
        if share is not None and not 0 < share < 1:
            raise SpecError(f"The share of {query!r} is {share:g}; it must be more than 0 and less than 1.")
    refuse_held_version(version)
    if base is not None:
        check_base(base, made)
    training = Training(
        name=name,
        version=version,
        base=base,
        trainer=trainer,
        options=asdict(cast(Any, made)),
        seed=seed,
        shares={"asked": dict(shares or {})} if shares else {},
        data={"val_share": val_share},
        folder=f"trainings/{name}-{secrets.token_hex(4)}",
        code_version=settings.WINNOW_VERSION,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    _check_name(training)
    training.job = start_job(kind=KIND, params={"name": name, "dataset": str(version)}, user=user, here=here)
    training.save()
    training.job.params = {**training.job.params, "training": training.pk}
    training.job.save(update_fields=["params"])
    return training


def trainer_of(kind: str, options: Mapping[str, Any]) -> Trainer:
    """Build a trainer with its options. Raises SpecError."""
    if kind not in TRAINERS:
        raise SpecError(f"There is no trainer {kind[:80]!r}. Valid ones: {', '.join(TRAINERS)}.")
    return build(TRAINERS[kind], options, where=f"trainer {kind}")


def find_training(name: str) -> Training:
    """Find a training by its name. Raises NoSuchTraining, which lists what there is."""
    related = ("version__dataset", "base", "model", "job", "created_by")
    found = Training.objects.select_related(*related).filter(name=name.strip()).first()
    if found is not None:
        return found
    there = ", ".join(Training.objects.order_by("-id").values_list("name", flat=True)[:NAMED])
    known = f"There are: {there}." if there else "There is none yet: manage.py train --dataset NAME@N --name NAME."
    raise NoSuchTraining(f"There is no training {name[:80]!r}. {known}")


def made_of(training: Training) -> str:
    """Give the SHA-256 of all that makes the weights: the same one means that a checkpoint may be gone on from."""
    plain = {
        "version": training.version.manifest_sha256,
        "base": training.base.weights_sha256 if training.base else "",
        "trainer": training.trainer,
        "options": training.options,
        "seed": training.seed,
        "shares": training.shares.get("asked", {}),
        "val_share": training.data.get("val_share", VAL_SHARE),
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def refuse_held_version(version: DatasetVersion) -> None:
    """Raise HoldoutError for a version that is a hold-out, or has frames that one keeps away."""
    if version.is_locked:
        raise HoldoutError(
            "locked",
            f"{version} is a hold-out: it is for final evaluations only, and a model that has learnt from it cannot be "
            "tested on it. Nothing was done. Train on another version.",
        )
    refuse_held(version.members.order_by("frame_id").values_list("frame_id", flat=True), wanted_for="training")


def _check_name(training: Training) -> None:
    name = training.name
    try:
        Training._meta.get_field("name").run_validators(name)
    except ValidationError as error:
        raise SpecError(
            f"{name[:100]!r} cannot name a model: use 1 to 80 lower-case letters, digits, '_', '.' and '-', and begin "
            "with a letter or digit."
        ) from error
    if not name:
        raise SpecError("A training needs a name, which its model will have, such as people-v4.")
    if ModelVersion.objects.filter(name=name).exists():
        raise TrainingError("exists", f"There is a model {name!r} already. A model never changes: choose another name.")
    if Training.objects.filter(name=name).exists():
        raise TrainingError(
            "exists",
            f"There is a training {name!r} already. Go on with it (manage.py train resume {name}), or choose another "
            "name.",
        )
