"""What trainers and the service around them say to each other."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from curation.core.errors import WinnowError


class TrainerError(WinnowError):
    """A trainer could not make weights. `code` is stable: memory, gone, nan, disk, base, busy, data, program, answer.

    is_passing says that the same attempt may well succeed if it is made again."""

    def __init__(self, code: str, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.code, self.is_passing = code, is_passing


@dataclass(frozen=True)
class Lesson:
    """What a trainer is to learn from. Its files lie in `folder`, which is its own."""

    name: str
    folder: Path
    data: Path
    """data.yaml in the form of Ultralytics; its places count from its own folder."""
    classes: Sequence[str]
    """In the network's order."""
    seed: int
    base: Path | None = None
    """Weights to begin with; their SHA-256 was checked."""
    base_imgsz: int = 0
    """The base's input side in px, where its name says one."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """All of it in words, for programs that are elsewhere."""

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"


@dataclass(frozen=True)
class Heard:
    """What a trainer says while it works. "quiet" comes about once a second, so that the job shows signs of life.

    said of "start": {"device", "epochs", "resumed_after"}; of "batch": {"epoch", "share", "losses"}; of "epoch" (whose
    checkpoint is kept): {"epoch" from 1, "seconds", "losses", "figures", "learning_rate"}; of "stage": {"doing"}."""

    what: Literal["quiet", "start", "batch", "epoch", "stage"]
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """What came of it. `detector` names the weights with {} where their place goes: "ultralytics:{}?imgsz=320"."""

    weights: Path
    detector: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    onnx: Path | None = None
    onnx_detector: str = ""
    notes: Sequence[str] = ()


Lessons: TypeAlias = Generator[Heard, None, Made]


class Trainer(Protocol):
    """A way to make weights. Its fields are its options.

    reads_base is the endings of weights that it can begin with; (): it is told, and sees for itself."""

    kind: ClassVar[str]
    reads_base: ClassVar[tuple[str, ...]]

    def epochs_asked(self) -> int:
        """Tell how many epochs it will take at most; 0 is not known."""
        ...

    def check(self) -> None:
        """Raise SpecError if it cannot be used as it is set up here."""
        ...

    def train(self, lesson: Lesson) -> Lessons:
        """Train; go on from the last whole epoch where an earlier attempt in the same folder had begun.

        Closing the generator ends the work at once. Raises TrainerError."""
        ...


@runtime_checkable
class Remote(Protocol):
    """A trainer whose work goes on elsewhere, whatever becomes of its generator here."""

    def call_off(self, folder: Path, *, name: str) -> None:
        """Tell them that the training in a folder was cancelled; nothing where none was begun. Raises TrainerError."""
        ...
