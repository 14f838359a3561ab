"""What a leakage report says."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["holdout", "alike", "hash", "time"]
KINDS: Mapping[Kind, str] = {
    "holdout": "looks like a frame of a hold-out",
    "alike": "look alike, by vector",
    "hash": "look alike, by perceptual hash",
    "time": "were taken within seconds of each other",
}


@dataclass(frozen=True)
class Leak:
    """Two frames that should not stand on both sides. similarity is cosine; bits differ of the 64 of the hash.

    In a leak from a hold-out, `left_split` is the hold-out's name and `left` its frame."""

    kind: Kind
    left: int
    right: int
    left_split: str
    right_split: str
    similarity: float | None = None
    bits: int | None = None
    seconds: float | None = None

    def severity(self) -> tuple[float, ...]:
        """Sort key: hold-outs first, then look-alikes by likeness, then neighbours by distance in time."""
        likeness = self.similarity if self.similarity is not None else 1 - (self.bits or 0) / 64
        of_time = self.seconds if self.seconds is not None else 0.0
        return (self.kind != "holdout", self.kind == "time", -likeness, of_time, self.left, self.right)


@dataclass(frozen=True)
class Between:
    """Figures for one pair of splits: how many frames of `right` have a look-alike or a neighbour in `left`."""

    left: str
    right: str
    frames: int
    alike: int
    near: int
    closest: float | None
    videos: int

    @property
    def share(self) -> float:
        """Of the frames of `right`, the share that has a look-alike in `left`."""
        return self.alike / self.frames if self.frames else 0.0


@dataclass(frozen=True)
class Checked:
    """What the report rests on. embedder is empty where no frame has a vector."""

    embedder: str
    min_similarity: float
    max_bits: int
    within_s: float
    with_vector: int
    with_hash: int
    uncompared: int
    holdouts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leakage:
    """leaks come worst first and may be cut short; `found` counts all of them."""

    frames: int
    splits: Mapping[str, int]
    checked: Checked
    between: Sequence[Between]
    torn_groups: Sequence[str]
    holdouts: Mapping[str, int]
    held_out: int
    leaks: Sequence[Leak] = field(default_factory=tuple)
    found: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.found or self.torn_groups or self.held_out)

    def to_dict(self, *, with_leaks: bool = True) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "is_clean": self.is_clean,
            "summary": self.summary(),
            "frames": self.frames,
            "splits": dict(self.splits),
            "checked": asdict(self.checked) | {"holdouts": list(self.checked.holdouts)},
            "between": [asdict(one) | {"share": round(one.share, 6)} for one in self.between],
            "torn_groups": list(self.torn_groups),
            "holdouts": dict(self.holdouts),
            "held_out": self.held_out,
            "found": self.found,
        }
        return plain | ({"leaks": [asdict(leak) for leak in self.leaks]} if with_leaks else {})

    def summary(self) -> str:
        """Say in a sentence or two what was found, and what was looked at."""
        return f"{self._finding()} {self._basis()}"

    def _finding(self) -> str:
        if self.is_clean:
            return "Nothing leaks as far as was looked."
        said = []
        for one in self.between:
            if one.alike:
                said.append(f"{one.alike} of {one.frames} {one.right} frames look like a {one.left} frame")
            if one.near:
                said.append(f"{one.near} {one.right} frames were taken within seconds of a {one.left} frame")
        if self.torn_groups:
            said.append(f"{len(self.torn_groups)} groups stand on both sides")
        said += [f"{count} frames look like the hold-out {name}" for name, count in self.holdouts.items() if count]
        if self.held_out:
            said.append(f"{self.held_out} frames are held out by now, so they are not for training")
        text = "; ".join(said)
        return text[:1].upper() + text[1:] + "."

    def _basis(self) -> str:
        checked = self.checked
        vectors = (
            f"by vectors of {checked.embedder} from {checked.min_similarity:g}" if checked.embedder
            else "no frame has a vector, so vectors were not"
        )  # fmt: skip
        said = f"Compared {vectors}, by perceptual hash up to {checked.max_bits} bits, in time up to "
        said += f"{checked.within_s:g} s, by group, and with {_many(len(checked.holdouts), 'hold-out')}."
        if checked.uncompared:
            said += f" {checked.uncompared} frames have neither a vector nor a hash, and were not compared by looks."
        return said


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count or 'no'} {noun}s"
