"""Batches: frames put together to be labelled, and taken out again."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from activelearning.core.merging import read_merge
from activelearning.models import LabelBatch, LabelProject, LabelTask, Round
from activelearning.services.asked_for import checked_classes, checked_factors
from activelearning.services.batch_errors import BatchError, NoSuchBatch
from curation.core.errors import SpecError
from curation.models import Frame
from curation.services.holdout import keep_locks_away, refuse_held
from evaluation.models import ModelVersion

__all__ = ["BatchError", "NoSuchBatch", "add_frames", "drop_tasks", "find_batch", "make_batch"]
NAMED = 10
WANTED_FOR = "labelling"
WAITING, SENT, DROPPED = LabelTask.State.WAITING, LabelTask.State.SENT, LabelTask.State.DROPPED
BULK = 2_000


@transaction.atomic
def make_batch(
    *,
    name: str,
    frame_ids: Sequence[int],
    via: str,
    round: Round | None = None,
    project: LabelProject | None = None,
    model: ModelVersion | None = None,
    classes: Sequence[str] = (),
    factors: Sequence[str] = (),
    merge: Mapping[str, Any] | None = None,
    least_score: float = 0.3,
    cost_per_hour: float | None = None,
    currency: str = "",
    user: AbstractBaseUser | AnonymousUser | None = None,
) -> LabelBatch:
    """Put frames together to be labelled, each as a task that waits to be sent. Nothing is sent yet.

    `classes` default to the project's, else to those of the model and of the round's scenarios; `factors` to the
    project's, else to none. A frame that is named twice is one task. Raises SpecError, BatchError, HoldoutError."""
    if via not in LabelBatch.Via.values:
        raise SpecError(f"via is {via!r}; it must be one of {', '.join(LabelBatch.Via.values)}.")
    if (via == LabelBatch.Via.LABEL_STUDIO) != (project is not None):
        raise BatchError("project", _project_advice(via))
    batch = LabelBatch.objects.create(
        name=_name(name),
        round=round,
        via=via,
        project=project,
        model=model,
        least_score=_within("least_score", least_score, 0, 1),
        classes=checked_classes(classes, round=round, project=project, model=model),
        factors=checked_factors(factors, project=project),
        merge=_merge(merge or {}),
        cost_per_hour=None if cost_per_hour is None else _within("cost_per_hour", cost_per_hour, 0, 1e6),
        currency=_short(currency),
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    if not _put(batch, frame_ids):
        raise BatchError("no_frames", "There are no frames to label. Nothing was made: name some.")
    return batch


@transaction.atomic
def add_frames(*, batch: LabelBatch, frame_ids: Sequence[int]) -> int:
    """Add frames to a batch that nothing was sent of yet; returns how many were new to it.

    A frame that was dropped before comes back. Raises BatchError, HoldoutError."""
    batch = _open(batch)
    return _put(batch, frame_ids)


@transaction.atomic
def drop_tasks(*, batch: LabelBatch, frame_ids: Sequence[int], note: str = "") -> int:
    """Take frames out of a batch before they are sent; returns how many were taken out.

    Raises BatchError for frames that are not in it, or that were sent."""
    LabelBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    wanted = set(map(int, frame_ids))
    tasks = {task.frame_id: task for task in batch.tasks.filter(frame__in=wanted)}
    if lacking := sorted(wanted - set(tasks)):
        raise BatchError("not_found", f"These are not in {batch}: {_listed(lacking)}. Nothing was dropped.")
    gone = sorted(frame for frame, task in tasks.items() if task.state not in (WAITING, DROPPED))
    if gone:
        raise BatchError(
            "sent",
            f"These were sent already: {_listed(gone)}. Nothing was dropped. Delete their tasks in Label Studio, and "
            f"pull: `manage.py labelling pull {batch.pk}`. Then they are gone here too.",
        )
    waiting = batch.tasks.filter(frame__in=wanted, state=WAITING)
    return waiting.update(state=DROPPED, note=note[:300], changed_at=timezone.now())


def find_batch(number: int | str) -> LabelBatch:
    """Find a batch by its number. Raises NoSuchBatch."""
    batches = LabelBatch.objects.select_related("project__connection", "model", "job", "round")
    said = str(number)
    found = batches.filter(pk=int(said)).first() if said.isdecimal() and len(said) < 18 else None
    if found is None:
        raise NoSuchBatch(f"There is no batch {said[:40]!r}. `manage.py labelling list` shows those there are.")
    return found


def _put(batch: LabelBatch, frame_ids: Sequence[int]) -> int:
    ids = list(dict.fromkeys(map(int, frame_ids)))
    keep_locks_away()
    known = set(Frame.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if lacking := [one for one in ids if one not in known]:
        raise BatchError("not_found", f"There is no {_listed(lacking)}. Nothing was made.")
    refuse_held(ids, wanted_for=WANTED_FOR)
    _refuse_asked(batch, ids)
    there = dict(batch.tasks.filter(frame__in=ids).values_list("frame_id", "state"))
    new = [LabelTask(batch=batch, frame_id=one, project=batch.project) for one in ids if one not in there]
    try:
        with transaction.atomic():
            dropped = batch.tasks.filter(frame__in=ids, state=DROPPED)
            back = dropped.update(state=WAITING, note="", changed_at=timezone.now())
            LabelTask.objects.bulk_create(new, batch_size=BULK)
    except IntegrityError:
        # Somebody asked for one of them at the same moment.
        _refuse_asked(batch, ids)
        raise
    return back + len(new)


def _refuse_asked(batch: LabelBatch, frame_ids: Sequence[int]) -> None:
    rows = LabelTask.objects.filter(frame__in=frame_ids, state__in=(WAITING, SENT)).exclude(batch=batch)
    asked = list(rows.order_by("frame_id").values_list("frame_id", "batch_id", "batch__name"))
    if not asked:
        return
    batches = sorted({f"batch {number} ({name})" for _, number, name in asked})
    raise BatchError(
        "asked_already",
        f"{len(asked)} of {len(frame_ids)} frames are being labelled already, in {', '.join(batches[:NAMED])}: "
        f"{_listed([frame for frame, *_ in asked])}. Nothing was made. Leave them out, or close or drop those first.",
    )


def _open(batch: LabelBatch) -> LabelBatch:
    found = LabelBatch.objects.select_for_update(of=("self",)).select_related("project").get(pk=batch.pk)
    if found.state != LabelBatch.State.OPEN:
        raise BatchError(
            "not_open", f"{found} is {found.get_state_display()}, so no frame can be added. Make another batch of them."
        )
    return found


def _project_advice(via: str) -> str:
    if via == LabelBatch.Via.LABEL_STUDIO:
        return (
            "A batch for Label Studio needs a project there: `manage.py labelstudio projects` lists those that are "
            "known, `manage.py labelstudio project` makes one."
        )
    return f"A batch by way of {LabelBatch.Via(via).label} goes to no project. Leave `project` out."


def _name(name: str) -> str:
    said = " ".join(name.split())
    if not 0 < len(said) <= 120:
        raise SpecError(f"The name {name[:100]!r} has {len(said)} characters; a batch's has 1 to 120.")
    return said


def _short(currency: str) -> str:
    if len(currency) > 8:
        raise SpecError(f"currency is {currency[:40]!r}; it must be short, as in EUR.")
    return currency


def _within(name: str, value: float, least: float, most: float) -> float:
    if not (math.isfinite(value) and least <= value <= most):
        raise SpecError(f"{name} is {value}; it must be from {least:g} to {most:g}.")
    return float(value)


def _merge(merge: Mapping[str, Any]) -> dict[str, Any]:
    read_merge(merge)
    return dict(merge)


def _listed(frame_ids: Sequence[int]) -> str:
    more = f" and {len(frame_ids) - NAMED} more" if len(frame_ids) > NAMED else ""
    return f"frame {', '.join(map(str, frame_ids[:NAMED]))}{more}"
