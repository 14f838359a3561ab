"""Dataset versions: made, found, counted. They never change; another choice is the next version."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Max

from curation.core.errors import SpecError, WinnowError
from curation.core.splits import SplitSpec
from curation.core.types import IntArray
from curation.models import Dataset, DatasetFrame, DatasetVersion
from curation.services.filtering import frames_matching
from curation.services.holdout import free, keep_locks_away, refuse_held
from curation.services.in_force import current
from curation.services.leakage import summary_of
from curation.services.manifests import Member, write_manifest
from curation.services.splitting import split_frames


class Draw(Protocol):
    """What a sampling plan gave; see services/sampling.py."""

    @property
    def plan(self) -> Any: ...
    @property
    def frame_ids(self) -> IntArray: ...
    def to_dict(self) -> dict[str, Any]: ...


NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
BATCH = 2_000
NAMED = 10


class DatasetError(WinnowError):
    """A version cannot be made. `code` is stable: empty, no_frame, parent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchVersion(DatasetError):
    """There is no such dataset, or no such version of it."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


def find_version(reference: str) -> DatasetVersion:
    """Find `name@3`, or by `name` alone the newest. Raises DatasetError, which lists what there is."""
    name, _, number = reference.strip().partition("@")
    versions = DatasetVersion.objects.filter(dataset__name=name).select_related("dataset").order_by("-number")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NoSuchVersion(f"{reference[:100]!r} names no version: write name@3, or the name alone.")
    found = versions.filter(number=int(number)).first() if number else versions.first()
    if found is not None:
        return found
    if newest := versions.first():
        raise NoSuchVersion(f"There is no {name}@{number}; its versions go from 1 to {newest.number}.")
    there = ", ".join(Dataset.objects.order_by("name").values_list("name", flat=True)[:NAMED])
    raise NoSuchVersion(f"There is no dataset {name[:80]!r}. There {f'are: {there}' if there else 'is none yet'}.")


@transaction.atomic
def create_version(
    *,
    dataset: str,
    draw: Draw | None = None,
    frame_ids: Iterable[int] | None = None,
    query: str | None = None,
    plan_text: str = "",
    splits: SplitSpec | None = None,
    seed: int | None = None,
    parent: DatasetVersion | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
) -> DatasetVersion:
    """Make the next version of a dataset, which is made too if there is none of that name.

    Its frames are those of a draw, of a list, or all that match a query: exactly one of the three. `splits` and `seed`
    default to the draw's. Groups keep the split that they had in earlier versions. Tags and annotations are frozen as
    they stand. Raises HoldoutError if a frame that was asked for is held out, DatasetError, SpecError, QueryError."""
    _check(dataset, draw, frame_ids, query)
    keep_locks_away()
    Dataset.objects.get_or_create(name=dataset)
    home = Dataset.objects.select_for_update().get(name=dataset)
    chosen, report = _chosen(draw, frame_ids, query)
    refuse_held(chosen.tolist(), wanted_for="a dataset")
    spec = splits or (draw.plan.splits if draw else None)
    seed = seed if seed is not None else int(draw.plan.seed) if draw else 0
    members, said = _members(chosen, spec, seed=seed, home=home)
    report |= said
    manifest = write_manifest(members)
    version = DatasetVersion.objects.create(
        dataset=home,
        number=(home.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        parent=_parent(home, parent),
        plan=_plan(draw, query, spec),
        plan_text=plan_text,
        seed=seed,
        split_by=spec.by if spec else "",
        conditions=current(),
        manifest=manifest.key,
        manifest_sha256=manifest.sha256,
        frame_count=manifest.frames,
        annotation_count=manifest.annotations,
        splits={name: count for name, count in sorted(manifest.splits.items()) if name},
        report=report,
        code_version=settings.WINNOW_VERSION,
        created_by_id=user.pk if user is not None and user.is_authenticated else None,
    )
    _write_members(version, members)
    return version


def _members(
    chosen: IntArray, spec: SplitSpec | None, *, seed: int, home: Dataset
) -> tuple[list[Member], dict[str, Any]]:
    """Put the frames on the sides of a split, if that was asked for, and report on it."""
    if spec is None:
        return [Member(frame_id) for frame_id in chosen.tolist()], {}
    drawn = split_frames(chosen, spec=spec, seed=seed, dataset=home)
    members = [Member(*one) for one in zip(chosen.tolist(), drawn.splits, drawn.groups, strict=True)]
    return members, {"split_notes": list(drawn.notes), "leakage": summary_of(members)}


def _write_members(version: DatasetVersion, members: Sequence[Member]) -> None:
    table = connection.ops.quote_name(DatasetFrame._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} (version_id, frame_id, split, "group")
            SELECT %s, frame_id, split, "group"
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (frame_id, split, "group")
            """,
            [version.pk, *([getattr(m, name) for m in members] for name in ("frame_id", "split", "group"))],
        )


def _check(dataset: str, draw: Draw | None, frame_ids: Iterable[int] | None, query: str | None) -> None:
    if not NAME.fullmatch(dataset):
        raise SpecError(
            f"{dataset[:100]!r} cannot name a dataset: use 1 to 80 lower-case letters, digits, '_', '.' and '-', and "
            "begin with a letter or digit."
        )
    if sum(what is not None for what in (draw, frame_ids, query)) != 1:
        raise SpecError("A version is made of a plan, of a list of frames, or of a query: give one of the three.")


def _chosen(draw: Draw | None, frame_ids: Iterable[int] | None, query: str | None) -> tuple[IntArray, dict[str, Any]]:
    """Return the rising ids, and what is worth saying about how they were chosen."""
    if draw is not None:
        return _known(draw.frame_ids.tolist()), draw.to_dict()
    if frame_ids is not None:
        return _known(list(frame_ids)), {}
    frames = frames_matching(query or "")
    held = frames.filter(held_out=True)
    ids = np.fromiter(free(frames).order_by("id").values_list("id", flat=True).iterator(), np.int64)
    away = held.count()
    if not len(ids) and away:
        refuse_held(held.order_by("id").values_list("id", flat=True)[:BATCH], wanted_for="a dataset")
    if not len(ids):
        raise DatasetError("empty", f"No frame matches {query!r}, so there is nothing to make a version of.")
    return ids, {"left_out": {"held out": away}} if away else {}


def _known(frame_ids: Sequence[int]) -> IntArray:
    """Check that frames are there. Raises DatasetError."""
    ids = np.unique(np.asarray(frame_ids, np.int64))
    if not len(ids):
        raise DatasetError("empty", "There is no frame in it, so there is nothing to make a version of.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM curation_frame WHERE id = ANY(%s)", [ids.tolist()])
        known = np.array(cursor.fetchall(), np.int64)
    if len(gone := np.setdiff1d(ids, known)):
        more = f" and {len(gone) - NAMED} more" if len(gone) > NAMED else ""
        raise DatasetError(
            "no_frame", f"There is no frame {', '.join(map(str, gone[:NAMED]))}{more}. Nothing was made."
        )
    return ids


def _plan(draw: Draw | None, query: str | None, spec: SplitSpec | None) -> Mapping[str, Any]:
    plain: dict[str, Any] = draw.plan.to_dict() if draw else {"query": query} if query is not None else {}
    return plain | ({"splits": asdict(spec)} if spec else {})


def _parent(home: Dataset, parent: DatasetVersion | None) -> DatasetVersion | None:
    if parent is not None and parent.dataset_id != home.pk:
        raise DatasetError("parent", f"{parent} is a version of another dataset; a parent is an earlier one of {home}.")
    return parent or home.versions.order_by("-number").first()
