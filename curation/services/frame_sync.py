"""The table of frames and the moment it shows: loading it whole, and catching up with what was written since."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction

from curation.core.frame_merging import renamed, replaced, with_kinds
from curation.core.frame_reading import assembled, read_piece
from curation.core.frame_table import FrameTable
from curation.core.query import Kind
from curation.services.frame_rows import Moment, camera_names, checksum, read_gone, read_rows, read_tags, this_moment

CHECKSUM_MODULUS = 1_000_003


@dataclass(frozen=True)
class Synced:
    """A table, and the moment whose frames it shows."""

    table: FrameTable
    moment: Moment
    cameras: Mapping[int, str]
    filed_xmax: int = 0
    """The moment of the file that this process wrote or read last; 0 for none."""


def in_transaction() -> bool:
    """Tell whether the caller is in a transaction, so that what is read may never be committed."""
    return connection.in_atomic_block or not connection.get_autocommit()


@contextmanager
def one_look() -> Iterator[Moment]:
    """Let all that is read in the block be of one moment; in the caller's transaction, of as few as can be."""
    if in_transaction():
        yield this_moment()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield this_moment()


def load(kinds: Mapping[str, Kind], moment: Moment) -> Synced:
    """Read all frames. A million take about ten seconds."""
    pieces = [read_piece(raw, kinds=kinds) for raw in read_rows(kinds)]
    cameras = camera_names()
    return Synced(assembled(pieces, kinds=kinds, cameras=cameras), moment, cameras)


def caught_up(synced: Synced, kinds: Mapping[str, Kind], moment: Moment) -> Synced | None:
    """Read what was written since; None where that cannot be told, and all must be loaded.

    Costs a millisecond or two where nothing changed."""
    if not _is_before(synced.moment, moment):
        return None
    table = synced.table
    if table.kinds != kinds:
        new = {tag: kind for tag, kind in kinds.items() if table.kinds.get(tag) != kind}
        table = with_kinds(table, kinds, read_tags(new) if new else None)
    pieces = [read_piece(raw, kinds=kinds) for raw in read_rows(kinds, since=synced.moment)]
    gone = read_gone(synced.moment)
    cameras = camera_names()
    if pieces or len(gone):
        table = replaced(table, assembled(pieces, kinds=kinds, cameras=cameras), gone=gone)
    if cameras != synced.cameras:
        table = renamed(table, cameras)
    caught = Synced(table, moment, cameras, synced.filed_xmax)
    # Another file for the same rows: rewritten, if they are the same; else truncated, or another one's backup.
    return caught if synced.moment.place == moment.place or agrees(table) else None


def agrees(table: FrameTable) -> bool:
    """Tell whether the table has the frames that the database has, as the same transactions left them."""
    ids, wrote = (table.frames[name].to_numpy() % CHECKSUM_MODULUS for name in ("id", "changed_xid"))
    return checksum() == (len(table), int(np.sum(ids * wrote)))


def _is_before(before: Moment, now: Moment) -> bool:
    """Tell whether all that was seen at one moment is seen now: not if a backup came back, or now is an older look."""
    if before.database != now.database or before.xmax > now.xmax:
        return False
    return all(xid in before.under_way for xid in now.under_way if xid < before.xmax)
