"""The vectors nearest to a vector, among those whose frame matches a query."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.django import CosineDistance, HalfVectorField

from curation.core.query import Query
from curation.models import Embedder, Embedding
from curation.services.filtering import condition
from curation.services.search_cursor import Place
from curation.services.vector_index import Kind, has_index

EXACT_ROWS = 10_000
"""Up to so many vectors that match the query, each is compared: exact, in about 30 ms. Above, the index is asked."""
DEEPEST = 1_000
"""So deep into the results does the index lead (its list is no longer); further pages compare with every vector."""
SHORTLIST, LEAST_SHORTLIST = 4, 200
"""How many times more the index is asked for where the order about the mean differs from the index's own."""
SAME_PLACE = 1e-3
"""A vector this near to the mean has no direction about it."""


@dataclass(frozen=True)
class Near:
    """One embedding. distance is 1 - cosine similarity, about the mean where the embedder has one."""

    id: int
    frame_id: int
    detection_id: int | None
    distance: float


@dataclass(frozen=True)
class Likeness:
    """What to be near to, and among what. `without` leaves out the seed itself."""

    embedder: Embedder
    kind: Kind
    vector: NDArray[np.float32]
    query: Query
    without: int | None = None
    """The embedding that is the seed itself."""

    def rows(self) -> QuerySet[Embedding]:
        """Return all that may be found. The predicates are those of the index, word for word."""
        own = Embedding.objects.filter(embedder=self.embedder.pk, detection__isnull=self.kind == "frames")
        others = own if self.without is None else own.exclude(pk=self.without)
        return others.filter(condition(self.query, path="frame__")).order_by()

    def index_distance(self) -> CosineDistance:
        """Return the distance that the index is ordered by."""
        return CosineDistance(_half(F("vector"), self.embedder.dimension), _literal(self.vector))

    def distance(self) -> Func:
        """Return the distance that hits are ordered by: about the mean, if there is one.

        It is never the index's expression, so that the planner cannot answer an exact search by the index."""
        stored, mean, sought = _half(F("vector"), self.embedder.dimension), self.embedder.mean, self.vector
        about: Func | Cast = stored
        if mean is not None and np.linalg.norm(self.vector - np.asarray(mean, np.float32)) > SAME_PLACE:
            sought = self.vector - np.asarray(mean, np.float32)
            subtracted = _half(_literal(mean), self.embedder.dimension)
            about = Func(
                stored, subtracted, template="(%(expressions)s)", arg_joiner=" - ", output_field=HalfVectorField()
            )
        # A stored vector without direction gives NaN, which no cursor can pass: it is at distance 1.
        known = NullIf(CosineDistance(about, _literal(sought)), Value(math.nan))
        return Coalesce(known, Value(1.0), output_field=FloatField())


def nearest(likeness: Likeness, *, matching: int, limit: int, after: Place | None) -> list[Near]:
    """Return the nearest `limit` embeddings past a place, by (distance, id). `matching` frames match the query."""
    deep = (after.seen if after else 0) + limit
    if deep <= DEEPEST and has_index(likeness.embedder, likeness.kind) and _are_many(likeness, matching):
        found = _by_index(likeness, deep=deep)
        # The scan gives up after hnsw.max_scan_tuples; then there is nothing for it but to compare with all.
        if len(found) >= deep:
            return [near for near in found if _is_past(near, after)][:limit]
    return _exactly(likeness, limit=limit, after=after)


def _are_many(likeness: Likeness, matching: int) -> bool:
    """Tell whether comparing with each would take long. A frame has one vector, and any number of boxes."""
    if likeness.kind == "frames":
        return matching > EXACT_ROWS
    return likeness.rows().values("pk")[: EXACT_ROWS + 1].count() > EXACT_ROWS


def exact_order(likeness: Likeness) -> QuerySet[Any]:
    """Return all rows, by (distance, id)."""
    return likeness.rows().annotate(distance=likeness.distance()).order_by("distance", "id")


def by_index_order(likeness: Likeness) -> QuerySet[Any]:
    """Return rows roughly by distance: in the order in which the index gives them."""
    return likeness.rows().annotate(distance=likeness.distance()).order_by(likeness.index_distance())


def _exactly(likeness: Likeness, *, limit: int, after: Place | None) -> list[Near]:
    rows = exact_order(likeness)
    if after is not None:
        rows = rows.filter(Q(distance__gt=after.distance) | Q(distance=after.distance, id__gt=after.id))
    return _read(rows[:limit])


def _by_index(likeness: Likeness, *, deep: int) -> list[Near]:
    """Ask the index for the nearest, and sort them again: relaxed order is almost an order."""
    shortlist = deep if likeness.embedder.mean is None else max(LEAST_SHORTLIST, deep * SHORTLIST)
    with asking_the_index(shortlist):
        found = _read(by_index_order(likeness)[:shortlist])
    return sorted(found, key=lambda near: (near.distance, near.id))[:deep]


@contextmanager
def asking_the_index(shortlist: int) -> Iterator[None]:
    """Make the planner take the HNSW index, and the index go on until enough rows pass the query."""
    settings = {
        "hnsw.iterative_scan": "relaxed_order",
        "hnsw.ef_search": min(1000, max(100, shortlist)),
        # The planner guesses that a range over jsonb keeps next to nothing, and would sort. It was counted: many.
        "enable_sort": "off",
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET LOCAL {name} = {value}")
        yield
        for name in settings:  # else they would reach the rest of the caller's transaction
            cursor.execute(f"SET LOCAL {name} = DEFAULT")


def _read(rows: QuerySet[Any]) -> list[Near]:
    return [Near(*row) for row in rows.values_list("id", "frame_id", "detection_id", "distance")]


def _is_past(near: Near, after: Place | None) -> bool:
    return after is None or after.distance is None or (near.distance, near.id) > (after.distance, after.id)


def _half(expression: F | Value, dimension: int) -> Cast:
    return Cast(expression, HalfVectorField(dimensions=dimension))


def _literal(vector: Sequence[float] | NDArray[np.float32]) -> Value:
    return Value(HalfVector(np.asarray(vector, np.float32)).to_text())
