"""Pre-annotations of a batch that goes out as files: made once, when it is first exported."""

from collections.abc import Generator, Sequence

from django.utils import timezone

from activelearning.core.label_config import Names, make_config
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.pre_annotations import pre_annotations, predicted_for
from curation.services.jobs import Progress

CHUNK = 500


def pre_annotate(batch: LabelBatch, tasks: Sequence[LabelTask]) -> Generator[Progress, None, int]:
    """Give tasks that have none the boxes of the batch's model; returns how many got some. Without a model none does.

    The tasks come with their frames, and are changed in place. Raises NoPredictions for a model without weights."""
    bare = [task for task in tasks if task.predicted_by_id is None]
    if batch.model is None or not bare:
        return 0
    # As a project would ask for it, so that boxes are cut and checked alike.
    config = make_config(batch.classes)
    as_if = LabelProject(title="files", config=config, classes=batch.classes, names=Names().to_dict())
    pieces = yield from predicted_for(batch, [task.frame_id for task in bare])
    for start in range(0, len(bare), CHUNK):
        part = bare[start : start + CHUNK]
        made = pre_annotations(batch, as_if, part, pieces)
        for task in part:
            task.predicted, task.predicted_by = made[task.pk].to_rows(), batch.model
            task.changed_at = timezone.now()
        LabelTask.objects.bulk_update(part, ["predicted", "predicted_by", "changed_at"])
        yield Progress(start + len(part), len(bare), "pre-annotating")
    return len(bare)
