"""Finding an embedder's weights."""

from pathlib import Path

from curation.backends.detect.weights import locate, weights_dir
from curation.core.errors import WeightsMissing


def find_weights(embedder: str, weights: str) -> Path:
    """Find a file of weights, or raise WeightsMissing, which says where to put it."""
    if path := locate(weights):
        return path
    place = weights if Path(weights).is_absolute() else weights_dir() / weights
    raise WeightsMissing(f"The weights of {embedder} are not there. Put the file at {place}, or name another embedder.")
