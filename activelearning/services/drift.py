"""The drift report: where a Label Studio project and this service no longer agree, or a batch goes stale."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.utils import timezone

from activelearning.backends.labelstudio import LabelStudioError
from activelearning.backends.labelstudio.annotations import RemoteState, read_whole
from activelearning.backends.labelstudio.projects import find_project
from activelearning.core.config_drift import ConfigDrift, config_drift
from activelearning.core.label_config import Names
from activelearning.core.label_config_reading import read_config
from activelearning.models import Connection, LabelBatch, LabelProject, LabelTask
from activelearning.services.batch_errors import BatchError
from activelearning.services.connections import server_of
from activelearning.services.picture_links import SALT
from evaluation.models import ModelVersion, TestRun

DAYS = 14.0
"""A frame that was sent longer ago and never labelled is named."""
LINKS_LEFT = timedelta(days=3)
"""A picture's link that lives less long is named."""
_State = LabelTask.State


@dataclass(frozen=True)
class Stale:
    """Pre-annotations of a model of which there is a newer one, that was tested."""

    model: str
    newer: str
    tasks: tuple[int, ...]


@dataclass(frozen=True)
class Drift:
    """What drifted, as ids of tasks here; `unknown_there` are ids of tasks there that are none of ours.

    deleted: not there any more, and not labelled; deleted_labelled: the same, but what was said of them is kept;
    links: pictures whose links end soon or have ended."""

    batch: int
    project: str
    checked_at: datetime
    is_project_gone: bool
    deleted: tuple[int, ...]
    deleted_labelled: tuple[int, ...]
    config: ConfigDrift
    stale: Stale | None
    skipped: tuple[int, ...]
    never_labelled: tuple[int, ...]
    links: tuple[int, ...]
    unknown_there: tuple[int, ...]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to mend."""
        lists = (self.deleted, self.skipped, self.never_labelled, self.links, self.unknown_there)
        return not (any(lists) or self.is_project_gone or self.config.is_changed or self.stale)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "checked_at": self.checked_at.isoformat(), "is_clean": self.is_clean}


def drift_of(batch: LabelBatch, *, days: float = DAYS) -> Drift:
    """Ask the server, and tell what drifted of a batch. Nothing is changed, here or there.

    `days`: a frame that was sent longer ago and never labelled is named. Raises BatchError, LabelStudioError."""
    project = project_of(batch)
    states = _states(project)
    return Drift(
        batch=batch.pk,
        project=project.title,
        checked_at=timezone.now(),
        is_project_gone=states is None,
        **_lost(batch, states),
        config=_config(project) if states is not None else ConfigDrift(),
        stale=stale_of(batch),
        skipped=_ids(batch, state=_State.SKIPPED),
        never_labelled=_ids(batch, state=_State.SENT, sent_at__lt=timezone.now() - timedelta(days=days)),
        links=_links(batch, project, states or {}),
        unknown_there=_unknown(project, states or {}),
    )


def project_of(batch: LabelBatch) -> LabelProject:
    """Return the project that a batch went to, as it is known now. Raises BatchError."""
    if batch.project_id is None:
        raise BatchError("project", f"{batch} is not in Label Studio, so nothing can drift there.")
    # Read anew: it may have been taken over since the batch was.
    return LabelProject.objects.select_related("connection").get(pk=batch.project_id)


def stale_of(batch: LabelBatch) -> Stale | None:
    """Tell whether the model of a batch's open pre-annotations is older than the newest that was tested.

    Only a test over the suite of the batch's round counts, where there is one."""
    tasks = _ids(batch, state=_State.SENT)
    newer = newest_tested(batch)
    if batch.model is None or newer is None or not tasks or newer.pk <= batch.model.pk:
        return None
    return Stale(batch.model.name, newer.name, tasks)


def newest_tested(batch: LabelBatch) -> ModelVersion | None:
    """Return the newest model with a finished test."""
    runs = TestRun.objects.filter(finished_at__isnull=False).select_related("model")
    if batch.round is not None:
        runs = runs.filter(suite__suite=batch.round.test_run.suite.suite)
    run = runs.order_by("-model_id").first()
    return run.model if run is not None else None


def _states(project: LabelProject) -> dict[str, list[RemoteState]] | None:
    found: dict[str, list[RemoteState]] = {}
    try:
        with server_of(project.connection) as server:
            find_project(server, project.number)
            whole = read_whole(server, project.number)
    except LabelStudioError as error:
        if error.code == "not_found":
            return None
        raise
    for state in whole.tasks:
        found.setdefault(state.key, []).append(state)
    return found


def _lost(batch: LabelBatch, states: dict[str, list[RemoteState]] | None) -> dict[str, tuple[int, ...]]:
    there = states or {}
    rows = batch.tasks.exclude(state__in=(_State.WAITING, _State.DROPPED)).order_by("pk")
    gone = [(pk, state) for pk, key, state in rows.values_list("pk", "key", "state") if str(key) not in there]
    kept = (_State.LABELLED, _State.SKIPPED)
    return {
        "deleted": tuple(pk for pk, state in gone if state not in kept),
        "deleted_labelled": tuple(pk for pk, state in gone if state in kept),
    }


def _config(project: LabelProject) -> ConfigDrift:
    with server_of(project.connection) as server:
        text = find_project(server, project.number).config
    is_changed = text != project.config
    return config_drift(read_config(text), classes=project.classes, factors=project.factors, is_changed=is_changed)


def _ids(batch: LabelBatch, **which: Any) -> tuple[int, ...]:
    return tuple(batch.tasks.filter(**which).order_by("pk").values_list("pk", flat=True))


def _links(batch: LabelBatch, project: LabelProject, states: dict[str, list[RemoteState]]) -> tuple[int, ...]:
    if project.connection.pictures != Connection.Pictures.SIGNED:
        return ()
    where = Names.of(project.names).picture_field
    rows = batch.tasks.filter(state=_State.SENT).order_by("pk").values_list("pk", "key")
    found = ((pk, state) for pk, key in rows for state in states.get(str(key), ())[:1])
    return tuple(pk for pk, state in found if _ends_soon(state.fields.get(where)))


def _ends_soon(address: Any) -> bool:
    """Tell whether a link of ours ends soon, by its own word. Of another address nothing is known."""
    if not isinstance(address, str) or address.count(":") < 2:
        return False
    token = address.rstrip("/").rpartition("/")[2].removesuffix(".jpg")
    young = timedelta(seconds=settings.WINNOW_LABEL_URL_TTL_S) - LINKS_LEFT
    try:
        TimestampSigner(salt=SALT).unsign(token, max_age=max(young, timedelta(0)))
    except SignatureExpired:
        return True
    except BadSignature:
        return False
    return False


def _unknown(project: LabelProject, states: dict[str, list[RemoteState]]) -> tuple[int, ...]:
    keys = set(map(str, LabelTask.objects.filter(project=project).values_list("key", flat=True)))
    return tuple(sorted(one.number for key, rows in states.items() if key not in keys for one in rows))
