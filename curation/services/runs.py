"""Asking for runs, and changing one's mind. Rows are the truth; whoever calls rings the bell afterwards."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from curation.core.chunks import cut_at_keyframes, cut_evenly
from curation.core.errors import RunError
from curation.core.spec import CascadeSpec, override, parse
from curation.core.stages.contract import EVER
from curation.core.types import Span
from curation.models import Cascade, Chunk, Detection, Interval, Keep, Run, Video

OPEN_CHUNKS = (Chunk.State.PENDING, Chunk.State.CLAIMED)


@transaction.atomic
def request_run(*, video: Video, cascade: Cascade, overrides: Sequence[str] = ()) -> tuple[Run, bool]:
    """Ask for a cascade over a video; returns the run and whether it is new.

    The same spec over the same video is the same run: it is found again, and taken up again if it had stopped.
    Raises SpecError, and RunError for a folder of pictures."""
    if video.kind == Video.Kind.PICTURES:
        raise RunError(
            f"{video.name} is a folder of pictures that were imported, not footage: there is nothing to run a cascade "
            "over. Its frames are there already."
        )
    spec = parse(override(cascade.spec, overrides))
    run, is_new = Run.objects.get_or_create(
        video=video,
        spec_sha256=spec.sha256(),
        defaults={
            "cascade": cascade,
            "spec": spec.to_dict(),
            "code_version": settings.WINNOW_VERSION,
            "chunk_s": float(settings.WINNOW_CHUNK_S),
        },
    )
    if is_new:
        plan_stage(run=run, spec=spec, stage_index=0)
    elif run.status in (Run.Status.FAILED, Run.Status.CANCELLED):
        run = resume_run(run=run)
    return run, is_new


def plan_stage(*, run: Run, spec: CascadeSpec, stage_index: int) -> list[Chunk]:
    """Write the chunks of a filter stage."""
    stage = list(spec.filters.values())[stage_index]
    duration_us = round(run.video.duration_s * 1e6)
    if stage.cut_s is None:
        keyframes = np.frombuffer(bytes(run.video.keyframes), "<i8")
        cuts = cut_at_keyframes(duration_us, keyframes, longest_us=round(run.chunk_s * 1e6))
    else:
        cuts = cut_evenly(duration_us, length_us=round(stage.cut_s * 1e6))
    return Chunk.objects.bulk_create(
        Chunk(
            run=run,
            stage_index=stage_index,
            index=index,
            start_us=cut.start_us,
            end_us=None if index == len(cuts) - 1 else cut.end_us,
        )
        for index, cut in enumerate(cuts)
    )


@transaction.atomic
def cancel_run(*, run: Run) -> Run:
    """Stop a run; what it has done so far is kept, and `resume_run` goes on from there. Raises RunError."""
    run = Run.objects.select_for_update().get(pk=run.pk)
    if not run.is_open:
        raise RunError(f"Run {run.pk} is {run.status}; only a queued or running one can be cancelled.")
    run.chunks.filter(state__in=OPEN_CHUNKS).update(state=Chunk.State.CANCELLED)
    run.status, run.finished_at = Run.Status.CANCELLED, timezone.now()
    run.save(update_fields=["status", "finished_at"])
    return run


@transaction.atomic
def resume_run(*, run: Run) -> Run:
    """Take a cancelled or failed run up where it stopped. Raises RunError."""
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.status not in (Run.Status.CANCELLED, Run.Status.FAILED):
        raise RunError(f"Run {run.pk} is {run.status}; only a cancelled or failed one can be resumed.")
    stopped = (Chunk.State.CANCELLED, Chunk.State.QUARANTINED, *OPEN_CHUNKS)
    # The attempt goes on counting: it fences off a worker that still does the old one.
    run.chunks.filter(state__in=stopped).update(
        state=Chunk.State.PENDING, lease_until=None, failures=0, error="", done_us=0
    )
    run.status, run.error, run.finished_at = Run.Status.QUEUED, "", None
    run.save(update_fields=["status", "error", "finished_at"])
    return run


@transaction.atomic
def rerun(*, run: Run) -> Run:
    """Do a run again from the start; only its own rows are replaced. Raises RunError.

    Frames stay until the new run is done, so one that is kept again keeps its id."""
    run = Run.objects.select_for_update().select_related("video").get(pk=run.pk)
    if run.is_open:
        raise RunError(f"Run {run.pk} is {run.status}; cancel it first.")
    for rows in (Chunk, Interval, Keep, Detection):
        rows.objects.filter(run=run).delete()
    run.status, run.error, run.stage_index, run.stages, run.frames_kept = Run.Status.QUEUED, "", 0, [], 0
    run.started_at = run.finished_at = None
    run.weights, run.code_version = {}, settings.WINNOW_VERSION
    run.save()
    plan_stage(run=run, spec=parse(run.spec), stage_index=0)
    return run


def due_chunks(*, now_slack: timedelta = timedelta(0)) -> list[int]:
    """List the chunks that somebody should work on: pending and due, or claimed by a worker that went silent."""
    now = timezone.now() + now_slack
    due = Chunk.objects.filter(state__in=OPEN_CHUNKS, run__status__in=(Run.Status.QUEUED, Run.Status.RUNNING))
    late = due.filter(lease_until__lte=now) | due.filter(state=Chunk.State.PENDING, lease_until=None)
    return list(late.order_by("run_id", "stage_index", "index").values_list("id", flat=True)[:10_000])


def span_of(chunk: Chunk) -> Span:
    """Return a chunk's stretch; the last one is open to the right, since headers lie about where a video ends."""
    return Span(chunk.start_us, chunk.end_us if chunk.end_us is not None else EVER.end_us)
