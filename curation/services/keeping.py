"""Kept frames: their pictures, tags, boxes and vectors."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import cv2
import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from curation.backends import storage
from curation.backends.embed import crop_boxes, load_embedder, reads_text
from curation.core.phash import phash
from curation.core.spec import CascadeSpec
from curation.core.types import Box, Image, Observations, Picture, Signals, Span, Tag
from curation.models import Chunk, Detection, Frame, Keep, Run, Video
from curation.services import tracks
from curation.services.claims import OPEN
from curation.services.embedding import embedder_row, store_box_vectors, store_frame_vectors
from curation.services.holdout import guard_new, guard_others, keep_locks_away
from curation.services.in_force import conditions_of, current
from curation.services.layers import refresh_tags
from curation.services.looking import open_footage
from curation.services.prompts import prepare
from curation.services.retagging import retag_frames
from curation.services.tagging import as_json, camera_tags, tag_frame, with_thresholds

MOTION_WINDOW_US = 250_000
"""Half the window in which motion is judged for a kept frame."""
BATCH = 500
Vectors: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class KeptFrame:
    """A frame on its way into the database; its picture is in the storage already."""

    pts_us: int
    reason: str
    image: str
    width_px: int
    height_px: int
    tags: Sequence[Tag]
    boxes: Sequence[Box]
    vectors: dict[str, tuple[Vectors, Vectors]]
    """Embedder name -> (1, D) of the frame, (boxes, D) of its boxes: (0, D) where boxes are not wanted."""
    phash: int | None = None


@dataclass(frozen=True)
class Kept:
    """What one attempt at a keeping chunk made."""

    frames: list[KeptFrame]
    stage: str
    cpu_s: float
    weights: dict[str, str] = field(default_factory=dict)
    conditions: int | None = None
    """The row of the operating conditions by whose thresholds the frames were tagged."""


def image_key(video: Video, pts_us: int) -> str:
    """Name a frame's picture so that order of time survives outside the database too."""
    day = video.at(pts_us) or video.created_at
    # Twelve digits keep a week of microseconds in order of name.
    return f"frames/{video.camera.name}/{day:%Y/%m/%d}/{video.sha256[:16]}/{pts_us:012d}.jpg"


def keep_frames(*, chunk: Chunk, spec: CascadeSpec, report: Callable[[int], None]) -> Kept:
    """Decode, store, tag and embed the frames of a chunk's plan."""
    started_s = time.process_time()
    run = chunk.run
    conditions = current()
    spec = replace(spec, taggers=with_thresholds(spec.taggers, conditions_of(conditions).tags))
    around = Span(max(0, chunk.start_us - MOTION_WINDOW_US), (chunk.end_us or 1 << 61) + MOTION_WINDOW_US + 1)
    seen = _Seen(run, spec, around)
    frames = []
    with open_footage(run.video) as footage:
        for pts_us, reason in sorted((int(pts), reason) for pts, reason in chunk.plan.items()):
            picture = footage.at(pts_us)
            if picture is not None:
                frames.append(_keep(picture, reason, run=run, spec=spec, seen=seen))
                report(pts_us)
    embedders = [load_embedder(stage.embedder) for stage in spec.embeds.values()]
    for embedder in embedders:
        if reads_text(embedder.name):
            prepare(conditions, in_hand=embedder)
    weights = {embedder.name: embedder.version for embedder in embedders if ":" in embedder.name}
    return Kept(frames, seen.stage, time.process_time() - started_s, weights, conditions.pk)


def store_kept(*, run: Run, kept: Kept) -> None:
    """Write the rows of kept frames. Call it inside the transaction that closes the chunk."""
    keep_locks_away()
    _lock(run)
    times = [frame.pts_us for frame in kept.frames]
    Frame.objects.bulk_create(
        (
            Frame(
                video=run.video,
                camera=run.video.camera,
                pts_us=frame.pts_us,
                recorded_at=run.video.at(frame.pts_us),
                image=frame.image,
                width_px=frame.width_px,
                height_px=frame.height_px,
                phash=frame.phash,
            )
            for frame in kept.frames
        ),
        ignore_conflicts=True,
    )
    rows = {row.pts_us: row for row in Frame.objects.filter(video=run.video, pts_us__in=times)}
    Keep.objects.filter(run=run, frame__in=rows.values()).delete()
    Detection.objects.filter(run=run, frame__in=rows.values()).delete()
    keeps = []
    for frame in kept.frames:
        values, evidence = as_json(frame.tags)
        keeps.append(
            Keep(run=run, frame=rows[frame.pts_us], reason=frame.reason, tags=values, evidence=evidence)
        )  # fmt: skip
    Keep.objects.bulk_create(keeps)
    detections = Detection.objects.bulk_create(
        Detection(
            run=run, frame=rows[frame.pts_us], stage=kept.stage, label=box.label, score=box.score,
            x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2,
        )
        for frame in kept.frames
        for box in frame.boxes
    )  # fmt: skip
    _store_vectors(kept, rows, detections)
    guard_new([row.pk for row in rows.values()])
    # Conditions that came into force while the frames were being read have been applied to all others meanwhile.
    is_late = kept.conditions is not None and kept.conditions != current().pk
    (retag_frames if is_late else refresh_tags)(list(rows.values()))


