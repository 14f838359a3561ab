"""Training by the ultralytics library, in a process of its own."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Literal

import yaml

from activelearning.backends.training.architectures import read_architecture
from activelearning.backends.training.child import listen
from activelearning.backends.training.contract import Lesson, Lessons, Made
from curation.core.params import param

CHILD = "activelearning.backends.training.ultralytics_child"
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class UltralyticsTrainer:
    """Trains a YOLO network in a process of its own, on the GPU if there is one; goes on from its last whole epoch."""

    kind: ClassVar[str] = "ultralytics"
    reads_base: ClassVar[tuple[str, ...]] = (".pt", ".yaml", ".yml")
    epochs: int = param(30, help="Times that each picture is seen, at most.", minimum=1, maximum=10_000)
    imgsz: int = param(
        0, help="The longer side of the network's input; 0 is the base's, 640 without one.", unit="px", minimum=0,
        maximum=4096,
    )  # fmt: skip
    batch: int = param(8, help="Pictures in a step; fewer take less memory.", minimum=1, maximum=1024)
    optimizer: Literal["auto", "AdamW", "Adam", "SGD"] = param(
        "auto", help="How the weights are moved; auto chooses the learning rate as well."
    )
    learning_rate: float = param(0.0, help="At the start; 0 is 0.001, or SGD's 0.01.", minimum=0, maximum=1)
    final_share: float = param(0.01, help="The learning rate at the end, as a share of that.", minimum=0, maximum=1)
    cosine: bool = param(False, help="Let the learning rate fall along a cosine, not a line.")
    warm_up_epochs: float = param(1.0, help="Epochs in which the learning rate rises to it.", minimum=0, maximum=1000)
    freeze: int = param(0, help="Layers, from the first, that keep the base's weights.", minimum=0, maximum=1000)
    patience: int = param(
        50, help="Stop where so many epochs in a row brought nothing; 0: never.", minimum=0, maximum=10_000
    )
    take: Literal["best", "last"] = param("best", help="The weights that did best on the split val, or the last ones.")
    validate: bool = param(True, help="Measure on the split val after each epoch, not only at the end.")
    mosaic: float = param(1.0, help="How often four pictures are put into one.", minimum=0, maximum=1)
    close_mosaic: int = param(10, help="The last epochs in which none are.", minimum=0, maximum=10_000)
    flip: float = param(0.5, help="How often a picture is mirrored.", minimum=0, maximum=1)
    scale: float = param(0.5, help="By which share pictures are made larger or smaller.", minimum=0, maximum=1)
    shift: float = param(0.1, help="By which share of their size pictures are moved.", minimum=0, maximum=1)
    colour: float = param(1.0, help="How much hue, saturation and brightness change; 1 is usual.", minimum=0, maximum=1)
    erase: float = param(0.4, help="How often a part of a picture is blotted out.", minimum=0, maximum=1)
    rect: bool = param(False, help="Pad pictures as little as possible; pays where all have one shape.")
    cache: bool = param(False, help="Keep decoded pictures in memory.")
    workers: int = param(2, help="Processes that read pictures for a GPU.", minimum=0, maximum=64)
    device: str = param("auto", help="auto, cpu, or the number of a GPU, as 0.")
    amp: bool = param(True, help="Compute in 16 bits where the GPU can.")
    deterministic: bool = param(True, help="The same seed and data give the same weights, where the machine can.")
    onnx: bool = param(True, help="Write the result as ONNX too, for a cascade's stage.")
    architecture: str = param("yolo11n.yaml", help="The network to begin with where there is no base.")

    def __post_init__(self) -> None:
        if not (self.device in ("auto", "cpu") or (self.device.isascii() and self.device.isdigit())):
            raise ValueError(f"device is {self.device[:40]!r}; it must be auto, cpu or the number of a GPU.")
        if self.optimizer == "auto" and self.learning_rate:
            raise ValueError("optimizer `auto` chooses the learning rate; with a learning_rate name one, as AdamW.")

    def epochs_asked(self) -> int:
        return self.epochs

    def check(self) -> None:
        read_architecture(self.architecture)

    def train(self, lesson: Lesson) -> Lessons:
        options = asdict(self)
        base = lesson.base
        if base is None:
            base = lesson.folder / "network.yaml"
            base.write_text(yaml.safe_dump(read_architecture(self.architecture)))
        spec = {
            "name": lesson.name,
            "folder": str(lesson.folder),
            "data": str(lesson.data),
            "classes": list(lesson.classes),
            "seed": lesson.seed,
            "base": str(base),
            "imgsz": self.imgsz or lesson.base_imgsz,
            "options": options,
            "made_of": lesson.spec.get("made_of", ""),
        }
        path = lesson.folder / "spec.json"
        path.write_text(json.dumps(spec, indent=1))
        done = yield from listen(
            [sys.executable, "-m", CHILD, str(path)],
            folder=lesson.folder,
            log=lesson.log,
            environment={"PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1"},
        )
        onnx = lesson.folder / done["onnx"] if done.get("onnx") else None
        size = f"?imgsz={done['imgsz']}"
        return Made(
            weights=lesson.folder / done["weights"],
            detector="ultralytics:{}" + size,
            figures=done["figures"],
            onnx=onnx,
            onnx_detector="ultralytics:{}" + size if onnx else "",
            notes=done.get("notes", ()),
        )
