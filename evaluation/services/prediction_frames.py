"""Which frames a prediction run is over, and what their hash is."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import connection

from curation.core.errors import WinnowError
from curation.core.types import IntArray
from curation.models import DatasetVersion, Frame
from curation.services.filtering import frames_matching
from curation.services.frame_rows import read_ids
from curation.services.holdout import HoldoutError, free, refuse_held
from evaluation.models import PredictionRun

MOST_HELD = 2_000
IDENTITIES = """
SELECT string_agg(identity, E'\n' ORDER BY identity COLLATE "C") FROM (
    SELECT CASE WHEN coalesce(frame.picture_sha256, '') <> '' THEN 'picture:' || frame.picture_sha256
                ELSE video.sha256 || ':' || frame.pts_us END AS identity
    FROM unnest(%s::bigint[]) AS wanted (id)
    JOIN curation_frame AS frame ON frame.id = wanted.id JOIN curation_video AS video ON video.id = frame.video_id
) AS named
"""
"""Named as manifests name frames: see `curation.services.manifests.identity_of`."""
PUT = """
INSERT INTO evaluation_predictedframe (run_id, frame_id) SELECT %s, id FROM unnest(%s::bigint[]) AS wanted (id)
ON CONFLICT DO NOTHING
"""
THERE = "SELECT id, held_out FROM curation_frame WHERE id = ANY(%s::bigint[]) ORDER BY id"
HAS = "SELECT count(*) FROM evaluation_predictedframe WHERE run_id = %s AND frame_id = ANY(%s::bigint[])"


class NoFrames(WinnowError):
    """There is nothing to look at."""


@dataclass(frozen=True)
class Chosen:
    """Frames to look at: rising ids, the hash of their identities, and how many were left out as held out."""

    frame_ids: IntArray
    sha256: str
    held_out: int = 0


def frames_of_version(version: DatasetVersion, *, is_final: bool) -> Chosen:
    """Choose all frames of a dataset version. Held out ones are for the final evaluation of a locked version only.

    Raises HoldoutError, NoFrames."""
    if is_final and not version.is_locked:
        raise HoldoutError(
            "not_locked", f"{version} is not locked, so no evaluation on it is final: manage.py dataset lock {version}."
        )
    held = Frame.objects.filter(memberships__version=version, held_out=True).order_by("pk")
    if not is_final:
        refuse_held(held.values_list("pk", flat=True)[:MOST_HELD], wanted_for="predictions")
    ids = ids_of(version)
    if not len(ids):
        raise NoFrames(f"{version} has no frames.")
    return Chosen(ids, hash_of(ids))


def frames_of_query(query: str) -> Chosen:
    """Choose all frames that match a query and are not held out. Raises QueryError, HoldoutError, NoFrames."""
    frames = frames_matching(query)
    ids = np.sort(read_ids(free(frames), "id"))
    held = frames.filter(held_out=True)
    if not len(ids):
        refuse_held(held.order_by("id").values_list("id", flat=True)[:MOST_HELD], wanted_for="predictions")
        raise NoFrames(f"No frame matches {query!r}, so there is nothing to look at.")
    return Chosen(ids, hash_of(ids), held.count())


def frames_of_list(frame_ids: Iterable[int]) -> Chosen:
    """Choose some frames, each once, in any order. Raises HoldoutError where one is held out, NoFrames where one is not
    there, or none is named."""
    ids = np.unique(np.fromiter(frame_ids, np.int64))
    if not len(ids):
        raise NoFrames("No frame was named, so there is nothing to look at.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, held_out FROM curation_frame WHERE id = ANY(%s::bigint[]) ORDER BY id", [ids.tolist()]
        )
        there = dict(cursor.fetchall())
    if len(gone := np.setdiff1d(ids, list(there))):
        raise NoFrames(f"{len(gone)} of {len(ids)} frames are not there (frame {gone[0]}, say), so nothing was begun.")
    refuse_held([pk for pk, held_out in there.items() if held_out][:MOST_HELD], wanted_for="predictions")
    return Chosen(ids, hash_of(ids))


def ids_of(version: DatasetVersion) -> IntArray:
    """Return the rising ids of a version's frames."""
    return np.sort(read_ids(version.members.order_by(), "frame_id"))


def hash_of(frame_ids: IntArray) -> str:
    """Hash the identities of frames, in order of identity: the same frames have the same hash on every machine."""
    with connection.cursor() as cursor:
        cursor.execute(IDENTITIES, [frame_ids.tolist()])
        (identities,) = cursor.fetchone()
    return hashlib.sha256((identities or "").encode()).hexdigest()


def put_frames(run: PredictionRun, frame_ids: IntArray) -> None:
    """Write down which frames a run looks at; those that are there already stay."""
    with connection.cursor() as cursor:
        cursor.execute(PUT, [run.pk, frame_ids.tolist()])


def has_frames(run: PredictionRun, frame_ids: IntArray) -> bool:
    """Tell whether a run has all of the frames."""
    with connection.cursor() as cursor:
        cursor.execute(HAS, [run.pk, frame_ids.tolist()])
        (count,) = cursor.fetchone()
    return int(count) == len(frame_ids)
