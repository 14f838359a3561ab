"""Frames sent to people, and what they say waited for."""

from collections.abc import Generator, Mapping
from typing import Any

from django.db import transaction

from activelearning.models import LabelBatch, LabelProject, Round
from activelearning.services.batches import make_batch
from activelearning.services.child_jobs import done_in_between
from activelearning.services.closing import close_batch, is_finished
from activelearning.services.held_candidates import let_go_of_held
from activelearning.services.known_truth import answer_by_truth
from activelearning.services.pulling import request_pull
from activelearning.services.pushing import request_push
from activelearning.services.round_errors import RoundError
from activelearning.services.round_steps.moving import moved
from curation.models import Job
from curation.services.jobs import Progress

POLL_S = 30.0
BATCH_SETTINGS = ("classes", "factors", "merge", "least_score", "cost_per_hour", "currency")


def send(round: Round, by: Job) -> Generator[Progress, None, bool]:
    """Make the batch of a round's candidates; of Label Studio, push it too. Raises RoundError."""
    batch = batch_of(round)
    if batch is None:
        batch = _made(round)
    yield Progress(0, batch.tasks.count(), "sending", {})
    if batch.via == LabelBatch.Via.LABEL_STUDIO:
        yield from done_in_between(request_push(batch=batch))
    with moved(round, to=Round.State.LABELLING, said=f"{batch.tasks.count()} frames sent ({batch.get_via_display()})"):
        pass
    return True


def label(round: Round, by: Job) -> Generator[Progress, None, bool]:
    """Wait until everything is labelled, or skipped; with `early` go on with what there is."""
    batch = batch_of(round)
    if batch is None:
        raise RoundError("no_batch", f"The batch of round {round.pk} is gone. Abandon it, and start another.")
    while True:
        yield from _answers(batch)
        is_done = is_finished(batch)
        total, left = batch.tasks.count(), batch.tasks.filter(state__in=("waiting", "sent")).count()
        if is_done or by.params.get("early"):
            break
        if not by.params.get("wait", True):
            return False
        yield Progress(total - left, total, "waiting for annotators", {}, again_in_s=POLL_S)
    close_batch(batch=batch)
    labelled = batch.tasks.filter(state="labelled").count()
    if not labelled:
        raise RoundError(
            "nothing_labelled",
            f"None of the {total} frames of round {round.pk} was labelled, so there is nothing to learn from. "
            "Start another round from the same test run.",
        )
    with moved(round, to=Round.State.DATASET, said=f"{labelled} of {total} frames labelled"):
        pass
    return True


def batch_of(round: Round) -> LabelBatch | None:
    """Return the batch that a round's frames were sent in, None if they were not yet."""
    return round.batches.order_by("id").first()


def _answers(batch: LabelBatch) -> Generator[Progress, None, None]:
    if batch.via == LabelBatch.Via.LABEL_STUDIO:
        yield from done_in_between(request_pull(batch=batch))
    elif batch.via == LabelBatch.Via.TRUTH:
        yield Progress(0, batch.tasks.count(), "the known truth answers", {})
        answer_by_truth(batch=batch)


@transaction.atomic
def _made(round: Round) -> LabelBatch:
    let_go_of_held(round)
    said: Mapping[str, Any] = round.labelling
    chosen = round.candidates.filter(is_dropped=False).order_by("rank").values_list("frame_id", flat=True)
    more = {name: said[name] for name in BATCH_SETTINGS if name in said}
    return make_batch(
        name=f"round {round.pk}",
        frame_ids=list(chosen),
        via=round.via,
        round=round,
        project=LabelProject.objects.get(pk=said["project"]) if said.get("project") else None,
        model=round.test_run.model,
        user=round.created_by,
        **more,
    )
