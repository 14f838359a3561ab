"""What every format can do, and what reading one gives."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

from curation.core.errors import SpecError
from curation.core.formats.tree import Tree
from curation.core.labels import LabelledPicture

MOST_EXAMPLES = 1000
"""Skipped items that are kept one by one. All of them are counted; a hostile file must not fill the memory."""


class FormatError(SpecError):
    """What was read is not of the format at all, or cannot be written in it. The message says what was expected."""

    code = "format"


class Skipped(NamedTuple):
    """Something that was not read. `why` is one of few fixed sentences, so that it can be counted."""

    what: str
    why: str


@dataclass
class Skips:
    """All that was not read: how many by reason, and the first of them by name."""

    counts: Counter[str] = field(default_factory=Counter)
    first: list[Skipped] = field(default_factory=list)

    def add(self, what: str, why: str, *, count: int = 1) -> None:
        """Note `count` things that were not read for one reason."""
        self.counts[why] += count
        if len(self.first) < MOST_EXAMPLES:
            self.first.append(Skipped(what[:300], why))

    @property
    def total(self) -> int:
        return self.counts.total()


@dataclass
class Reading:
    """What is being read. `skips` and `classes` are complete when `pictures`, which runs once, is exhausted.

    Pictures come with names that are unique, relative, and free of '..', and with boxes that are finite, have an area
    and touch the picture; corners outside are not clamped. All values are plain JSON without NUL."""

    pictures: Iterator[LabelledPicture]
    skips: Skips
    classes: list[str]


class Format(Protocol):
    """A way to write labelled pictures down. A frozen dataclass whose fields are its parameters."""

    reads: ClassVar[bool]
    writes: ClassVar[bool]
    has_pictures: ClassVar[bool]
    """Whether pictures belong beside what is written, at `picture_path`. Without: a table, or labels by reference."""

    @classmethod
    def fits(cls, tree: Tree) -> bool:
        """Tell whether a tree looks like this format, from names and the beginnings of files."""
        ...

    def read(self, root: Path) -> Reading:
        """Read a folder, a zip archive or one annotation file. Raises FormatError for anything else.

        Bad items are skipped, each with a reason."""
        ...

    def picture_path(self, picture: LabelledPicture) -> str:
        """Return where a picture's file belongs beside what is written: relative, safe, and unique if the name is.

        Empty for a picture that the format cannot hold; the writer counts it among the losses."""
        ...

    def write(
        self, pictures: Iterable[LabelledPicture], *, classes: Sequence[str], losses: Counter[str]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield (path, content) of each annotation file, in an order that depends on the pictures alone.

        `classes` orders the class ids; labels that it lacks come after it as they appear. What the format cannot say
        is added to `losses`, by sentence: {"tags": 12}. No picture at all gives a valid, empty dataset."""
        ...
