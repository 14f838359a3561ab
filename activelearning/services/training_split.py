"""Which of a version's frames are learnt from, and which are measured on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from activelearning.services.training_errors import TrainingError
from curation.core.splits import GroupBy, SplitSpec, draw_splits
from curation.models import DatasetVersion
from curation.services.splitting import group_names
from evaluation.services.version_truth import VersionTruth

GROUPINGS: tuple[GroupBy, ...] = ("video", "block", "frame")


@dataclass(frozen=True)
class Sides:
    """rows are places in the truth, in order of the frames' identities, so that any machine has the same order."""

    rows: Mapping[str, Sequence[int]]
    videos: Sequence[str]
    """The SHA-256 of the video of each of the truth's frames."""
    left_out: Counter[str]
    notes: Sequence[str]


def sides_of(version: DatasetVersion, truth: VersionTruth, *, val_share: float, seed: int) -> Sides:
    """Put a version's labelled frames on sides by its own splits; where it has none to measure on, by groups drawn.

    Frames of the split `test` are never learnt from. Raises TrainingError if none is left to learn from."""
    members = {
        frame_id: (split, group, video)
        for frame_id, split, group, video in version.members.values_list(
            "frame_id", "split", "group", "frame__video__sha256"
        )
    }
    known = [members[frame_id] for frame_id in truth.frame_ids.tolist()]
    order = sorted(range(len(known)), key=lambda row: truth.shots[row].identity)
    has_train = any(split == "train" for split, _, _ in known)
    train = [row for row in order if known[row][0] == "train" or (not has_train and not known[row][0])]
    val = [row for row in order if known[row][0] == "val"]
    used = {*train, *val}
    left_out = Counter(f"frames of the split {known[row][0] or 'none'}" for row in order if row not in used)
    if not train:
        raise TrainingError(
            "no_pictures",
            f"{version} has no labelled frame to learn from: none is in its split `train`. Make a version with a split "
            "`train`, or without splits.",
        )
    notes: list[str] = []
    if not val:
        train, val, note = _drawn(truth, known, train, val_share=val_share, seed=seed)
        notes.append(note)
    return Sides({"train": train, "val": val}, [video for _, _, video in known], left_out, notes)


def _drawn(
    truth: VersionTruth, known: Sequence[tuple[str, str, str]], rows: list[int], *, val_share: float, seed: int
) -> tuple[list[int], list[int], str]:
    """Draw what is measured on by group: the version's own groups, else videos, minutes, single frames."""
    ids = [int(truth.frame_ids[row]) for row in rows]
    choices: list[tuple[str, list[str]]] = []
    own = [known[row][1] for row in rows]
    if all(own):
        choices.append(("group", own))
    for finer in GROUPINGS:
        names = group_names(ids, by=finer)
        choices.append((finer, [names[frame_id] for frame_id in ids]))
    for by, groups in choices:
        if len(set(groups)) > 1:
            spec = SplitSpec(train=1 - val_share, val=val_share, test=0)
            drawn = draw_splits(groups, spec=spec, seed=seed).splits
            train = [row for row, side in zip(rows, drawn, strict=True) if side == "train"]
            val = [row for row, side in zip(rows, drawn, strict=True) if side == "val"]
            note = f"There is no split `val`, so {len(val)} of {len(rows)} frames were put aside for it, by {by}."
            return train, val, note
    return rows, rows, "There is one frame only, so the figures are of what was learnt from: they say little."
