"""What policies of merging say to the services around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from activelearning.core.given_answer import Corners, GivenAnswer
from curation.core.types import TagValue


@dataclass(frozen=True)
class MergedBox:
    """A label that comes of answers. `answer` is the place of the one that it was taken from, `region` its id there.

    Averaged over several, it names the newest of them; `by` are the annotators who drew it."""

    label: str
    box: Corners
    answer: int
    region: str = ""
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merged:
    """What a frame shows by its annotators' word. `tag_answer` is the place of the answer whose word a tag is."""

    boxes: tuple[MergedBox, ...] = ()
    tags: Mapping[str, TagValue] = field(default_factory=dict)
    tag_answer: Mapping[str, int] = field(default_factory=dict)


class Merge(Protocol):
    """A way to make one of several answers. A frozen dataclass whose fields are its parameters."""

    kind: ClassVar[str]

    def merge(self, answers: Sequence[GivenAnswer]) -> Merged:
        """Merge answers, oldest first, none of them a skip; no answer gives nothing."""
        ...
