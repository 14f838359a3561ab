"""Networks that can be trained from nothing: described in files that ultralytics ships, or that an admin put there."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from curation.backends.detect.weights import weights_dir
from curation.core.errors import SpecError

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}\.ya?ml")
_SCALED = re.compile(r"(yolov?\d+)([a-z])(.*\.ya?ml)")


def read_architecture(name: str) -> dict[str, Any]:
    """Read a description by its bare name: from the weights folder, or as ultralytics ships it (yolo11n.yaml).

    Raises SpecError. Paths are refused: what a person asks for over HTTP names no file of this machine."""
    if not _NAME.fullmatch(name):
        raise SpecError(f"architecture is {name[:100]!r}; it must be the bare name of a description, as yolo11n.yaml.")
    own = weights_dir() / name
    if own.is_file():
        return _layers(own)
    package = find_spec("ultralytics")
    models = Path(package.origin).parent / "cfg" / "models" if package and package.origin else Path("/nowhere")
    for found in models.glob(f"*/{name}"):
        return _layers(found)
    if scaled := _SCALED.fullmatch(name):
        for found in models.glob(f"*/{scaled[1]}{scaled[3]}"):
            layers = _layers(found)
            if scaled[2] in layers.get("scales", {}):
                return layers | {"scales": {scaled[2]: layers["scales"][scaled[2]]}}
    raise SpecError(
        f"There is no architecture {name!r}. Name one that ultralytics ships (yolo11n.yaml, yolo11s.yaml, "
        f"yolov8n.yaml), or put the description at {own}."
    )


def _layers(path: Path) -> dict[str, Any]:
    try:
        layers = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise SpecError(f"The architecture {path.name} cannot be read: {str(error)[:200]}") from error
    if not isinstance(layers, dict) or not {"backbone", "head"} <= layers.keys():
        raise SpecError(f"{path.name} describes no network: it has no `backbone` and `head`.")
    return layers
