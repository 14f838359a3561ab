"""Runs a cascade in this process, chunk by chunk in any order, and writes down all that it left."""

import hashlib
import random
from typing import Any

from curation.backends import storage
from curation.core.track_format import decode
from curation.core.types import Signals
from curation.models import Cascade, Detection, Embedding, Interval, Keep, Run, Track, Video
from curation.services.cascade import do_chunk
from curation.services.claims import claim
from curation.services.runs import due_chunks, request_run


def do_run(run: Run, *, seed: int | None = None, steps: int | None = None) -> Run:
    """Do the due chunks, in order or in an order drawn from the seed, until none is left or `steps` are done."""
    draw = random.Random(seed)
    done = 0
    while (due := due_chunks()) and (steps is None or done < steps):
        taken = claim(draw.choice(due) if seed is not None else due[0], worker="test")
        assert taken is not None, "a due chunk could not be claimed"
        do_chunk(taken)
        done += 1
    return Run.objects.select_related("video").get(pk=run.pk)


def run_cascade(video: Video, cascade: Cascade, *overrides: str, seed: int | None = None) -> Run:
    """Ask for a run and do it to its end."""
    run, _ = request_run(video=video, cascade=cascade, overrides=overrides)
    return do_run(run, seed=seed)


def rows_of(run: Run) -> dict[str, Any]:
    """Write down everything a run left, as plain values that can be compared; ids and costs are left out."""
    return {
        "status": run.status,
        "error": run.error,
        "frames_kept": run.frames_kept,
        "decoded": (run.video.decoded_frames, run.video.decode_errors),
        "stages": [{key: value for key, value in stage.items() if key != "cpu_s"} for stage in run.stages],
        "intervals": _plain(Interval.objects.filter(run=run).order_by("stage", "start_s"), "run"),
        "keeps": [
            (k.frame.pts_us, k.reason, k.tags, k.evidence, k.frame.tags, k.frame.evidence, _picture(k.frame.image))
            for k in Keep.objects.filter(run=run).select_related("frame").order_by("frame__pts_us")
        ],
        "detections": sorted(
            (d.frame.pts_us, d.stage, d.label, d.score, d.x1, d.y1, d.x2, d.y2)
            for d in Detection.objects.filter(run=run).select_related("frame")
        ),
        "embeddings": sorted(
            (e.frame.pts_us, e.detection is not None and e.detection.x1, tuple(e.vector))
            for e in Embedding.objects.filter(frame__keeps__run=run).select_related("frame", "detection")
        ),
        "tracks": _tracks(run),
    }


def _plain(rows: Any, *without: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in ("id", *(f"{w}_id" for w in without))} for row in rows.values()]


def _picture(key: str) -> str:
    return hashlib.sha256(storage.read_bytes(key)).hexdigest()


def _tracks(run: Run) -> list[tuple[Any, ...]]:
    """Write down every stage's arrays, joined over its chunks, so that they can be compared across cuts."""
    found: dict[tuple[int, int], tuple[Any, ...]] = {}
    for row in Track.objects.filter(chunk__run=run).select_related("chunk"):
        track = decode(bytes(row.arrays))
        stage = row.chunk.stage_index
        if isinstance(track, Signals):
            columns = {name: values.tolist() for name, values in track.values.items()}
            for at, pts_us in enumerate(track.pts_us.tolist()):
                found[stage, pts_us] = (stage, pts_us, *(columns[name][at] for name in sorted(columns)))
        else:
            looks = zip(
                track.pts_us.tolist(), track.scores.tolist(), track.asked.tolist(), track.boxes, strict=True
            )  # fmt: skip
            for pts_us, score, asked, boxes in looks:
                found[stage, pts_us] = (stage, pts_us, score, asked, tuple(boxes))
    return [found[key] for key in sorted(found)]
