"""The cursor of a search: where the next page begins. Opaque and signed, so that nobody can make one up."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing

SALT = "curation.search.cursor"


@dataclass(frozen=True)
class Place:
    """The last hit of a page. `distance` is None in a search that is ordered by id; `seen` counts the hits so far."""

    id: int
    distance: float | None = None
    seen: int = 0


def write_cursor(place: Place, *, asked: Sequence[object]) -> str:
    """Write down a place. `asked` is what the search was for: a cursor is good for that search only."""
    return signing.dumps([_digest(asked), place.id, place.distance, place.seen], salt=SALT)


def read_cursor(cursor: str, *, asked: Sequence[object], ordered_by_distance: bool) -> Place:
    """Read a place. Raises ValueError for a cursor that is not ours, or that another search gave."""
    try:
        digest, row_id, distance, seen = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise ValueError("The cursor is not one that a search gave.") from error
    if digest != _digest(asked):
        raise ValueError("The cursor belongs to another search: leave it out to begin at the first page.")
    if (distance is not None) != ordered_by_distance or not math.isfinite(distance or 0.0):
        raise ValueError("The cursor is not one that a search gave.")
    return Place(int(row_id), distance, int(seen))


def _digest(asked: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
