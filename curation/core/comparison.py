"""How one dataset version differs from another: frames, annotations, splits, and how distributions moved."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from curation.core.divergence import jensen_shannon
from curation.core.operating import MISSING, Codes, FactorSpec, codes_of

Entry: TypeAlias = Mapping[str, Any]
"""A line of a manifest."""
KINDS: Mapping[str, tuple[type[pl.DataType], tuple[type, ...]]] = {
    "categorical": (pl.String, (str,)),
    "boolean": (pl.Boolean, (bool,)),
    "numeric": (pl.Float64, (int, float)),
}


@dataclass(frozen=True)
class Shift:
    """One factor in both versions. divergence is Jensen-Shannon's, 0 (the same) to 1; None where one side is empty."""

    factor: str
    names: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    missing_before: int
    missing_after: int
    divergence: float | None


@dataclass
class Changes:
    """Identities of frames, in order of identity; counts of labels on each side."""

    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    same: int = 0
    relabelled: list[str] = field(default_factory=list)
    retagged: Counter[str] = field(default_factory=Counter)
    moved: list[str] = field(default_factory=list)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    labels_before: Counter[str] = field(default_factory=Counter)
    labels_after: Counter[str] = field(default_factory=Counter)
    shifts: list[Shift] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.came or self.went or self.relabelled or self.moved or self.retagged)

    def labels(self) -> Shift:
        """Return how the annotated labels moved, in order of name."""
        names = tuple(sorted({*self.labels_before, *self.labels_after}))
        before, after = ([counts[name] for name in names] for counts in (self.labels_before, self.labels_after))
        return Shift("label", names, tuple(before), tuple(after), 0, 0, jensen_shannon(before, after))

    def moves_by_name(self) -> dict[str, int]:
        """Count the frames that changed sides: {"train → test": 3}."""
        return {f"{a or 'none'} → {b or 'none'}": count for (a, b), count in sorted(self.moves.items())}


def compare(before: Iterable[Entry], after: Iterable[Entry], *, factors: Mapping[str, FactorSpec]) -> Changes:
    """Compare two manifests, both in order of identity. Their frames are read once, and not kept.

    Shifts are of the factors, those that moved most first."""
    found = Changes()
    values: dict[str, tuple[list[Any], list[Any]]] = {name: ([], []) for name in factors}
    for one, other in _side_by_side(iter(before), iter(after)):
        for side, entry in enumerate((one, other)):
            if entry is not None:
                labels = found.labels_after if side else found.labels_before
                labels.update(box["label"] for box in entry["annotations"])
                for name, columns in values.items():
                    columns[side].append(entry["tags"].get(name))
        if one is None and other is not None:
            found.came.append(other["id"])
        elif other is None and one is not None:
            found.went.append(one["id"])
        elif one is not None and other is not None:
            _note(found, one, other)
    shifts = [_shift(factors[name], *columns) for name, columns in values.items()]
    found.shifts = sorted(shifts, key=lambda shift: (-(shift.divergence or 0.0), shift.factor))
    return found


def code_values(values: Sequence[Any], factor: FactorSpec) -> Codes:
    """Code (N,) plain values of a factor; what is not of its kind counts as missing."""
    kind, types = KINDS[factor.kind]
    fitting = [
        value if isinstance(value, types) and (factor.kind == "boolean" or not isinstance(value, bool)) else None
        for value in values
    ]
    return codes_of(pl.DataFrame([pl.Series(factor.name, fitting, dtype=kind)]), factor)


def as_plain(shift: Shift) -> dict[str, Any]:
    """Write a shift out for JSON."""
    return asdict(shift) | {"names": list(shift.names), "before": list(shift.before), "after": list(shift.after)}


def place_of(entry: Entry) -> tuple[str, str, int]:
    """Return what manifests are sorted by: videos by content, each in order of time, then single pictures."""
    picture = entry["picture_sha256"] or ""
    return picture, "" if picture else entry["video_sha256"], entry["pts_us"]


def _note(found: Changes, one: Entry, other: Entry) -> None:
    found.same += 1
    if (one["annotations"], one["annotated"]) != (other["annotations"], other["annotated"]):
        found.relabelled.append(one["id"])
    changed = {name for name in {*one["tags"], *other["tags"]} if one["tags"].get(name) != other["tags"].get(name)}
    found.retagged.update(changed)
    if one["split"] != other["split"]:
        found.moved.append(one["id"])
        found.moves[one["split"], other["split"]] += 1


def _side_by_side(before: Iterator[Entry], after: Iterator[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Pair the entries of two sorted manifests by identity; None where the other side has none."""
    one, other = next(before, None), next(after, None)
    while one is not None or other is not None:
        if other is None or (one is not None and place_of(one) < place_of(other)):
            yield one, None
            one = next(before, None)
        elif one is None or place_of(other) < place_of(one):
            yield None, other
            other = next(after, None)
        else:
            yield one, other
            one, other = next(before, None), next(after, None)


def _shift(factor: FactorSpec, before: Sequence[Any], after: Sequence[Any]) -> Shift:
    coded = code_values([*before, *after], factor)  # together, so that both sides have the same names in the same order
    old, new = (
        np.bincount(codes[codes != MISSING], minlength=len(coded.names))
        for codes in (coded.codes[: len(before)], coded.codes[len(before) :])
    )
    return Shift(
        factor.name,
        coded.names,
        tuple(old.tolist()),
        tuple(new.tolist()),
        missing_before=len(before) - int(old.sum()),
        missing_after=len(after) - int(new.sum()),
        divergence=jensen_shannon(old, new),
    )
