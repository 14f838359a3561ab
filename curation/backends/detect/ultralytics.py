"""Detectors of the ultralytics library: .pt and .onnx files, and .yaml for an untrained network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curation.backends.detect.ultralytics_library import ultralytics_library
from curation.core.errors import WeightsUnusable
from curation.core.params import param
from curation.core.types import Box, Image

_BATCH = 8
_WITH_BOXES = ("detect", "segment", "pose")


@dataclass(frozen=True)
class UltralyticsOptions:
    """What may stand behind the `?` of `ultralytics:NAME`."""

    imgsz: int = param(
        0,
        help="The longer side of the network's input; 0 is the one it was trained with.",
        unit="px",
        minimum=0,
        maximum=4096,
    )
    iou: float = param(0.7, help="Boxes of one class that overlap by more than this are one.", minimum=0.0, maximum=1.0)
    classes: list[str] = param([], help="The class names that the network must have, in its order.")


class UltralyticsDetector:
    """A YOLO network, on the GPU if there is one."""

    def __init__(self, weights: Path, options: UltralyticsOptions) -> None:
        self._options = options
        self._model = _load(weights)
        names = self._model.names
        self.labels: Sequence[str] = tuple(names[index] for index in sorted(names))
        if options.classes and tuple(options.classes) != self.labels:
            raise WeightsUnusable(
                f"{weights.name} has the classes {', '.join(self.labels)}, not {', '.join(options.classes)}."
            )

    def detect(self, pictures: Sequence[Image], *, min_score: float) -> list[list[Box]]:
        found: list[list[Box]] = []
        for start in range(0, len(pictures), _BATCH):
            # The library takes arrays as BGR.
            bgr = [np.ascontiguousarray(picture[:, :, ::-1]) for picture in pictures[start : start + _BATCH]]
            size = {"imgsz": self._options.imgsz} if self._options.imgsz else {}
            answers = self._model.predict(
                bgr, conf=min_score, iou=self._options.iou, batch=len(bgr), verbose=False, save=False, **size
            )
            found += [self._boxes(answer) for answer in answers]
        return found

    def _boxes(self, answer: Any) -> list[Box]:
        rows = answer.boxes.data.cpu().numpy()
        rows = rows[np.argsort(-rows[:, 4], kind="stable")]
        return [Box(self.labels[int(row[5])], float(row[4]), *map(float, row[:4])) for row in rows]


def _load(weights: Path) -> Any:
    library = ultralytics_library()
    try:
        if weights.suffix in (".yaml", ".yml"):
            # The same start for every process: a run must be repeatable.
            library.utils.torch_utils.init_seeds(0)
        model = library.YOLO(str(weights), task="detect" if weights.suffix == ".onnx" else None, verbose=False)
        if model.task not in _WITH_BOXES:
            raise WeightsUnusable(f"{weights.name} is a network for {model.task}, which finds no boxes.")
        # Only a first picture makes the library open an ONNX file and read its class names.
        model.predict(np.zeros((64, 64, 3), np.uint8), verbose=False, save=False)
    except WeightsUnusable:
        raise
    except Exception as error:  # each kind of broken or unsafe file has its own
        raise WeightsUnusable(
            f"{weights.name} is no ultralytics network that can be read safely: copy or export it again. "
            f"({_short(error)})"
        ) from error
    return model


def _short(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
