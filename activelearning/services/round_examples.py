"""What the tested model's boxes in the test teach of its mistakes, for samplers that learn."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from activelearning.core.pool import NO_VECTORS, Examples, Seeds, Vectors
from activelearning.models import Round, Seed
from activelearning.services.box_vectors import vectors_of_boxes
from activelearning.services.round_embedder import Eye
from activelearning.services.round_seeds import seed_of
from curation.core.types import IntArray
from curation.models import Frame
from curation.services.jobs import Progress
from evaluation.core.lessons import NAMES
from evaluation.services.scenario_errors import ScenarioErrors, scenario_errors

_Places: TypeAlias = Mapping[tuple[str, str, int, tuple[float, ...]], int]
MOST = 1_000
"""Of each kind, of each scenario: what a scenario teaches hardly changes beyond that."""


def examples_of(round: Round, seeds: Seeds, *, eye: Eye) -> Generator[Progress, None, Examples]:
    """Gather examples of a round's scenarios, as many of each kind as teach anything, drawn by the round's seed.

    Boxes of frames that a hold-out took since teach nothing. Raises what working out the errors again raises."""
    found = yield from scenario_errors(round.test_run, round.scenarios, with_lessons=True)
    places = _places_of(round, seeds)
    drawn = [(one, _drawn(round, one)) for one in found]
    drawn = [(one, rows) for one, rows in drawn if len(rows)]
    if not drawn:
        return Examples.none()
    columns = [_columns(one, rows, places) for one, rows in drawn]
    frame_ids = np.concatenate([column["frame_ids"] for column in columns])
    xyxy = np.concatenate([column["xyxy"] for column in columns])
    version = round.test_run.version
    source = f"examples {version.manifest_sha256 if version else ''} {round.test_run.model_id}"
    seen = yield from vectors_of_boxes(frame_ids, xyxy, source=source, embedder=eye.loaded)
    vectors: Vectors = seen.vectors if len(seen.vectors) else NO_VECTORS
    return Examples(
        scenario=[one.scenario for one, rows in drawn for _ in rows],
        kind=[name for column in columns for name in column["kind"]],
        label=[name for column in columns for name in column["label"]],
        score=np.concatenate([column["score"] for column in columns]),
        xyxy=xyxy,
        seed=np.concatenate([column["seed"] for column in columns]),
        vectors=vectors,
    )


def _drawn(round: Round, one: ScenarioErrors) -> IntArray:
    """Return places among a scenario's lessons: all of each kind, or as many by chance; by rising place."""
    assert one.lessons is not None
    lessons = one.lessons
    frame_ids = one.boxes_of(lessons.row)[0]
    held = Frame.objects.filter(pk__in=np.unique(frame_ids).tolist(), held_out=True).values_list("pk", flat=True)
    is_free = ~np.isin(frame_ids, np.fromiter(held, np.int64))
    chance = np.random.default_rng(seed_of(round.seed, one.scenario, "examples"))
    drawn = [chance.permutation(np.flatnonzero(is_free & (lessons.kind == kind)))[:MOST] for kind in NAMES]
    return np.sort(np.concatenate(drawn))


def _columns(one: ScenarioErrors, drawn: IntArray, places: _Places) -> dict[str, Any]:
    assert one.lessons is not None
    lessons = one.lessons
    frame_ids, labels, score, xyxy = one.boxes_of(lessons.row[drawn])
    kinds = [NAMES[int(kind)] for kind in lessons.kind[drawn]]
    on = one.truths_of(lessons.on[drawn])
    at = [
        places.get((one.scenario, kind, frame, _key(corners)), -1)
        for kind, frame, corners in zip(
            kinds, frame_ids.tolist(), np.where(np.isnan(on), xyxy, on).tolist(), strict=True
        )
    ]
    return {
        "frame_ids": frame_ids, "kind": kinds, "label": labels, "score": score, "xyxy": xyxy,
        "seed": np.array(at, np.int64),
    }  # fmt: skip


def _places_of(round: Round, seeds: Seeds) -> _Places:
    """Return the rows of a round's seeds, by what they are and where."""
    row_of = {pk: row for row, pk in enumerate(seeds.ids.tolist())}
    columns = ("scenario", "kind", "frame_id", "x1", "y1", "x2", "y2", "id")
    return {
        (scenario, kind, frame, _key(corners)): row_of[pk]
        for scenario, kind, frame, *corners, pk in Seed.objects.filter(round=round).values_list(*columns)
        if pk in row_of
    }


def _key(corners: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(np.round(value, 2)) for value in corners)
