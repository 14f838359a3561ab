"""When a batch is over."""

from django.db import transaction
from django.utils import timezone

from activelearning.models import LabelBatch, LabelTask

OPEN = (LabelTask.State.WAITING, LabelTask.State.SENT)
CLOSED_EARLY = "the batch was closed before it was labelled"


def is_finished(batch: LabelBatch) -> bool:
    """Tell whether no frame of a batch waits, and none is with the annotators."""
    return not batch.tasks.filter(state__in=OPEN).exists()


@transaction.atomic
def close_batch(*, batch: LabelBatch) -> LabelBatch:
    """Close a batch. Its frames that nobody labelled are taken out, free for another batch; labels that come later
    still count. Closing it again changes nothing."""
    locked = LabelBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if locked.state == LabelBatch.State.CLOSED:
        return locked
    now = timezone.now()
    tasks = list(locked.tasks.select_for_update(of=("self",)).filter(state__in=OPEN).order_by("pk"))
    LabelTask.objects.filter(pk__in=[task.pk for task in tasks]).update(
        state=LabelTask.State.DROPPED, note=CLOSED_EARLY, changed_at=now
    )
    locked.state, locked.closed_at = LabelBatch.State.CLOSED, now
    locked.save(update_fields=["state", "closed_at"])
    batch.state, batch.closed_at = locked.state, now
    return locked