def tidy_frames(*, run: Run) -> None:
    """Bring the frames of a run's video that it does not keep (any more) in line with the runs that do.

    Those that no run keeps go, and their pictures once that is certain; but members of datasets, held-out frames,
    annotated ones and those whose tags people edited stay. While another run is under way all stay, since it may be
    about to keep them: it tidies up in its turn. Call it inside the transaction that ends the run."""
    _lock(run)
    # Before any frame is locked: a lock of a hold-out that is under way is waited for.
    guard_others(Frame.objects.filter(keeps__run=run).values_list("pk", flat=True))
    others = Frame.objects.filter(video=run.video_id).exclude(keeps__run=run)
    if not Run.objects.filter(video=run.video_id, status__in=OPEN).exclude(pk=run.pk).exists():
        # What people worked on stays, and what a dataset or a hold-out rests on.
        ours = others.filter(keeps=None, held_out=False, annotated_at=None)
        orphans = ours.filter(annotations=None, edits=None, memberships=None)
        images = list(orphans.values_list("image", flat=True))
        orphans.delete()
        transaction.on_commit(lambda: storage.remove(images))
    left = others.order_by("pk")
    last = 0
    while batch := list(left.filter(pk__gt=last)[:BATCH]):
        refresh_tags(batch)
        last = batch[-1].pk


def _lock(run: Run) -> None:
    """Let one run of a video at a time write frames: they share them, and each looks at what the others keep."""
    Video.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.video_id)


def _keep(picture: Picture, reason: str, *, run: Run, spec: CascadeSpec, seen: "_Seen") -> KeptFrame:
    rgb = picture.rgb()
    boxes = seen.boxes_at(picture.pts_us)
    video = run.video
    key = image_key(video, picture.pts_us)
    storage.put_bytes(key, _jpeg(rgb, quality=spec.keep.jpeg_quality))
    tags = tag_frame(
        spec=spec,
        picture=picture,
        width_px=rgb.shape[1],
        height_px=rgb.shape[0],
        recorded_at=video.at(picture.pts_us),
        motion_percent=seen.motion_at(picture.pts_us),
        boxes=boxes,
        detector=seen.detector,
        camera=camera_tags(video.camera.attributes),
    )
    return KeptFrame(
        pts_us=picture.pts_us,
        reason=reason,
        image=key,
        width_px=rgb.shape[1],
        height_px=rgb.shape[0],
        tags=tags,
        boxes=boxes or [],
        vectors=dict(_embed(rgb, boxes or [], spec)),
        phash=phash(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)),
    )


def _embed(rgb: Image, boxes: Sequence[Box], spec: CascadeSpec) -> Iterator[tuple[str, tuple[Vectors, Vectors]]]:
    for stage in spec.embeds.values():
        embedder = load_embedder(stage.embedder)
        crops = crop_boxes(rgb, boxes) if stage.boxes else []
        vectors = embedder.embed_pictures([rgb, *crops])
        yield stage.embedder, (vectors[:1], vectors[1:])


def _store_vectors(kept: Kept, rows: dict[int, Frame], detections: Sequence[Detection]) -> None:
    """Write the vectors of kept frames and of their boxes, which come in the same order."""
    for name in {name for frame in kept.frames for name in frame.vectors}:
        row = embedder_row(load_embedder(name))
        frames, boxes = zip(*(frame.vectors[name] for frame in kept.frames), strict=True)
        store_frame_vectors(row, [rows[frame.pts_us].pk for frame in kept.frames], np.concatenate(frames))
        if sum(map(len, boxes)):
            store_box_vectors(row, [one.pk for one in detections], np.concatenate(boxes))


def _jpeg(rgb: Image, *, quality: int) -> bytes:
    ok, coded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise ValueError(f"A picture of shape {rgb.shape} could not be coded as JPEG.")
    return coded.tobytes()


class _Seen:
    """What the filter stages saw of single frames of a stretch."""

    def __init__(self, run: Run, spec: CascadeSpec, span: Span) -> None:
        filters = list(spec.filters.items())
        self.stage, last = filters[-1]
        self.detector = getattr(last, "detector", "")
        dense = tracks.load(run=run, stage_index=0, span=span)
        sparse = tracks.load(run=run, stage_index=len(filters) - 1, span=span)
        self._dense = dense if isinstance(dense, Signals) else None
        self._boxes: dict[int, Sequence[Box]] | None = None
        if isinstance(sparse, Observations):
            self._boxes = dict(zip(sparse.pts_us.tolist(), sparse.boxes, strict=True))

    def boxes_at(self, pts_us: int) -> Sequence[Box] | None:
        return None if self._boxes is None else self._boxes.get(pts_us, [])

    def motion_at(self, pts_us: int) -> float | None:
        """The median motion score around a moment, so that neither a snow flake nor a held step decides."""
        if self._dense is None or not len(self._dense.pts_us):
            return None
        first, last = np.searchsorted(self._dense.pts_us, [pts_us - MOTION_WINDOW_US, pts_us + MOTION_WINDOW_US + 1])
        around = self._dense.score[first:last]
        return float(np.median(around)) if len(around) else None
