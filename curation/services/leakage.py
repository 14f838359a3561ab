"""The leakage report of a dataset version: what stands on both sides of its splits, and what looks like a hold-out."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from curation.core.errors import SpecError
from curation.core.leakage import Checked, Leak, Leakage
from curation.core.phash import FLAT
from curation.core.sides import NO_TIME, Asked, Sides, between, in_order
from curation.core.types import IntArray
from curation.models import DatasetVersion, Embedder, Frame, Video
from curation.services.holding import known_frames, locked_versions, reach_of
from curation.services.look_alikes import LookAlikes
from curation.services.manifests import Member
from curation.services.vectors import default_embedder, frame_vectors

BATCH = 20_000
MOST_AT_ONCE = 50_000
"""Frames that are compared while a version is made; larger ones are compared when somebody asks."""


def leakage_of(version: DatasetVersion, asked: Asked | None = None) -> Leakage:
    """Look for what leaks in a version. Raises SpecError if there is no such embedder."""
    rows = version.members.order_by("frame_id").values_list("frame_id", "split", "group")
    return _report([Member(*row) for row in rows.iterator()], asked or Asked(), own=version)


def summary_of(members: Sequence[Member]) -> dict[str, Any]:
    """Look for what leaks in a version that is being made; figures only. Large ones are left for when somebody asks."""
    if len(members) > MOST_AT_ONCE:
        return {"summary": f"Not looked at: more than {MOST_AT_ONCE} frames. `manage.py dataset leakage` does it."}
    return _report(members, Asked(), own=None).to_dict(with_leaks=False)


def _report(members: Sequence[Member], asked: Asked, *, own: DatasetVersion | None) -> Leakage:
    members = sorted(members, key=lambda member: member.frame_id)
    embedder = _embedder(asked.embedder)
    frames = _read(members, embedder)
    names = in_order(member.split for member in members)
    leaks: list[Leak] = []
    figures = []
    for left, right in combinations([name for name in names if name], 2):
        one, found = between(frames, left, right, asked)
        figures.append(one)
        leaks += found
    others = [version for version in locked_versions() if own is None or version.pk != own.pk]
    holdouts = {}
    for holdout in others:
        found = _like_holdout(frames, holdout)
        holdouts[str(holdout)] = len(found)
        leaks += found
    leaks.sort(key=Leak.severity)
    return Leakage(
        frames=len(members),
        splits={name: int(np.count_nonzero(frames.splits == name)) for name in names if name},
        checked=Checked(
            embedder=embedder.name if embedder and frames.has_vector.any() else "",
            min_similarity=asked.min_similarity,
            max_bits=asked.max_bits,
            within_s=asked.within_s,
            with_vector=int(np.count_nonzero(frames.has_vector)),
            with_hash=int(np.count_nonzero(frames.has_hash)),
            uncompared=int(np.count_nonzero(~frames.has_vector & ~frames.has_hash)),
            holdouts=tuple(holdouts),
        ),
        between=figures,
        torn_groups=_torn(members),
        holdouts=holdouts,
        held_out=0 if own is not None and own.is_locked else _held(frames.ids),
        leaks=leaks[: asked.limit],
        found=len(leaks),
    )


def _like_holdout(frames: Sides, holdout: DatasetVersion) -> list[Leak]:
    """Find the frames that look like those of a hold-out, by its own measure; its own frames are counted elsewhere."""
    ids = set(known_frames(holdout).values_list("pk", flat=True))
    reach = reach_of(holdout)
    found = LookAlikes(ids).among(
        [pk for pk in frames.ids.tolist() if pk not in ids],
        min_similarity=reach.min_similarity, max_bits=reach.max_bits,
    )  # fmt: skip
    split = dict(zip(frames.ids.tolist(), frames.splits.tolist(), strict=True))
    return [
        Leak("holdout", one.like_id, one.frame_id, str(holdout), split[one.frame_id], similarity=one.similarity)
        for one in found
    ]


def _read(members: Sequence[Member], embedder: Embedder | None) -> Sides:
    ids = np.array([member.frame_id for member in members], np.int64)
    columns: dict[str, list[int]] = defaultdict(list)
    for start in range(0, len(ids), BATCH):
        some = Frame.objects.filter(pk__in=ids[start : start + BATCH].tolist()).order_by("pk")
        for video, camera, kind, fps, pts_us, at, phash in some.values_list(
            "video_id", "camera_id", "video__kind", "video__fps", "pts_us", "recorded_at", "phash"
        ):
            columns["video"].append(video)
            columns["camera"].append(camera)
            # Single pictures have an order, and no time between them.
            columns["pts_us"].append(pts_us if kind == Video.Kind.FOOTAGE or fps else NO_TIME)
            columns["clock_us"].append(round(at.timestamp() * 1e6) if at else NO_TIME)
            columns["hashes"].append(FLAT if phash is None else phash)
    vectors = np.zeros((len(ids), 1), np.float32) if embedder is None else frame_vectors(ids, embedder=embedder)[0]
    return Sides(
        ids,
        np.array([member.split for member in members], np.str_),
        **{name: np.array(columns[name], np.int64) for name in ("video", "camera", "pts_us", "clock_us", "hashes")},
        vectors=vectors,
    )


def _embedder(name: str) -> Embedder | None:
    if not name:
        return default_embedder()
    found = Embedder.objects.filter(name=name).order_by("-id").first()
    if found is None:
        there = ", ".join(Embedder.objects.order_by("name").values_list("name", flat=True).distinct()) or "none"
        raise SpecError(f"There is no embedder {name[:80]!r}. There are: {there}.")
    return found


def _torn(members: Sequence[Member]) -> list[str]:
    sides: dict[str, set[str]] = defaultdict(set)
    for member in members:
        if member.group:
            sides[member.group].add(member.split)
    return sorted(group for group, splits in sides.items() if len(splits) > 1)


def _held(ids: IntArray) -> int:
    return sum(
        Frame.objects.filter(pk__in=ids[start : start + BATCH].tolist(), held_out=True).count()
        for start in range(0, len(ids), BATCH)
    )
