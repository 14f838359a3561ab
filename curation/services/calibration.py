"""Calibrating a prompted factor on what people said of a few frames."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from curation.core.calibration import LEAST_LABELS, LEAST_OF_A_VALUE, calibrate, enough
from curation.core.errors import WinnowError
from curation.core.operating import FactorSpec
from curation.core.zero_shot import logits, places
from curation.models import OperatingConditions, TagEdit
from curation.services.in_force import conditions_of, current
from curation.services.prompts import asked, name_of, prepare, state_of, vectors_of

MAX_LABELS = 20_000
"""The newest so many labels are learnt from; more would hardly move what is learnt."""


class CalibrationError(WinnowError):
    """A factor cannot be calibrated (now)."""

    code = "calibration"


@dataclass(frozen=True)
class Labels:
    """People's newest word on a factor of frames that are not held out: frame ids and names of values."""

    frame_ids: list[int]
    names: list[str]


def calibrate_factor(*, factor: str, user: AbstractBaseUser | AnonymousUser | None = None) -> dict[str, Any]:
    """Learn from people's labels how sure the image-text model may be of a factor's values, and keep that.

    It is kept with the conditions in force and counts from the next retag on, and for frames that are kept from now
    on. Held-out frames are left out: what is learnt from them could not be tested on them. Raises CalibrationError."""
    row = current()
    spec = _prompted(row, factor)
    notes = prepare(row)
    ready = next((one for one in asked(row) if one.factor.name == factor), None)
    if ready is None:
        prefix = f"{factor}: "
        why = next((note.removeprefix(prefix) for note in notes if note.startswith(prefix)), "")
        raise CalibrationError(f"{factor} cannot be calibrated: {why or state_of(spec, row, []) + '.'}")
    labels = labels_of(factor)
    ids, vectors = vectors_of(labels.frame_ids, embedder_id=ready.embedder_id)
    said = dict(zip(labels.frame_ids, labels.names, strict=True))
    names = [said[frame] for frame in ids]
    right = places(names, ready.values)
    if not enough(right):
        raise CalibrationError(_too_few(factor, names, unseen=len(labels.names) - len(names)))
    threshold = spec.prompts.threshold if spec.prompts else 0.0
    learnt = calibrate(logits(vectors, ready.vectors), right, threshold=threshold)
    return _keep(
        row,
        factor,
        {
            "labels": len(names),
            "labels_by_value": dict(sorted(Counter(names).items())),
            "embedder_id": ready.embedder_id,
            "embedder": ready.embedder,
            "sharpness": learnt.shape.sharpness,
            "biases": dict(zip(ready.values, learnt.shape.biases, strict=True)),
            "threshold_before": threshold,
            "threshold": learnt.shape.threshold,
            "strength": learnt.strength,
            "folds": learnt.folds,
            "before": asdict(learnt.before),
            "after": asdict(learnt.after),
            "at": timezone.now().isoformat(timespec="seconds"),
            "by": user.get_username() if user is not None and user.is_authenticated else "",
        },
    )


def labels_of(factor: str) -> Labels:
    """Return people's newest word on a factor of each frame that is not held out."""
    edits = TagEdit.objects.filter(factor=factor, frame__held_out=False)
    newest = edits.order_by("frame_id", "-id").distinct("frame_id").values_list("id", "frame_id", "value")
    spoken = sorted((row for row in newest if row[2] is not None), reverse=True)[:MAX_LABELS]
    return Labels([frame for _, frame, _ in spoken], [name_of(value) for *_, value in spoken])


def _prompted(row: OperatingConditions, factor: str) -> FactorSpec:
    factors = conditions_of(row).factors
    known = [name for name, spec in factors.items() if spec.prompts]
    if factor not in known:
        has = f"they are: {', '.join(known)}" if known else "there are none"
        raise CalibrationError(f"{factor[:80]!r} is no prompted factor of {row}; {has}.")
    return factors[factor]


def _too_few(factor: str, names: list[str], *, unseen: int) -> str:
    """Say how many labels there are, how many it takes, and how to get them."""
    counted = ", ".join(f"{name} {count}" for name, count in sorted(Counter(names).items())) or "none"
    blind = f" {unseen} more are of frames that its embedder has not embedded." if unseen else ""
    return (
        f"{factor} has {len(names)} labels by people ({counted}); it takes {LEAST_LABELS}, {LEAST_OF_A_VALUE} each of "
        f"two values at least.{blind} Set {factor} on a few more frames of different kinds, then calibrate again."
    )


def _keep(row: OperatingConditions, factor: str, learnt: dict[str, Any]) -> dict[str, Any]:
    with transaction.atomic():
        locked = OperatingConditions.objects.select_for_update(of=("self",)).get(pk=row.pk)
        locked.calibration = {**locked.calibration, factor: learnt}
        locked.save(update_fields=["calibration"])
    return learnt
