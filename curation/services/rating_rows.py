"""Ratings on their way into the frames' rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from curation.core.phash import FLAT
from curation.core.rating import hash_leaders, outlier_scores, typicality
from curation.core.types import IntArray
from curation.services.rated_parts import Part

BATCH = 5000
NAMED = 10
OUTLIER = 3.5
"""From this score on a frame is called an outlier; Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993."""
DIGITS = 6


@dataclass(frozen=True)
class Ratings:
    """(N,) numbers of frames, NaN where there is none: the columns of the same names."""

    uniqueness: NDArray[np.float64]
    typicality: NDArray[np.float64]
    outlier_score: NDArray[np.float64]

    @classmethod
    def of(cls, found: Part) -> Self:
        """Work them out."""
        return cls(
            1.0 - found.similarity.astype(np.float64), typicality(found.distance), outlier_scores(found.distance)
        )


def read_hashes(*, until: int) -> tuple[IntArray, IntArray]:
    """Read the ids of all frames up to one, rising, and their hashes, FLAT where there is none."""
    query = f"SELECT array_agg(id), array_agg(coalesce(phash, {FLAT})) FROM curation_frame WHERE id <= %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [until])
        ids, hashes = (np.asarray(column or [], np.int64) for column in cursor.fetchone())
    order = np.argsort(ids)
    return ids[order], hashes[order]


def hashes_of(ids: IntArray, all_ids: IntArray, hashes: IntArray) -> IntArray:
    """Pick the hashes of (N,) frames out of those of all, by rising id; FLAT for one that is not among them."""
    if not len(all_ids):
        return np.full(len(ids), FLAT)
    place = np.minimum(np.searchsorted(all_ids, ids), len(all_ids) - 1)
    return np.where(all_ids[place] == ids, hashes[place], FLAT)


def rated_rows(found: Part, *, until: int) -> "RatedRows":
    """Work out what belongs into the rows of all frames up to one, from what was found.

    Frames that are not among those found have nothing but duplicate_of, by their hash alone."""
    ids, hashes = read_hashes(until=until)
    of_frame = np.where(np.isin(ids, found.ids), np.searchsorted(found.ids, ids), -1)
    rated = Ratings.of(found)
    columns = Ratings(*(np.append(column, np.nan)[of_frame].round(DIGITS) for column in vars(rated).values()))
    return RatedRows(ids, columns, _leaders(found, ids, hashes), compared=len(found.ids))


@dataclass(frozen=True)
class RatedRows:
    """Ratings of (N,) frames by rising id, and of which each is a duplicate: itself where of none."""

    ids: IntArray
    ratings: Ratings
    leader_ids: IntArray
    compared: int

    def write(self, *, after: int) -> Iterator[tuple[int, int]]:
        """Write the rows with after < id, a batch at a time, each committed when its (last id, rows so far) is yielded.

        Rows that are right already are left alone."""
        for start in range(int(np.searchsorted(self.ids, after, side="right")), len(self.ids), BATCH):
            some = slice(start, start + BATCH)
            columns = (column[some] for column in vars(self.ratings).values())
            _write(self.ids[some], Ratings(*columns), self.leader_ids[some])
            yield int(self.ids[some][-1]), start + len(self.ids[some])

    def summary(self) -> dict[str, Any]:
        """Count duplicates and outliers, and name the frames least like the rest."""
        is_duplicate, score = self.leader_ids != self.ids, self.ratings.outlier_score
        farthest = np.argsort(-np.nan_to_num(score, nan=-np.inf), kind="stable")[:NAMED]
        return {
            "frames": len(self.ids),
            "compared": self.compared,
            "duplicates": int(is_duplicate.sum()),
            "groups": len(np.unique(self.leader_ids[is_duplicate])),
            "outliers": int((score > OUTLIER).sum()),
            "farthest": [
                {"frame": int(self.ids[at]), "outlier_score": float(score[at])}
                for at in farthest
                if not np.isnan(score[at])
            ],
        }


def _leaders(found: Part, ids: IntArray, hashes: IntArray) -> IntArray:
    """Return which frame each is a duplicate of: its own id where it is of none."""
    leader_ids = ids.copy()
    place = np.minimum(np.searchsorted(ids, found.ids), max(0, len(ids) - 1))
    is_there = ids[place] == found.ids if len(ids) else np.zeros(len(found.ids), np.bool_)
    leader_ids[place[is_there]] = found.leader_ids[is_there]
    # Those without a vector: beside each other, and the leaders among the rest.
    leads = np.isin(ids, found.leader_ids)
    told = leads | ~np.isin(ids, found.ids)
    leader_ids[told] = ids[told][hash_leaders(hashes[told], leads=leads[told])]
    return leader_ids


@transaction.atomic
def _write(ids: IntArray, ratings: Ratings, leader_ids: IntArray) -> None:
    numbers = [[None if np.isnan(one) else one for one in column.tolist()] for column in vars(ratings).values()]
    duplicate_of = np.where(leader_ids != ids, leader_ids, 0)
    with connection.cursor() as cursor:
        # Locked in order, so that two who write the same frames wait for each other; and leaders so that they stay.
        cursor.execute("SELECT id FROM curation_frame WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids.tolist()])
        cursor.execute(
            "SELECT id FROM curation_frame WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [np.unique(duplicate_of).tolist()],
        )
        there = {row[0] for row in cursor.fetchall()}
        firsts = [one if one in there else None for one in duplicate_of.tolist()]
        cursor.execute(
            """
            UPDATE curation_frame AS stored
            SET uniqueness = new.uniqueness, typicality = new.typicality, outlier_score = new.score,
                duplicate_of_id = new.duplicate_of
            FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[])
                AS new (id, uniqueness, typicality, score, duplicate_of)
            WHERE stored.id = new.id
                AND (stored.uniqueness, stored.typicality, stored.outlier_score, stored.duplicate_of_id)
                    IS DISTINCT FROM (new.uniqueness, new.typicality, new.score, new.duplicate_of)
            """,
            [ids.tolist(), *numbers, firsts],
        )
