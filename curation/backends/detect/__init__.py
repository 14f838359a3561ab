"""Detectors by name. A new one is a file here and a line in `DETECTORS`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from curation.backends.decode.probe import hash_file
from curation.backends.detect.names import DetectorName
from curation.backends.detect.nanodet_onnx import NanodetOnnx, NanodetOptions
from curation.backends.detect.ultralytics import UltralyticsDetector, UltralyticsOptions
from curation.backends.detect.ultralytics_library import find_or_fetch
from curation.backends.detect.weights import need
from curation.backends.detect.yolox_onnx import YoloxOnnx, YoloxOptions
from curation.core.errors import SpecError
from curation.core.params import build
from curation.core.types import Detector


@dataclass(frozen=True)
class DetectorKind:
    """How a kind of detector is loaded: what may stand behind the `?`, where its weights are, what reads them."""

    options: type[Any]
    load: Callable[[Path, Any], Detector]
    find: Callable[[str], Path] = need


DETECTORS: dict[str, DetectorKind] = {
    "ultralytics": DetectorKind(UltralyticsOptions, UltralyticsDetector, find_or_fetch),
    "nanodet_onnx": DetectorKind(NanodetOptions, NanodetOnnx),
    "yolox_onnx": DetectorKind(YoloxOptions, YoloxOnnx),
}


@lru_cache(maxsize=8)
def load_detector(name: str) -> Detector:
    """Load a detector, once for each process.

    Raises SpecError for a name that is not valid, WeightsMissing, and WeightsUnusable for a file that is no such model.
    """
    parsed, kind = _kind_of(name)
    options = build(kind.options, parsed.options, where=f"detector {name!r}")
    return kind.load(kind.find(parsed.weights), options)


def weights_sha256(name: str) -> str:
    """Return the SHA-256 of a detector's weights. Raises as `load_detector` does, but does not load them."""
    parsed, kind = _kind_of(name)
    return hash_file(kind.find(parsed.weights))


def _kind_of(name: str) -> tuple[DetectorName, DetectorKind]:
    parsed = DetectorName.parse(name)
    if parsed.kind not in DETECTORS:
        raise SpecError(
            f"detector {name!r}: there is no kind {parsed.kind!r}. Valid ones: {', '.join(sorted(DETECTORS))}."
        )
    return parsed, DETECTORS[parsed.kind]
