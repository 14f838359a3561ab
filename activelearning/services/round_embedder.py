"""The embedder that a round compares frames and boxes by."""

from dataclasses import dataclass

from curation.backends.embed import load_embedder
from curation.core import types
from curation.core.errors import SpecError, WeightsMissing, WeightsUnusable
from curation.models import Embedder
from curation.services.embedding import embedder_row
from curation.services.vectors import default_embedder

PLAIN = "descriptor"
"""What needs no weights."""


@dataclass(frozen=True)
class Eye:
    """`loaded` looks at pictures; `row` is what the vectors of frames are stored by."""

    loaded: types.Embedder
    row: Embedder
    notes: tuple[str, ...] = ()


def eye_of(name: str) -> Eye:
    """Load the embedder that a strategy names; without a name the one that most frames have a vector of, or the plain
    one where none has, or where it cannot be loaded any more.

    Raises SpecError for a name that means nothing, WeightsMissing and WeightsUnusable for one that was named."""
    if name:
        return _eye(name)
    known = default_embedder()
    if known is None:
        return _eye(PLAIN)
    try:
        return _eye(known.name)
    except (SpecError, WeightsMissing, WeightsUnusable) as error:
        plain = _eye(PLAIN)
        return Eye(plain.loaded, plain.row, (f"{known.name} cannot be loaded, so {PLAIN} looked instead: {error}",))


def _eye(name: str) -> Eye:
    loaded = load_embedder(name)
    return Eye(loaded, embedder_row(loaded))
