"""The renderer's truth in the place of people: it answers batches that go to a truth that is known already."""

from collections.abc import Iterator

from activelearning.core.given_answer import GivenAnswer, GivenBox
from activelearning.models import LabelBatch, LabelTask
from demo.frame_truth import truth_of_frame

NAME = "demo"
"""In settings.WINNOW_TRUTHS; each label that comes of it says so."""


def answers(batch: LabelBatch) -> Iterator[tuple[int, GivenAnswer]]:
    """Answer every task of a batch that is open: (task's id, answer). Footage that was not rendered is skipped."""
    tasks = LabelTask.objects.filter(batch=batch, state__in=(LabelTask.State.WAITING, LabelTask.State.SENT))
    for task in tasks.select_related("frame__video__camera").order_by("id"):
        said = truth_of_frame(task.frame, labels=batch.classes)
        if said is None:
            yield task.pk, GivenAnswer(annotator=NAME, is_skip=True)
            continue
        boxes = tuple(GivenBox(label, box) for label, box in said.boxes)
        tags = {factor: said.tags[factor] for factor in batch.factors if factor in said.tags}
        yield task.pk, GivenAnswer(annotator=NAME, boxes=boxes, tags=tags)
