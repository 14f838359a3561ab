"""What programs that are not ours say of the weights they made: checked before anything is believed."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activelearning.backends.training.contract import Made, TrainerError
from curation.backends.detect import DETECTORS

MOST_FIGURES = 100
LONGEST_DETECTOR = 200
_DETECTOR = re.compile(r"(\w+):\{\}(?:\?[^{}\s]*)?")


def made_from(said: Mapping[str, Any], folder: Path) -> Made:
    """Read {"weights", "detector", "figures", "onnx", "onnx_detector", "notes"}; files must lie in the folder.

    Raises TrainerError that says what would be right."""
    weights = _file(said.get("weights"), folder, "weights")
    detector = detector_form(said.get("detector") or "ultralytics:{}")
    onnx = _file(said["onnx"], folder, "onnx") if said.get("onnx") else None
    onnx_detector = detector_form(said.get("onnx_detector") or detector) if onnx else ""
    notes = [str(note)[:300] for note in said.get("notes", [])][:10] if isinstance(said.get("notes"), list) else []
    return Made(weights, detector, figures_from(said.get("figures")), onnx, onnx_detector, notes)


def detector_form(said: object) -> str:
    """Check a detector's name with {} where the weights' place goes. Raises TrainerError."""
    text = str(said)
    found = _DETECTOR.fullmatch(text)
    if found and found[1] in DETECTORS and len(text) <= LONGEST_DETECTOR:
        return text
    raise TrainerError(
        "answer",
        f"`detector` is {text[:100]!r}; it must be a kind of detector with {{}} for the weights, as ultralytics:{{}} "
        f"or yolox_onnx:{{}}?classes=person. Kinds: {', '.join(DETECTORS)}.",
    )


def figures_from(said: object) -> dict[str, float]:
    """Keep the finite numbers of what is said of the weights."""
    found = said.items() if isinstance(said, Mapping) else ()
    numbers = {str(name)[:40]: float(value) for name, value in found if _is_number(value)}
    return dict(list(numbers.items())[:MOST_FIGURES])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _file(said: object, folder: Path, what: str) -> Path:
    path = (folder / str(said)).resolve()
    if not said or not path.is_relative_to(folder.resolve()) or not path.is_file() or not path.stat().st_size:
        raise TrainerError(
            "answer", f"`{what}` is {str(said)[:200]!r}; it must be a file in the folder that the program was run in."
        )
    return path
