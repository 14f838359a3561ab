"""Which frames a round may choose from: those that its strategy asks for, but for all that is out of bounds."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from activelearning.core.even_draw import even_draw
from activelearning.core.strategy import Strategy
from activelearning.models import Candidate, Round
from activelearning.services.out_of_bounds import bounds_of, in_words
from activelearning.services.pool_frame_vectors import FrameVectors, vectors_of_frames
from activelearning.services.round_embedder import Eye
from activelearning.services.test_ground import Ground
from curation.core.frame_table import FrameTable
from curation.core.query.masks import mask_of
from curation.core.types import BoolArray, IntArray
from curation.models import Frame
from curation.services.fields import searchable_fields
from curation.services.filtering import parse_query
from curation.services.frame_rows import read_ids
from curation.services.frame_table import current, resolve
from curation.services.holding import Reach
from curation.services.jobs import Progress
from curation.services.sampling_guard import refuse_held_query
from curation.services.sampling_identity import are_pictures


@dataclass(frozen=True)
class PoolFrames:
    """frame_ids (N,) rise, rows (N,) are theirs in the table; `vectors` is theirs where the strategy needs them.

    left_out counts the others that matched by why they may not be had; drawn_from what was left before a part of it
    was drawn."""

    frame_ids: IntArray
    rows: IntArray
    table: FrameTable
    matching: int
    left_out: Mapping[str, int]
    drawn_from: int
    vectors: FrameVectors | None
    notes: tuple[str, ...]

    def only(self, kept: BoolArray) -> "PoolFrames":
        """Leave all but (N,) some frames out."""
        vectors = self.vectors.only(kept) if self.vectors else None
        return replace(self, frame_ids=self.frame_ids[kept], rows=self.rows[kept], vectors=vectors)


def frames_of_pool(
    round: Round, strategy: Strategy, *, ground: Ground, eye: Eye | None, reach: Reach
) -> Generator[Progress, None, PoolFrames]:
    """Find the frames of a pool; with an eye, those of the pool and of the test get the vectors that they lack first,
    so that look-alikes of the test are known.

    Raises QueryError, and HoldoutError for a pool that asks for frames that are held out."""
    fields = searchable_fields()
    query = parse_query(strategy.pool or "*:*", fields=fields)
    refuse_held_query(query)
    yield Progress(0, 0, "looking for footage that nobody labelled")
    table = current(fields=fields)
    matching = table.ids[mask_of(query, table, resolve=resolve)]
    bounds = bounds_of(matching, ground=ground, round=round, reach=None, table=table)
    free = np.setdiff1d(bounds.frame_ids[~bounds.is_out], _added(round), assume_unique=True)
    ids = free[_drawn(table, free, most=strategy.pool_most, seed=round.seed)]
    vectors = None
    if eye is not None and len(ids):
        tested = table.ids[table.among(ground.frame_ids) & ~table.frames["held_out"].to_numpy()]
        yield from vectors_of_frames(tested, eye=eye)
        vectors = yield from vectors_of_frames(ids, eye=eye)
    yield Progress(0, 0, "leaving out what looks like the test")
    alike, uncompared = ground.alike(ids, reach=reach)
    held = np.intersect1d(ids, read_ids(Frame.objects.filter(held_out=True).order_by(), "id"))
    kept = ~np.isin(ids, alike) & ~np.isin(ids, held)
    left_out = dict(bounds.counts())
    left_out |= {"held_out": left_out.get("held_out", 0) + len(held)} if len(held) else {}
    left_out |= {"like_test": int(np.count_nonzero(np.isin(ids, alike) & ~np.isin(ids, held)))} if len(alike) else {}
    notes = [_found(len(matching), int(kept.sum()), left_out)]
    if len(ids) < len(free):
        notes.append(
            f"of {len(free):,} frames {len(ids):,} were looked through, from all cameras and times alike: say in the "
            "strategy's `pool` which matter."
        )
    if uncompared:
        notes.append(f"{uncompared:,} frames have neither vector nor hash, so nobody knows whether the test has them.")
    ids = ids[kept]
    return PoolFrames(
        frame_ids=ids,
        rows=np.searchsorted(table.ids, ids),
        table=table,
        matching=len(matching),
        left_out=left_out,
        drawn_from=len(free),
        vectors=None if vectors is None else vectors.only(kept),
        notes=tuple(notes),
    )


def _added(round: Round) -> IntArray:
    """Return the frames that people put into the round: they come anyway."""
    mine = Candidate.objects.filter(round=round, arm=Candidate.Arm.PERSON, is_dropped=False).order_by()
    return np.unique(read_ids(mine, "frame_id"))


def _drawn(table: FrameTable, ids: IntArray, *, most: int, seed: int) -> BoolArray:
    rows, frames = np.searchsorted(table.ids, ids), table.frames
    return even_draw(
        frames["camera_id"].to_numpy()[rows],
        frames["video_id"].to_numpy()[rows],
        frames["pts_us"].to_numpy()[rows],
        are_pictures(table)[rows],
        most=most,
        seed=abs(seed),
    )


def _found(matching: int, kept: int, left_out: Mapping[str, int]) -> str:
    if not matching:
        return "no frame matches the strategy's pool."
    said = f"{matching:,} frames match the strategy's pool"
    if left_out:
        said += f"; left out were {in_words(left_out)}"
    return f"{said}; {kept:,} were looked through." if kept else f"{said}; none is left to look through."
