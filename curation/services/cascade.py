"""The engine: a chunk is done, its stage is settled, the next one planned, until the run is done.

Everything that follows from a finished chunk happens in the transaction that records it, under a lock on the run. So a
worker killed at any moment leaves either all of it or nothing.
"""

from django.db import transaction
from django.utils import timezone

from curation.core import track_format
from curation.core.errors import RunError
from curation.core.keep import choose, with_peaks
from curation.core.spec import CascadeSpec, parse
from curation.core.stages import Stage
from curation.core.stages.contract import EVER
from curation.core.types import Interval as Stretch
from curation.core.types import Span, Track
from curation.models import Chunk, Interval, Run
from curation.models import Track as TrackRow
from curation.services import tracks
from curation.services.claims import Claim, Fenced
from curation.services.keeping import Kept, keep_frames, store_kept, tidy_frames
from curation.services.looking import Seen, before_stage, interval_spans, look_at
from curation.services.presence import class_times, spans_of
from curation.services.runs import plan_stage


def do_chunk(claimed: Claim) -> bool:
    """Do a claimed chunk and hand it in; returns whether there is new work to ring for. Raises Fenced, and what the
    media and the weights raise."""
    chunk = Chunk.objects.select_related("run__video__camera", "run__cascade").get(pk=claimed.chunk_id)
    spec = parse(chunk.run.spec)
    if chunk.stage_index < len(spec.filters):
        return hand_in_seen(claimed, look_at(chunk=chunk, spec=spec, report=claimed.beat), spec=spec)
    return hand_in_kept(claimed, keep_frames(chunk=chunk, spec=spec, report=claimed.beat), spec=spec)


@transaction.atomic
def hand_in_seen(claimed: Claim, seen: Seen, *, spec: CascadeSpec) -> bool:
    """Record a filter stage's chunk; the last one settles the stage."""
    run, chunk = _lock(claimed)
    _remember_weights(run, seen.weights)
    chunk.frames_in, chunk.cpu_s = seen.frames_in, seen.cpu_s
    chunk.decoded_frames, chunk.decode_errors = seen.decoded_frames, seen.decode_errors
    _close(chunk)
    TrackRow.objects.update_or_create(chunk=chunk, defaults={"arrays": track_format.encode(seen.track)})
    return _advance(run, spec)


@transaction.atomic
def hand_in_kept(claimed: Claim, kept: Kept, *, spec: CascadeSpec) -> bool:
    """Record the kept frames of a chunk; the last one ends the run."""
    run, chunk = _lock(claimed)
    _remember_weights(run, kept.weights)
    chunk.frames_in, chunk.frames_out, chunk.cpu_s = len(kept.frames), len(kept.frames), kept.cpu_s
    _close(chunk)
    store_kept(run=run, kept=kept)
    return _advance(run, spec)


def _lock(claimed: Claim) -> tuple[Run, Chunk]:
    chunk = claimed.rows().first()
    if chunk is None:
        raise Fenced(f"chunk {claimed.chunk_id}, attempt {claimed.attempt}")
    run = Run.objects.select_for_update(of=("self",)).select_related("video__camera").get(pk=chunk.run_id)
    # Again under the lock: a cancel may have come between.
    chunk = claimed.rows().select_for_update().first()
    if chunk is None or not run.is_open:
        raise Fenced(f"chunk {claimed.chunk_id}, attempt {claimed.attempt}")
    return run, chunk


def _close(chunk: Chunk) -> None:
    chunk.state, chunk.lease_until, chunk.error = Chunk.State.DONE, None, ""
    chunk.save()


def _remember_weights(run: Run, weights: dict[str, str]) -> None:
    for name, sha256 in weights.items():
        if run.weights.setdefault(name, sha256) != sha256:
            raise RunError(
                f"The weights of {name} changed while the run was under way. Rerun it with one set of weights."
            )


def _advance(run: Run, spec: CascadeSpec) -> bool:
    """Settle the stage at work if all its chunks are done; plan what comes next."""
    at_work = run.stage_index
    if run.chunks.filter(stage_index=at_work).exclude(state=Chunk.State.DONE).exists():
        run.save()
        return False
    names = list(spec.filters)
    if at_work < len(names):
        stretches, track = _settle(run, spec, at_work)
        _count_stage(run, spec, at_work, stretches, track)
        if at_work + 1 < len(names):
            plan_stage(run=run, spec=spec, stage_index=at_work + 1)
        else:
            _plan_keeping(run, spec, stretches, track)
        run.stage_index = at_work + 1
        if run.chunks.filter(stage_index=run.stage_index).exists():
            run.save()
            return True
    _finish(run, spec)
    return False


