"""Seeds of a round as samplers see them, and the vectors of what is labelled or asked for already."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from activelearning.core.box_vectors import about, mean_of
from activelearning.core.pool import NO_VECTORS, Boxes, Seeds, Vectors
from activelearning.models import Candidate, LabelTask, Round, Seed
from activelearning.services.box_vectors import vectors_of_boxes
from activelearning.services.out_of_bounds import OPEN_TASKS, OVER
from activelearning.services.pool_frame_vectors import vectors_of_frames
from activelearning.services.round_embedder import Eye
from curation.core.types import BoolArray
from curation.models import Frame
from curation.services.frame_rows import read_ids
from curation.services.jobs import Progress
from curation.services.vectors import frame_vectors

MOST_LABELLED = 50_000
FEW = 100
"""Below so many boxes their mean says little, and the stored mean of the embedder's vectors is taken."""


@dataclass(frozen=True)
class SeedRows:
    """Seeds of a round, vectors as the embedder gives them; `unreadable` counts pictures that cannot be read."""

    seeds: Seeds
    unreadable: int = 0


def seeds_of(
    round: Round, *, eye: Eye | None, with_boxes: bool, with_frames: bool
) -> Generator[Progress, None, SeedRows]:  # fmt: skip
    """Read a round's seeds, with the vectors that are asked for. Frames that are held out by now are none."""
    rows = list(Seed.objects.filter(round=round, frame__held_out=False, x1__isnull=False).order_by("id"))
    if not rows:
        return SeedRows(Seeds.none())
    frame_ids = np.array([row.frame_id for row in rows], np.int64)
    boxes: Vectors = NO_VECTORS
    frames: Vectors = NO_VECTORS
    unreadable = 0
    if eye is not None and with_boxes:
        xyxy = np.array([(row.x1, row.y1, row.x2, row.y2) for row in rows], np.float64)
        version = round.test_run.version
        source = f"seeds {version.manifest_sha256 if version else ''}"
        found = yield from vectors_of_boxes(frame_ids, xyxy, source=source, embedder=eye.loaded)
        boxes, unreadable = found.vectors, len(found.unreadable)
    if eye is not None and with_frames:
        wanted, of = np.unique(frame_ids, return_inverse=True)
        frames = (yield from vectors_of_frames(wanted, eye=eye)).vectors[of]
    return SeedRows(
        Seeds(
            ids=np.array([row.pk for row in rows], np.int64),
            kind=tuple(row.kind for row in rows),
            scenario=tuple(row.scenario for row in rows),
            label=tuple(row.label for row in rows),
            box_vectors=boxes,
            frame_vectors=frames,
        ),
        unreadable,
    )


def compared(boxes: Boxes, seeds: Seeds, *, eye: Eye) -> tuple[Boxes, Seeds]:
    """Make vectors of boxes comparable: about their common mean, where the embedder asks for that.

    The mean is that of the pool's boxes; of few boxes, the one that is stored with the embedder, if there is one."""
    if not eye.loaded.centred or not len(seeds):
        return boxes, seeds
    known = int(np.count_nonzero(_there(boxes.vectors)))
    if known >= FEW:
        mean = mean_of(boxes.vectors)
    elif eye.row.mean is not None:
        mean = np.asarray(eye.row.mean, np.float32)
    else:
        return boxes, seeds
    examples = seeds.examples
    if len(examples.vectors):
        examples = replace(examples, vectors=about(examples.vectors, mean))
    seeds = replace(seeds, box_vectors=about(seeds.box_vectors, mean), examples=examples)
    return replace(boxes, vectors=about(boxes.vectors, mean)), seeds


def known_vectors(round: Round, *, eye: Eye) -> tuple[Vectors, int]:
    """Return the vectors (L, D) of frames that are labelled, with annotators, or candidates of other open rounds; and
    how many were left out because there are too many. Held out frames are not looked at."""
    asked = LabelTask.objects.filter(state__in=OPEN_TASKS).order_by()
    others = Candidate.objects.filter(is_dropped=False).exclude(round__state__in=OVER).exclude(round=round).order_by()
    parts = [
        read_ids(Frame.objects.filter(annotated_at__isnull=False, held_out=False).order_by(), "id"),
        read_ids(asked.filter(frame__held_out=False), "frame_id"),
        read_ids(others.filter(frame__held_out=False), "frame_id"),
    ]
    ids = np.unique(np.concatenate(parts))
    some = ids[-MOST_LABELLED:]
    if not len(some):
        return NO_VECTORS, 0
    vectors, has = frame_vectors(some, embedder=eye.row)
    return vectors[has], len(ids) - len(some)


def _there(vectors: Vectors) -> BoolArray:
    return np.asarray(vectors.any(axis=1))
