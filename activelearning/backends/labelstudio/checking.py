"""The SDK's own check of predictions against a labelling configuration: the server itself takes anything."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any


def prediction_faults(prediction: Mapping[str, Any], *, config: str) -> list[str]:
    """Say what of a prediction does not fit a configuration; [] if all does."""
    return [str(fault) for fault in _interface(config).validate_prediction(dict(prediction), return_errors=True)]


@lru_cache(maxsize=8)
def _interface(config: str) -> Any:
    # Here, since it takes seconds, and only pushing needs it.
    from label_studio_sdk.label_interface.interface import LabelInterface

    return LabelInterface(config)