def _settle(run: Run, spec: CascadeSpec, stage_index: int) -> tuple[list[Stretch], Track]:
    name, stage = list(spec.filters.items())[stage_index]
    track = tracks.load(run=run, stage_index=stage_index)
    assert track is not None  # every chunk of the stage wrote one
    everything = Span(0, _end_us(run, track))
    before = before_stage(run=run, spec=spec, stage_index=stage_index, span=everything)
    stretches = with_peaks(stage.settle(track, before, end_us=everything.end_us), track)
    Interval.objects.filter(run=run, stage=name).delete()
    Interval.objects.bulk_create(
        Interval(
            run=run, stage=name, start_s=s.start_s, end_s=s.end_s, peak_s=s.peak_s, peak_score=s.peak_score
        )
        for s in stretches
    )  # fmt: skip
    return stretches, track


def _end_us(run: Run, track: Track) -> int:
    """Where the video ends: by its header, or later if frames came later."""
    last = int(track.pts_us[-1]) + 1 if len(track.pts_us) else 0
    return max(round(run.video.duration_s * 1e6), last, 1)


def _count_stage(run: Run, spec: CascadeSpec, stage_index: int, stretches: list[Stretch], track: Track) -> None:
    name, stage = list(spec.filters.items())[stage_index]
    chunks = list(run.chunks.filter(stage_index=stage_index))
    if stage.is_dense:
        run.video.decoded_frames = sum(chunk.decoded_frames for chunk in chunks)
        run.video.decode_errors = sum(chunk.decode_errors for chunk in chunks)
        run.video.save(update_fields=["decoded_frames", "decode_errors"])
    run.stages = [
        *(known for known in run.stages if known["name"] != name),
        {
            "name": name,
            "frames_in": sum(chunk.frames_in for chunk in chunks),
            "frames_out": _frames_out(spec, stage_index, stage, stretches, track),
            "cpu_s": round(sum(chunk.cpu_s for chunk in chunks), 3),
            "duration_s": round(sum(s.end_s - s.start_s for s in stretches), 3),
            **class_times(stage, track, spans_of(stretches)),
        },
    ]


def _frames_out(spec: CascadeSpec, stage_index: int, stage: Stage, stretches: list[Stretch], track: Track) -> int:
    spans = spans_of(stretches)
    is_last = stage_index == len(spec.filters) - 1
    return len(stage.keepers(track, spans) if stage.is_dense or is_last else stage.pass_on(track, spans))


def _plan_keeping(run: Run, spec: CascadeSpec, stretches: list[Stretch], track: Track) -> None:
    stage_index = len(spec.filters) - 1
    name, stage = list(spec.filters.items())[stage_index]
    spans = interval_spans(run=run, stage=name, span=EVER)
    chosen = choose(stage.keepers(track, spans), stretches, spec.keep)
    length_us = round(run.chunk_s * 1e6)
    plans: dict[int, dict[str, str]] = {}
    for pts_us, reason in sorted(chosen.items()):
        plans.setdefault(pts_us // length_us, {})[str(pts_us)] = reason
    Chunk.objects.bulk_create(
        Chunk(
            run=run,
            stage_index=stage_index + 1,
            index=index,
            start_us=slot * length_us,
            end_us=(slot + 1) * length_us,
            plan=plan,
        )
        for index, (slot, plan) in enumerate(plans.items())
    )


def _finish(run: Run, spec: CascadeSpec) -> None:
    passes = list(run.chunks.filter(stage_index=len(spec.filters)))
    count = sum(chunk.frames_in for chunk in passes)
    cpu_s = round(sum(chunk.cpu_s for chunk in passes), 3)
    for position, name in enumerate(spec.embeds):
        # Decoding, tagging and embedding happen in one pass; it is put down to the first embed stage.
        spent = {"cpu_s": 0.0 if position else cpu_s, "duration_s": 0.0}
        run.stages = [*run.stages, {"name": name, "frames_in": count, "frames_out": count, **spent}]
    run.frames_kept = run.keeps.count()
    run.status, run.finished_at, run.error = Run.Status.DONE, timezone.now(), ""
    run.save()
    tidy_frames(run=run)
