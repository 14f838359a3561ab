"""All frames as a table in memory, in step with the database: what counts, profiles and draws work on."""

import threading
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from curation.core.frame_columns import BoolArray
from curation.core.frame_table import FrameTable
from curation.core.query import Fields, Kind, Query
from curation.core.query.masks import Among, mask_of
from curation.core.query.numbers import Leaf
from curation.services import frame_file
from curation.services.fields import searchable_fields, tag_kinds
from curation.services.filtering import chosen, frames_matching, kept, labelled, parse_query, videos_named
from curation.services.frame_rows import read_ids, this_moment
from curation.services.frame_sync import Synced, agrees, caught_up, in_transaction, load, one_look

FILE_FROM_FRAMES = 20_000
"""So many frames are worth a file; fewer are loaded as quickly."""
FILE_STALE_SHARE = 0.1
"""When so large a part of the frames changed since the file was written, it is written anew."""

_synced: dict[str, Synced] = {}
_lock = threading.Lock()


def current(*, fields: Fields | None = None) -> FrameTable:
    """Return all frames as they stand now, as this transaction sees them, its own changes included.

    What is not committed stays out of what this process remembers. `fields` spares two queries where they are known."""
    kinds = tag_kinds(fields or searchable_fields())
    database = this_moment().database
    if in_transaction():
        return _seen_inside(database, kinds)
    with _lock:
        known = _synced.get(database)
        fresh = _caught_up(known, kinds) if known else None
        if fresh is None:
            with frame_file.one_process(database):
                fresh = _first(database, kinds)
        _synced[database] = _filed(fresh)
        return fresh.table


def matching(query: str | Query, *, table: FrameTable | None = None) -> BoolArray:
    """Tell for each of (N,) frames of the table (default: as they stand now) whether it matches. Raises QueryError.

    Means exactly what `filtering.frames_matching` means."""
    fields = searchable_fields()
    parsed = parse_query(query, fields=fields) if isinstance(query, str) else query
    return mask_of(parsed, current(fields=fields) if table is None else table, resolve=resolve)


def frame_count(query: str | Query) -> int:
    """Count the frames that match. Raises QueryError."""
    return int(np.count_nonzero(matching(query)))


def frames_remembered() -> int:
    """Tell how many frames this process has in memory already."""
    known = _synced.get(this_moment().database) if _synced else None
    return len(known.table) if known else 0


def forget() -> None:
    """Drop what this process remembers. Files stay."""
    with _lock:
        _synced.clear()


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


def _caught_up(known: Synced, kinds: Mapping[str, Kind]) -> Synced | None:
    with one_look() as moment:
        return caught_up(known, kinds, moment)


def _first(database: str, kinds: Mapping[str, Kind]) -> Synced:
    """Take the file and catch up, or load all."""
    filed = frame_file.read(database)
    with one_look() as moment:
        caught = caught_up(filed, kinds, moment) if filed else None
        # A backup may have come back since, and gone on for longer than the file knows.
        if caught and agrees(caught.table):
            return caught
        frame_file.remove(database)
        return load(kinds, moment)


def _seen_inside(database: str, kinds: Mapping[str, Kind]) -> FrameTable:
    """Return what a transaction sees: what is remembered, and over it what was written since, by itself too."""
    moment = this_moment()
    known = _synced.get(database)
    caught = caught_up(known, kinds, moment) if known else None
    if known is None and (filed := frame_file.read(database)):
        caught = caught_up(filed, kinds, moment)
        if caught and agrees(caught.table):
            _synced.setdefault(database, filed)  # what the file shows was committed
        else:
            caught = None
    return (caught or load(kinds, moment)).table


def _filed(synced: Synced) -> Synced:
    """See to it that there is a file, and that it is not far behind."""
    if len(synced.table) < FILE_FROM_FRAMES or _is_fresh(synced, synced.filed_xmax):
        return synced
    there = frame_file.saved_moment(synced.moment.database)  # maybe another process's
    if there and there.xmax <= synced.moment.xmax and _is_fresh(synced, there.xmax):
        return replace(synced, filed_xmax=there.xmax)
    frame_file.save(synced)
    return replace(synced, filed_xmax=synced.moment.xmax)


def _is_fresh(synced: Synced, filed_xmax: int) -> bool:
    changed = np.count_nonzero(synced.table.frames["changed_xid"].to_numpy() >= filed_xmax)
    return filed_xmax > 0 and int(changed) <= FILE_STALE_SHARE * len(synced.table)
