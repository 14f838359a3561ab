"""What a Label Studio project has of our tasks: found by key, twins deleted, so that each frame is one task there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from activelearning.backends.labelstudio import Server
from activelearning.backends.labelstudio.tasks import RemoteTask, delete_task, find_by_key, find_task
from activelearning.models import LabelTask


@dataclass
class Reconciled:
    """`numbers` are the tasks' ids there, by our task's id. `deleted` counts twins that are gone now; `doubled` names
    tasks of which two were answered there, so that none may be deleted."""

    numbers: dict[int, int] = field(default_factory=dict)
    deleted: int = 0
    doubled: list[int] = field(default_factory=list)


def reconcile(server: Server, project: int, tasks: Sequence[LabelTask]) -> Reconciled:
    """Look which of the tasks are in a project there, and leave one of each. Of twins the one with answers stays, else
    the one that is known here, else the oldest. One with answers is never deleted. Raises LabelStudioError."""
    found = find_by_key(server, project, [str(task.key) for task in tasks])
    made = Reconciled()
    for task in tasks:
        there = found.get(str(task.key), [])
        if not there:
            continue
        kept, *twins = sorted(there, key=lambda one: (one.answers == 0, one.number != task.number, one.number))
        made.numbers[task.pk] = kept.number
        for twin in twins:
            if _is_unanswered(server, twin):
                delete_task(server, twin.number)
                made.deleted += 1
            else:
                made.doubled.append(task.pk)
    return made


def _is_unanswered(server: Server, twin: RemoteTask) -> bool:
    """Look again just before: somebody may have answered since."""
    return twin.answers == 0 and find_task(server, twin.number).answers == 0
