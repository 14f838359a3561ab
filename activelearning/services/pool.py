"""The pool of a round, whole: frames that may be chosen, what models see in them, seeds, and all their vectors."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from activelearning.core.pool import NO_VECTORS, Boxes, Pool, Seeds, Vectors
from activelearning.core.strategy import Strategy
from activelearning.models import Round
from activelearning.services.pool_boxes import seen_in, with_vectors
from activelearning.services.pool_frames import PoolFrames, frames_of_pool
from activelearning.services.readable_frames import seen_first
from activelearning.services.round_embedder import Eye, eye_of
from activelearning.services.round_examples import examples_of
from activelearning.services.round_vectors import compared, known_vectors, seeds_of
from activelearning.services.test_ground import COPY, Ground
from curation.core.operating.coding import Codes
from curation.core.query import Fields
from curation.services.fields import searchable_fields
from curation.services.holding import Reach
from curation.services.in_force import current_spec
from curation.services.jobs import Progress
from curation.services.sampling_candidates import TableCandidates
from curation.services.sampling_identity import are_pictures
from evaluation.models import ModelVersion
from evaluation.services.frame_predictions import LEAST_SCORE, Piece, predictions_of
from evaluation.services.model_registry import find_model
from evaluation.services.predicting import NoPredictions

TESTED = "the tested model"


@dataclass
class Gathered:
    """A pool with its seeds; labelled are the vectors of frames that have labels, or soon will. `notes` say what a
    reader must know, `figures` how much there was, `seconds` how long each part took."""

    pool: Pool
    seeds: Seeds
    labelled: Vectors = field(default_factory=lambda: NO_VECTORS)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def pool_of(
    round: Round, strategy: Strategy, *, ground: Ground, reach: Reach | None = None
) -> Generator[Progress, None, Gathered]:
    """Gather all that a strategy needs to know of the frames that a round may choose from.

    Predictions, and vectors of boxes and frames, are made where they are not there yet, and kept: whoever comes again,
    after a break or for the next round, goes on from there. Raises what predicting and loading an embedder raise."""
    watch = _Watch()
    needs = strategy.needs
    eye = eye_of(strategy.embedder) if needs & {"frame_vectors", "box_vectors"} else None
    with_frames = "frame_vectors" in needs
    frames = yield from frames_of_pool(
        round, strategy, ground=ground, eye=eye if with_frames else None, reach=reach or COPY
    )
    watch.stop("frames")
    notes = [*frames.notes, *(eye.notes if eye else ())]
    if strategy.needs & {"boxes", "others", "box_vectors"} and len(frames.frame_ids):
        frames = yield from seen_first(round.test_run.model, frames, notes=notes)
    labels, boxes, others, unreadable = yield from _boxes(round, strategy, frames, eye, notes, watch)
    rows = yield from seeds_of(
        round, eye=eye, with_boxes="box_vectors" in needs and len(frames.frame_ids) > 0, with_frames=with_frames
    )
    seeds = rows.seeds
    if eye is not None and "examples" in needs and len(boxes):
        seeds = replace(seeds, examples=(yield from examples_of(round, seeds, eye=eye)))
        watch.stop("examples")
    if eye is not None and len(boxes.vectors) and len(seeds.box_vectors):
        boxes, seeds = compared(boxes, seeds, eye=eye)
    labelled, too_many = known_vectors(round, eye=eye) if eye is not None and with_frames else (NO_VECTORS, 0)
    watch.stop("seeds")
    if unreadable + rows.unreadable:
        notes.append(
            f"the pictures of {unreadable + rows.unreadable} frames cannot be read: their boxes were not seen."
        )
    if frames.vectors is not None and frames.vectors.lacking:
        notes.append(f"{frames.vectors.lacking:,} frames have no vector, so likeness says nothing of them.")
    if too_many:
        notes.append(f"only the newest labelled frames were compared with: {too_many:,} older ones were not.")
    at = frames.table.frames
    pool = Pool(
        frame_ids=frames.frame_ids,
        video=at["video_id"].to_numpy()[frames.rows],
        camera=at["camera_id"].to_numpy()[frames.rows],
        pts_us=at["pts_us"].to_numpy()[frames.rows],
        is_picture=are_pictures(frames.table)[frames.rows],
        labels=labels,
        boxes=boxes,
        others=others,
        vectors=NO_VECTORS if frames.vectors is None else frames.vectors.vectors,
        tags=_tags(strategy, frames),
    )
    figures = {
        "matching": frames.matching,
        "left_out": dict(frames.left_out),
        "pool": len(pool),
        "boxes": len(boxes),
        "seeds": len(seeds),
        "embedder": eye.loaded.name if eye else "",
    }
    return Gathered(pool, seeds, labelled, notes, figures, watch.seconds)


def _boxes(
    round: Round, strategy: Strategy, frames: PoolFrames, eye: Eye | None, notes: list[str], watch: "_Watch"
) -> Generator[Progress, None, tuple[tuple[str, ...], Boxes, Mapping[str, Boxes], int]]:
    if not (strategy.needs & {"boxes", "others", "box_vectors"}) or not len(frames.frame_ids):
        return (), Boxes.none(), {}, 0
    model = round.test_run.model
    pieces: dict[str, Sequence[Piece]] = {TESTED: (yield from predictions_of(model, frames.frame_ids))}
    for name, other in _others(strategy, model).items():
        try:
            pieces[name] = yield from predictions_of(other, frames.frame_ids)
        except NoPredictions as error:
            notes.append(f"{other} is not compared with. {error}")
    seen = seen_in(pieces, frames.frame_ids, least_score=_least_score(strategy))
    watch.stop("predictions")
    boxes, unreadable = seen.boxes[TESTED], 0
    if eye is not None and "box_vectors" in strategy.needs:
        boxes, lost = yield from with_vectors(boxes, pieces[TESTED], frames.frame_ids, embedder=eye.loaded)
        unreadable = len(lost)
        watch.stop("box vectors")
    return seen.labels, boxes, {name: seen.boxes[name] for name in pieces if name != TESTED}, unreadable


def _least_score(strategy: Strategy) -> float:
    """Return the score from which boxes matter to any sampler."""
    return min([LEAST_SCORE, *(float(sampler.floor) for sampler in strategy.mine if hasattr(sampler, "floor"))])


def _others(strategy: Strategy, model: ModelVersion) -> dict[str, ModelVersion]:
    """Find the models that samplers compare with; "" is the one that the tested one came from, if that is known."""
    found = {name: find_model(name) if name else model.parent for name in strategy.other_models}
    return {name: other for name, other in found.items() if other is not None}


def _tags(strategy: Strategy, frames: PoolFrames) -> dict[str, Codes]:
    names = list(current_spec().factors) if strategy.factors is None else list(strategy.factors)
    if not names:
        return {}
    fields: Fields = searchable_fields()
    candidates = TableCandidates(frames.table, frames.rows, np.zeros(len(frames.rows), np.uint64), fields)
    return {name: candidates.codes(name) for name in names}


class _Watch:
    """Measures how long parts take, one after the other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since_s = time.monotonic()

    def stop(self, part: str) -> None:
        now_s = time.monotonic()
        self.seconds[part] = round(self.seconds.get(part, 0.0) + now_s - self._since_s, 2)
        self._since_s = now_s
