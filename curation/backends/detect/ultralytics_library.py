"""The ultralytics library, kept quiet, private and safe."""

import importlib
import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from curation.backends.detect.weights import data_dir, locate, need, weights_dir

logger = logging.getLogger(__name__)

_QUIET = 40


@lru_cache(maxsize=1)
def ultralytics_library() -> Any:
    """Import ultralytics so that it reads weights as data only, installs and reports nothing, and keeps its settings
    file in the data folder.

    It reads these variables when it is imported. Should another part of the process have been first, what matters for
    safety and privacy is set on the modules as well.
    """
    settings = data_dir() / "ultralytics"
    settings.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("YOLO_CONFIG_DIR", str(settings))
    os.environ.setdefault("YOLO_VERBOSE", "false")
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["ULTRALYTICS_SAFE_LOAD"] = "true"
    library = importlib.import_module("ultralytics")
    tasks: Any = importlib.import_module("ultralytics.nn.tasks")
    if not tasks._SafeLoad.SUPPORTED:
        raise RuntimeError("This torch cannot load weights as data only: install the version in requirements.txt.")
    tasks.SAFE_LOAD = True
    importlib.import_module("ultralytics.utils.events").events.enabled = False
    importlib.import_module("ultralytics.utils").LOGGER.setLevel(_QUIET)
    return library


def find_or_fetch(weights: str) -> Path:
    """Find a file of weights; one that the library publishes is fetched into the weights folder on first use.

    YOLO_OFFLINE=true forbids it. Raises WeightsMissing, which says where to put the file.
    """
    if path := locate(weights):
        return path
    ultralytics_library()
    downloads: Any = importlib.import_module("ultralytics.utils.downloads")
    if weights in downloads.GITHUB_ASSETS_NAMES and importlib.import_module("ultralytics.utils").is_online():
        weights_dir().mkdir(parents=True, exist_ok=True)
        try:
            downloads.attempt_download_asset(weights_dir() / weights)
        except Exception as error:  # the library turns every kind of network trouble into its own
            logger.warning("Fetching %s failed: %s", weights, error)
    return need(weights)
