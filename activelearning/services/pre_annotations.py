"""What annotators start from: the boxes that a batch's model finds in its frames, and tags that are known already."""

from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence

import numpy as np

from activelearning.backends.labelstudio.checking import prediction_faults
from activelearning.core.label_config import Names
from activelearning.core.label_format import FoundBox, PreAnnotation, pre_annotation, region_faults
from activelearning.models import LabelBatch, LabelProject, LabelTask
from curation.core.errors import WinnowError
from curation.core.types import IntArray
from curation.models import Frame
from curation.services.jobs import Progress
from evaluation.services.frame_predictions import Piece, boxes_of, predictions_of


class PreAnnotationError(WinnowError):
    """A pre-annotation came out so that Label Studio would show it wrongly."""


def predicted_for(batch: LabelBatch, frame_ids: Sequence[int]) -> Generator[Progress, None, list[Piece]]:
    """Find the predictions of a batch's model over frames, or make them here and now; none without a model.

    Raises NoPredictions for a model that has no weights here and lacks some, and what making predictions raises."""
    if batch.model is None or not frame_ids:
        return []
    ids = np.asarray(frame_ids, np.int64)
    return (yield from predictions_of(batch.model, ids, least_score=batch.least_score, user=batch.created_by))


def pre_annotations(
    batch: LabelBatch, project: LabelProject, tasks: Sequence[LabelTask], pieces: Sequence[Piece]
) -> dict[int, PreAnnotation]:
    """Make what is sent with each task, by the task's id: valid for the project's configuration.

    `tasks` have their frames. Raises PreAnnotationError where the result does not fit, which would be a fault here."""
    found = _boxes(batch, [task.frame_id for task in tasks], pieces)
    names = Names.of(project.names)
    made = {}
    for task in tasks:
        made[task.pk] = one = pre_annotation(
            found.get(task.frame_id, ()),
            size=(task.frame.width_px, task.frame.height_px),
            classes=batch.classes,
            names=names,
            model_version=batch.model.name if batch.model else "winnow",
            tags=_known_tags(batch, project, task.frame),
        )
        _check(one, task, batch, project, names)
    return made


def _check(made: PreAnnotation, task: LabelTask, batch: LabelBatch, project: LabelProject, names: Names) -> None:
    if made.prediction is None:
        return
    faults = region_faults(made.prediction, names=names, classes=batch.classes)
    if faults := faults or prediction_faults(made.prediction, config=project.config):
        raise PreAnnotationError(
            f"The pre-annotation of frame {task.frame_id} does not fit {project}: {'; '.join(faults)[:500]}. It was "
            "not sent."
        )


def _boxes(batch: LabelBatch, frame_ids: Sequence[int], pieces: Sequence[Piece]) -> Mapping[int, Sequence[FoundBox]]:
    found: dict[int, list[FoundBox]] = defaultdict(list)
    wanted: IntArray = np.asarray(frame_ids, np.int64)
    for piece in pieces:
        part = Piece(piece.run, np.intersect1d(piece.frame_ids, wanted))
        if not len(part.frame_ids):
            continue
        boxes = boxes_of(part, labels=batch.classes, least_score=batch.least_score)
        for place, label, (x, y, wide, high), score in zip(
            boxes.image.tolist(), boxes.label.tolist(), boxes.xywh.tolist(), boxes.score.tolist(), strict=True
        ):
            box = (x, y, x + wide, y + high)
            found[int(part.frame_ids[place])].append(FoundBox(batch.classes[label], score, box))
    return found


def _known_tags(batch: LabelBatch, project: LabelProject, frame: Frame) -> dict[str, str]:
    tags = {}
    for factor in batch.factors:
        value = frame.tags.get(factor)
        said = str(value).lower() if isinstance(value, bool) else value
        if said in project.factors.get(factor, ()):
            tags[factor] = said
    return tags
