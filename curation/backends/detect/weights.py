"""Where weights lie."""

import os
from pathlib import Path

from curation.core.errors import WeightsMissing

_ROOT = Path(__file__).resolve().parents[3]


def data_dir() -> Path:
    """Tell the data folder: WINNOW_DATA_DIR, or `data` in the repository."""
    return Path(os.environ.get("WINNOW_DATA_DIR") or _ROOT / "data").expanduser().resolve()


def weights_dir() -> Path:
    """Tell the folder for weights: WINNOW_WEIGHTS_DIR, or `weights` in the data folder."""
    return Path(os.environ.get("WINNOW_WEIGHTS_DIR") or data_dir() / "weights").expanduser().resolve()


def locate(weights: str) -> Path | None:
    """Find a file of weights: as it stands from the current folder, from the repository, from the weights folder."""
    for folder in (Path.cwd(), _ROOT, weights_dir()):
        if (path := folder / Path(weights).expanduser()).is_file():
            return path
    return None


def need(weights: str) -> Path:
    """Find a file of weights, or raise WeightsMissing, which says where to put it."""
    if path := locate(weights):
        return path
    place = weights if Path(weights).is_absolute() else weights_dir() / weights
    raise WeightsMissing(f"The weights {weights!r} are not there. Put the file at {place}, or name another detector.")
