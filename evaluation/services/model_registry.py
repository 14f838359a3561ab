"""Models that are known: registered, found, changed in what may change, and loaded only if the weights are the same."""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from curation.backends.detect import load_detector, weights_sha256
from curation.core.errors import SpecError, WinnowError
from curation.core.types import Detector
from curation.models import DatasetVersion
from evaluation.models import ModelVersion

NAMED = 10
LONGEST_LABEL = 80


class As(Enum):
    """Stands for "as it is" where None means none."""

    IT_IS = "as it is"


class ModelError(WinnowError):
    """A model cannot be used or changed. `code` is stable: exists, changed, no_weights."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchModel(ModelError):
    """There is no model of that name."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


def register_model(
    *,
    name: str,
    detector: str = "",
    labels: Sequence[str] | None = None,
    label_map: Mapping[str, str | None] | None = None,
    trained_on: DatasetVersion | None = None,
    parent: ModelVersion | None = None,
    notes: str = "",
    user: AbstractBaseUser | AnonymousUser | None = None,
) -> ModelVersion:
    """Register a model: its weights are hashed, and its labels read from them. Without a detector it is known only by
    predictions that are imported; `labels` then say what it can find, where that is known.

    Raises SpecError for a name, label or mapping that is not valid, ModelError if the name is taken, WeightsMissing,
    WeightsUnusable."""
    sha256, known = "", tuple(labels or ())
    _check_labels(known)
    if detector:
        sha256 = weights_sha256(detector)
        own = tuple(_loaded(detector, sha256).labels)
        if known and known != own:
            raise SpecError(f"The weights have the labels {_listed(own)}; leave `labels` out, they are read from them.")
        _check_labels(own)
        known = own
    model = ModelVersion(
        name=name,
        detector=detector,
        weights_sha256=sha256,
        labels=list(known),
        label_map=_checked_map(label_map or {}, known),
        trained_on=trained_on,
        parent=parent,
        notes=notes,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    _check_name(model)
    try:
        with transaction.atomic():
            model.save()
    except IntegrityError as error:
        raise _taken(name) from error
    return model


def find_model(name: str) -> ModelVersion:
    """Find a model by its name. Raises NoSuchModel, which lists what there is."""
    found = ModelVersion.objects.select_related("trained_on__dataset", "parent").filter(name=name.strip()).first()
    if found is not None:
        return found
    there = ", ".join(ModelVersion.objects.order_by("-id").values_list("name", flat=True)[:NAMED])
    known = f"There are: {there}." if there else "There is none yet: manage.py models add NAME KIND:WEIGHTS."
    raise NoSuchModel(f"There is no model {name[:80]!r}. {known}")


def edit_model(
    model: ModelVersion,
    *,
    label_map: Mapping[str, str | None] | None = None,
    trained_on: DatasetVersion | As | None = As.IT_IS,
    parent: ModelVersion | As | None = As.IT_IS,
    notes: str | None = None,
) -> ModelVersion:
    """Change what is said of a model; its weights and name never change. What is left out stays.

    Predictions keep the model's own labels, so another mapping holds for those that are there as well. Raises
    SpecError."""
    if label_map is not None:
        model.label_map = _checked_map(label_map, model.labels)
    if trained_on is not As.IT_IS:
        model.trained_on = trained_on
    if parent is not As.IT_IS:
        _check_parent(model, parent)
        model.parent = parent
    if notes is not None:
        model.notes = notes
    model.save(update_fields=["label_map", "trained_on", "parent", "notes"])
    return model


def detector_of(model: ModelVersion) -> Detector:
    """Load a model's detector, once for each process, after a look at whether its weights are still the same.

    Raises what `check_weights` does, and WeightsUnusable."""
    check_weights(model)
    return _loaded(model.detector, model.weights_sha256)


def check_weights(model: ModelVersion) -> None:
    """Look whether a model's weights are here and those that were registered.

    Raises ModelError for a model without weights, or whose weights were changed; WeightsMissing."""
    if not model.has_weights:
        raise ModelError(
            "no_weights",
            f"{model} has no weights here: it is known by predictions that were made elsewhere. Import them: "
            f"manage.py predict {model} --import FILE --format coco --dataset NAME@N",
        )
    sha256 = weights_sha256(model.detector)
    if sha256 != model.weights_sha256:
        raise ModelError(
            "changed",
            f"The weights of {model} were changed: {model.detector} has the SHA-256 {sha256}, not "
            f"{model.weights_sha256} as registered. Put the old file back, or register the new one under a name of its "
            f"own: manage.py models add NAME {model.detector} --parent {model}",
        )


@lru_cache(maxsize=4)
def _loaded(detector: str, sha256: str) -> Detector:
    """Load by name and content: `load_detector` goes by name alone, and would give what a changed file was before."""
    load_detector.cache_clear()
    return load_detector(detector)


def _check_name(model: ModelVersion) -> None:
    try:
        ModelVersion._meta.get_field("name").run_validators(model.name)
    except ValidationError as error:
        raise SpecError(
            f"{model.name[:100]!r} cannot name a model: use 1 to 80 lower-case letters, digits, '_', '.' and '-', and "
            "begin with a letter or digit."
        ) from error
    if not model.name:
        raise SpecError("A model needs a name, such as people-v3.")
    if len(model.detector) > 600:
        raise SpecError(f"The detector's name has {len(model.detector)} characters; 600 are allowed.")
    if ModelVersion.objects.filter(name=model.name).exists():
        raise _taken(model.name)


def _taken(name: str) -> ModelError:
    return ModelError("exists", f"There is a model {name!r} already. A model never changes: choose another name.")


def _check_parent(model: ModelVersion, parent: ModelVersion | None) -> None:
    at = parent
    while at is not None:
        if at.pk == model.pk:
            raise SpecError(f"{parent} descends from {model}, so it cannot be its parent.")
        at = at.parent


def _check_labels(labels: Sequence[str]) -> None:
    for label in labels:
        if not 0 < len(label) <= LONGEST_LABEL:
            raise SpecError(f"{label[:100]!r} is no label: use 1 to {LONGEST_LABEL} characters.")
    if len(set(labels)) != len(labels):
        raise SpecError("A label is there twice.")


def _checked_map(label_map: Mapping[str, str | None], labels: Sequence[str]) -> dict[str, str | None]:
    """Check a mapping to the dataset's labels. Raises SpecError."""
    for own, theirs in label_map.items():
        _check_labels([own] if theirs is None else [own, theirs] if own != theirs else [own])
        if labels and own not in labels:
            raise SpecError(f"The model has no label {own!r} that could be mapped. It has: {_listed(labels)}.")
    return dict(label_map)


def _listed(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
    return ", ".join(labels[:NAMED]) + more
