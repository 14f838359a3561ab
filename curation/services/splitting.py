"""Drawing splits of frames: what their groups are, what they were in earlier versions, and which look alike."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from curation.core.comparison import code_values
from curation.core.errors import SpecError
from curation.core.neighbours import self_pairs
from curation.core.splits import SPLITS, GroupBy, SplitDraw, SplitSpec, draw_splits
from curation.core.types import IntArray
from curation.models import Dataset, DatasetFrame, Frame, Video
from curation.services.in_force import current_spec
from curation.services.vectors import default_embedder, frame_vectors

BATCH = 10_000
BLOCK_US = 60_000_000
PLACE = ("id", "video__sha256", "video__kind", "video__fps", "camera__name", "pts_us", "recorded_at", "picture_sha256")


def split_frames(frame_ids: IntArray, *, spec: SplitSpec, seed: int, dataset: Dataset | None = None) -> SplitDraw:
    """Put (N,) frames on the sides of a split; what a group was in an earlier version of the dataset, it stays.

    Raises SpecError where there are too few groups, no such factor to stratify by, or no vectors to link by."""
    ids = frame_ids.tolist()
    names = group_names(ids, by=spec.by)
    links, note = _links(frame_ids, spec)
    draw = draw_splits(
        [names[frame_id] for frame_id in ids],
        spec=spec,
        seed=seed,
        kept=_kept(dataset, by=spec.by) if dataset else None,
        strata=_strata(ids, spec.stratify) if spec.stratify else None,
        links=links,
    )
    return SplitDraw(draw.splits, draw.groups, (*note, *draw.notes))


def group_names(frame_ids: Sequence[int], *, by: GroupBy) -> dict[int, str]:
    """Name the group of each frame. Names are made of contents and times, so they mean the same on any machine.

    A picture that was imported by itself is its own video; the pictures of a sequence (its frame rate tells) are one,
    which has no minutes. Where the day is not known, the video stands for it."""
    found: dict[int, str] = {}
    for start in range(0, len(frame_ids), BATCH):
        some = Frame.objects.filter(pk__in=frame_ids[start : start + BATCH]).order_by("pk")
        found |= {row["id"]: _group(row, by) for row in some.values(*PLACE)}
    return found


def _group(row: Mapping[str, Any], by: GroupBy) -> str:
    if by == "camera":
        return f"camera {row['camera__name']}"
    if by == "day" and row["recorded_at"] is not None:
        # All cameras together: what one sees in the morning the next one may see too.
        return f"day {timezone.localtime(row['recorded_at']):%Y-%m-%d}"
    is_pictures = row["video__kind"] == Video.Kind.PICTURES
    if is_pictures and not row["video__fps"]:
        return f"picture {(row['picture_sha256'] or str(row['pts_us']))[:16]}"
    video = f"video {row['video__sha256'][:16]}"
    if by == "block" and not is_pictures:
        return f"{video} from {row['pts_us'] // BLOCK_US * BLOCK_US // 1_000_000} s"
    return f"{video} at {row['pts_us']} us" if by == "frame" else video


def _kept(dataset: Dataset, *, by: GroupBy) -> dict[str, str]:
    """Return the split of each group in the newest earlier version that has it.

    Within a version a group that was divided (by another grouping) counts as what models learnt from first."""
    rows = DatasetFrame.objects.filter(version__dataset=dataset).exclude(split="").order_by("-version__number", "id")
    placed = list(rows.values_list("frame_id", "split", "version_id"))
    names = group_names(sorted({frame_id for frame_id, _, _ in placed}), by=by)
    found: dict[str, tuple[str, int]] = {}
    for frame_id, split, version_id in placed:
        group = names[frame_id]
        known = found.setdefault(group, (split, version_id))
        if known[1] == version_id and _spoils_more(split, known[0]):
            found[group] = (split, version_id)
    return {group: split for group, (split, _) in found.items()}


def _spoils_more(split: str, than: str) -> bool:
    return split in SPLITS and than in SPLITS and SPLITS.index(split) < SPLITS.index(than)


def _strata(frame_ids: Sequence[int], factor: str) -> IntArray:
    """Code a factor of the operating conditions for each of (N,) frames; frames without a value are a stratum too."""
    factors = current_spec().factors
    if factor not in factors:
        raise SpecError(f"splits.stratify: there is no factor {factor!r}. Valid ones: {', '.join(factors)}.")
    found: dict[int, Any] = {}
    for start in range(0, len(frame_ids), BATCH):
        some = Frame.objects.filter(pk__in=frame_ids[start : start + BATCH]).order_by("pk")
        found |= dict(some.values_list("id", f"tags__{factor}"))
    return code_values([found[frame_id] for frame_id in frame_ids], factors[factor]).codes.astype(np.int64)


def _links(frame_ids: IntArray, spec: SplitSpec) -> tuple[Iterable[tuple[int, int]], tuple[str, ...]]:
    """Find the pairs of frames that look alike, by place, and say what could not be compared."""
    if spec.alike is None:
        return (), ()
    embedder = default_embedder()
    if embedder is None:
        raise SpecError(
            "splits.alike: no frame has a vector, so nobody can tell which look alike. Run a cascade with an embed "
            "stage first, or leave `alike` out."
        )
    vectors, has = frame_vectors(frame_ids, embedder=embedder)
    one, other, _ = self_pairs(vectors, min_similarity=spec.alike)
    note = f"Frames at least {spec.alike:g} alike by {embedder.name} were kept on one side: {len(one)} pairs."
    if lacking := int(len(has) - np.count_nonzero(has)):
        note += f" {lacking} frames have no vector of it, and were not compared."
    return list(zip(one.tolist(), other.tolist(), strict=True)), (note,)
