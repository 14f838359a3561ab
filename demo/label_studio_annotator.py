"""A stand-in for the people at a real Label Studio: it answers a batch's tasks with what the renderer knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activelearning.core.label_config import Names
from activelearning.core.label_format import FoundBox, pre_annotation
from activelearning.models import LabelBatch, LabelProject, LabelTask
from activelearning.services.connections import server_of
from demo.frame_truth import FrameSaid, truth_of_frame

SECONDS = 12.0
"""What it says that a task took: it does not look at pictures, so this is no measurement."""


@dataclass(frozen=True)
class Annotated:
    """How many tasks were answered, and how many skipped because nobody rendered their footage."""

    answered: int
    skipped: int


def answer_tasks(batch: LabelBatch) -> Annotated:
    """Submit an annotation for each task of a batch that is with the annotators. Raises LabelStudioError.

    They lie on the server afterwards like anybody's; what comes of them here, a pull says."""
    project = batch.project
    if project is None:
        raise ValueError(f"{batch} went to no Label Studio project.")
    tasks = LabelTask.objects.filter(batch=batch, state=LabelTask.State.SENT, number__isnull=False)
    answered = skipped = 0
    with server_of(project.connection) as server, server.calls() as sdk:
        for task in tasks.select_related("frame__video__camera").order_by("id"):
            said = truth_of_frame(task.frame, labels=batch.classes)
            if said is None:
                sdk.annotations.create(id=task.number, result=[], was_cancelled=True)
                skipped += 1
                continue
            size = (task.frame.width_px, task.frame.height_px)
            result = _regions(said, size=size, project=project, factors=batch.factors)
            sdk.annotations.create(id=task.number, result=result, lead_time=SECONDS)
            answered += 1
    return Annotated(answered, skipped)


def _regions(
    said: FrameSaid, *, size: tuple[int, int], project: LabelProject, factors: Sequence[str]
) -> list[Mapping[str, Any]]:
    """Draw the boxes and choose the tags, as the project's configuration names them."""
    tags = {name: _word(said.tags[name]) for name in factors if name in said.tags and name in project.factors}
    drawn = pre_annotation(
        [FoundBox(label, 1.0, box) for label, box in said.boxes],
        size=size,
        classes=project.classes,
        names=Names.of(project.names),
        model_version="",
        tags=tags,
    )
    regions = drawn.prediction["result"] if drawn.prediction else []
    return [{key: value for key, value in region.items() if key != "score"} for region in regions]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
