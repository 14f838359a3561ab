"""What a strategy would have labelled: the product's samplers and planning over arrays of the demo world."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from activelearning.core.box_vectors import about, mean_of
from activelearning.core.planning import choose
from activelearning.core.pool import Boxes, Examples, Pool, Seeds, Vectors
from activelearning.core.shipped import shipped
from bench._loop_exam import SCENARIO, SCORE, evidence_of, scenario_part
from bench._loop_world import LABELS, Footage
from curation.backends.embed import crop_boxes, load_embedder
from curation.core.operating.coding import Codes
from curation.core.types import Box, IntArray
from evaluation.core.error_kinds import errors_of
from evaluation.core.lessons import NAMES, corners, lessons_of
from evaluation.core.mistakes import mistakes_of

EMBEDDER = "descriptor"
Seen = Sequence[Sequence[Box]]


@dataclass(frozen=True)
class Ground:
    """All that choosing needs, worked out once."""

    pool: Pool
    seeds: Seeds


def ground(pool: Footage, seen: Seen, other: Seen, test: Footage, test_seen: Seen) -> Ground:
    """Gather the pool with boxes and vectors, and the seeds: what the tested detector got wrong in the scenario.

    `other` is what another detector sees in the pool, for disagreement."""
    embedder = load_embedder(EMBEDDER)
    frame_raw = embedder.embed_pictures(list(pool.pictures))
    box_raw = _crops(pool, seen)
    part = scenario_part(evidence_of(test, test_seen), test.fallen)
    errors = errors_of(part, iou=0.5, score=SCORE)
    mistakes = mistakes_of(part, errors)
    lessons = lessons_of(part, errors)
    found = part.evidence.found
    taught = corners(found.xywh[lessons.row])
    rows = [mistake.image for mistake in mistakes]
    seed_raw = embedder.embed_pictures(
        [crop_boxes(test.pictures[m.image], [Box(m.label, 0.0, *m.xyxy)])[0] for m in mistakes]
    )
    taught_raw = embedder.embed_pictures(
        [
            crop_boxes(test.pictures[image], [Box("", 0.0, *box)])[0]
            for image, box in zip(found.image[lessons.row], taught.tolist(), strict=True)
        ]
    )
    frame_mean, box_mean = mean_of(frame_raw), mean_of(box_raw)
    seeds = Seeds(
        ids=np.arange(len(mistakes)),
        kind=[m.kind for m in mistakes],
        scenario=[SCENARIO] * len(mistakes),
        label=[m.label for m in mistakes],
        box_vectors=about(seed_raw, box_mean),
        frame_vectors=about(embedder.embed_pictures([test.pictures[row] for row in rows]), frame_mean),
        examples=Examples(
            scenario=[SCENARIO] * len(taught),
            kind=[NAMES[kind] for kind in lessons.kind.tolist()],
            label=[LABELS[label] for label in found.label[lessons.row]],
            score=found.score[lessons.row],
            xyxy=taught,
            seed=np.full(len(taught), -1),
            vectors=about(taught_raw, box_mean),
        ),
    )
    boxes = _boxes(seen)
    return Ground(
        Pool(
            frame_ids=np.arange(len(pool)) + 1,
            video=pool.video,
            camera=pool.camera,
            pts_us=pool.pts_us,
            is_picture=np.zeros(len(pool), np.bool_),
            labels=LABELS,
            boxes=replace(boxes, vectors=about(box_raw, box_mean)),
            others={"": _boxes(other)},
            vectors=about(frame_raw, frame_mean),
            tags=_tags(pool),
        ),
        seeds,
    )


def picked(ground: Ground, strategy: str, *, budget: int, seed: int) -> IntArray:
    """Return the rows of the pool that a shipped strategy chooses, in its order; no part of them is a control."""
    choice = choose(ground.pool, ground.seeds, replace(shipped(strategy), control=0.0), budget=budget, seed=seed)
    return np.array([pick.row for pick in choice.picks], np.int64)


def _crops(footage: Footage, seen: Seen) -> Vectors:
    embedder = load_embedder(EMBEDDER)
    parts = [
        embedder.embed_pictures(crop_boxes(picture, boxes))
        for picture, boxes in zip(footage.pictures, seen, strict=True)
    ]
    return np.concatenate(parts)


def _boxes(seen: Seen) -> Boxes:
    flat = [(row, box) for row, boxes in enumerate(seen) for box in boxes]
    return Boxes(
        frame=np.array([row for row, _ in flat], np.int64),
        label=np.array([LABELS.index(box.label) for _, box in flat], np.int64),
        score=np.array([box.score for _, box in flat], float),
        xyxy=np.array([(box.x1, box.y1, box.x2, box.y2) for _, box in flat], float).reshape(-1, 4),
    )


def _tags(pool: Footage) -> dict[str, Codes]:
    """Say of each frame what a camera and a clock say: which camera, and which video, which has one condition."""
    columns = {"camera": pool.camera, "condition": pool.video}
    return {
        name: Codes(name, tuple(str(value) for value in range(int(column.max()) + 1)), column.astype(np.int16))
        for name, column in columns.items()
    }
