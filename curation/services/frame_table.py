"""The table of all frames in memory, kept in step with the database."""

import threading
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from curation.core.frame_table import FrameTable, read_table
from curation.core.query import Fields, Query
from curation.core.query.masks import Among, mask_of
from curation.core.query.numbers import Leaf
from curation.services.fields import searchable_fields, tag_kinds
from curation.services.filtering import chosen, frames_matching, kept, labelled, parse_query, videos_named
from curation.services.frame_rows import Moment, camera_names, read_ids, read_rows, this_moment


@dataclass(frozen=True)
class _Loaded:
    """A table, and the moment from which on changes are not in it."""

    table: FrameTable
    moment: Moment
    cameras: dict[int, str]


_loaded: dict[str, _Loaded] = {}
_lock = threading.Lock()


def current(*, fields: Fields | None = None) -> FrameTable:
    """Return all frames as they stand now, as this transaction sees them, its own changes included.

    What is not committed stays out of what this process remembers. `fields` spares two queries where they are known."""
    kinds = tag_kinds(fields or searchable_fields())
    with _lock:
        moment = this_moment()
        rows, _ = read_rows(kinds)
        cameras = camera_names()
        table = read_table(rows, kinds=kinds, cameras=cameras)
        if not connection.in_atomic_block:
            _loaded[moment.database] = _Loaded(table, moment, cameras)
        return table


def forget() -> None:
    """Drop what this process remembers."""
    with _lock:
        _loaded.clear()


def matching(query: str | Query, *, table: FrameTable | None = None) -> NDArray[np.bool_]:
    """Tell for each of (N,) frames of the table (default: as they stand now) whether it matches. Raises QueryError.

    Means exactly what `filtering.frames_matching` means."""
    fields = searchable_fields()
    parsed = parse_query(query, fields=fields) if isinstance(query, str) else query
    return mask_of(parsed, current(fields=fields) if table is None else table, resolve=resolve)


def frame_count(query: str | Query) -> int:
    """Count the frames that match. Raises QueryError."""
    return int(np.count_nonzero(matching(query)))


def resolve(leaf: Leaf) -> Among:
    """Ask the database which frames meet a condition on what the table has not."""
    match leaf.field.name:
        case "video":
            return Among("video_id", read_ids(videos_named(leaf), "pk"))
        case "run" | "cascade":
            return Among("id", read_ids(kept(leaf), "frame_id"))
        case "label":
            return Among("id", read_ids(labelled(leaf), "frame_id"))
        case "dataset":
            return Among("id", read_ids(chosen(leaf), "frame_id"))
    return Among("id", read_ids(frames_matching(leaf), "pk"))
