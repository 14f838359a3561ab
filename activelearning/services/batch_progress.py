"""How far a batch is: what is labelled, how fast, what it costs, and how good its pre-annotations were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.db.models import Count
from django.utils import timezone

from activelearning.core.answer_changes import WORDS, ClassQuality, quality
from activelearning.models import Answer, LabelBatch, LabelTask

LONGEST_LEAD_S = 3600.0
"""A task that lay open for longer was not worked on all the while: a longer lead time counts as this."""
PAUSE_S = 1800.0
"""Between two answers that are further apart nobody worked."""
_State = LabelTask.State


@dataclass(frozen=True)
class BatchProgress:
    """Counts of tasks by state, the pace, the cost, and what became of the pre-annotations.

    labels_per_hour: labelled frames for each hour in which somebody answered, pauses of over half an hour left out;
    left_s: what is left at that pace, of work, and ends_at if it went on from now without a pause. cost_so_far and
    cost_expected are in the batch's currency. None where it cannot be known."""

    tasks: int
    waiting: int
    sent: int
    labelled: int
    skipped: int
    gone: int
    dropped: int
    share_done: float
    annotators: int
    answers: int
    lead_time_s: float | None
    """Median of an answer."""
    labels_per_hour: float | None
    left_s: float | None
    ends_at: datetime | None
    work_s: float
    """All lead times together."""
    cost_so_far: float | None
    cost_expected: float | None
    currency: str
    agreement: float | None
    """Mean over the frames that several annotators labelled."""
    compared: int
    """Frames of which there were pre-annotations."""
    changes: dict[str, int]
    classes: dict[str, ClassQuality]


def progress_of(batch: LabelBatch) -> BatchProgress:
    """Tell how far a batch is. Four queries, whatever its size."""
    counts = dict(batch.tasks.order_by().values_list("state").annotate(Count("id")))
    total, open_count = sum(counts.values()), counts.get(_State.WAITING, 0) + counts.get(_State.SENT, 0)
    asked = total - counts.get(_State.DROPPED, 0)
    answers = list(
        Answer.objects.filter(task__batch=batch, deleted_at=None)
        .order_by("id")
        .values_list("annotator", "lead_time_s", "created_there", "read_at")
    )
    leads = [min(lead, LONGEST_LEAD_S) for _, lead, *_ in answers if lead is not None]
    labelled = batch.tasks.filter(state=_State.LABELLED)
    told = list(labelled.filter(predicted_by__isnull=False).order_by("id").values_list("changes", flat=True))
    agreements = [value for value in labelled.values_list("agreement", flat=True) if value is not None]
    is_by_people = batch.via != batch.Via.TRUTH
    pace = _pace([created or read for *_, created, read in answers]) if is_by_people else None
    left_s = None if pace is None else open_count / pace * 3600
    rate, work_s = batch.cost_per_hour, sum(leads)
    typical = median(leads) if leads else None
    spent = None if rate is None or not leads else work_s / 3600 * rate
    more = None if spent is None or typical is None or rate is None else open_count * typical / 3600 * rate
    return BatchProgress(
        tasks=total,
        waiting=counts.get(_State.WAITING, 0),
        sent=counts.get(_State.SENT, 0),
        labelled=counts.get(_State.LABELLED, 0),
        skipped=counts.get(_State.SKIPPED, 0),
        gone=counts.get(_State.GONE, 0),
        dropped=counts.get(_State.DROPPED, 0),
        share_done=(asked - open_count) / asked if asked else 1.0,
        annotators=len({annotator for annotator, *_ in answers}),
        answers=len(answers),
        lead_time_s=typical,
        labels_per_hour=pace,
        left_s=left_s,
        ends_at=None if left_s is None else timezone.now() + timedelta(seconds=left_s),
        work_s=work_s,
        cost_so_far=spent,
        cost_expected=None if spent is None or more is None else spent + more,
        currency=batch.currency,
        agreement=sum(agreements) / len(agreements) if agreements else None,
        compared=len(told),
        changes={word: sum(one.get(word, 0) for one in told) for word in WORDS},
        classes=quality(told),
    )


def counts_of(batches: Sequence[LabelBatch]) -> dict[int, dict[str, int]]:
    """Count the tasks of batches by state, in one query."""
    found: dict[int, dict[str, int]] = {batch.pk: dict.fromkeys(_State.values, 0) for batch in batches}
    rows: Any = LabelTask.objects.filter(batch__in=batches).order_by().values_list("batch_id", "state")
    for batch_id, state, count in rows.annotate(Count("id")):
        found[batch_id][state] = count
    return found


def _pace(times: Sequence[datetime]) -> float | None:
    """Return answers an hour of work: between two that are further apart than a pause nobody worked."""
    ordered = sorted(times)
    gaps = [(after - before).total_seconds() for before, after in pairwise(ordered)]
    worked = [gap for gap in gaps if gap <= PAUSE_S]
    return len(worked) / sum(worked) * 3600 if sum(worked) > 0 else None
