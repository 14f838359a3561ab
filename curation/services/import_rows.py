"""A batch of an import written down: frames, what is said of them, vectors, tags. All of it, or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from curation.core.query import Kind
from curation.core.types import Embedder
from curation.models import DataImport, Frame, Keep
from curation.services.embedding import embedder_row, store_frame_vectors
from curation.services.holding import keep_locks_away
from curation.services.holdout_guard import guard_new
from curation.services.import_labels import write_labels
from curation.services.import_pictures import Arrived
from curation.services.import_places import place
from curation.services.import_report import Tally
from curation.services.import_request import ImportRequest
from curation.services.import_tags import tags_of
from curation.services.jobs import Lost
from curation.services.layers import refresh_tags
from curation.services.tagging import as_json


@transaction.atomic
def store_batch(
    row: DataImport,
    *,
    request: ImportRequest,
    arrived: Sequence[Arrived],
    tally: Tally,
    expected_at: int,
    embedder: Embedder | None,
    kinds: Mapping[str, Kind],
) -> None:
    """Write a batch and the tally that counts it. Raises Lost, writing nothing, if another worker has gone on since."""
    locked = DataImport.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if Tally.from_json(locked.report).at != expected_at:
        raise Lost(f"import {row.pk} at {expected_at}")
    keep_locks_away()
    placed, new = place(arrived, row=row, tally=tally)
    ids = [frame_id for frame_id, _ in placed]
    known = [pair for pair in placed if pair[0] not in new]
    tally.counts["pictures_new"] += len(new)
    tally.counts["pictures_known"] += len(known)
    said = placed if request.on_known != "skip" else [pair for pair in placed if pair[0] in new]
    for _, one in said:
        tally.counts["unlabelled" if one.picture.boxes is None else "labelled"] += 1
    boxes = {frame_id: one.picture.boxes for frame_id, one in said if one.picture.boxes is not None}
    write_labels(row, boxes=boxes, replaces=request.on_known == "replace", tally=tally)
    _write_keeps(row, said, new=new, kinds=kinds, tally=tally)
    Frame.objects.filter(pk__in=list(boxes), annotated_at=None).update(annotated_at=timezone.now())
    _write_vectors(embedder, [pair for pair in placed if pair[0] in new])
    refresh_tags(list(Frame.objects.filter(pk__in=ids)))
    guard_new(sorted(new))
    tally.counts["held_out"] += Frame.objects.filter(pk__in=ids, held_out=True).count()
    locked.report = tally.as_json()
    locked.save(update_fields=["report"])
    row.report = locked.report


def _write_keeps(
    row: DataImport, said: Sequence[tuple[int, Arrived]], *, new: set[int], kinds: Mapping[str, Kind], tally: Tally
) -> None:
    """Say that this import keeps the frames, and with which tags. An earlier import of the same name no longer does."""
    ids = [frame_id for frame_id, _ in said]
    earlier = Keep.objects.filter(made_in__name=row.name, frame__in=ids).order_by("id")
    before = {keep.frame_id: keep for keep in earlier}
    keeps = []
    for frame_id, one in said:
        values, evidence = tags_of(one.picture, by=row.name, kinds=kinds, tally=tally)
        tally.counts["tags"] += len(values)
        seen: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
        if frame_id in new and one.look is not None:
            seen = as_json(one.look.tags)
        elif frame_id in before:
            seen = _taggers_words(before[frame_id])
        keeps.append(
            Keep(
                made_in=row, frame_id=frame_id, reason=Keep.Reason.IMPORT, tags={**seen[0], **values},
                evidence={**seen[1], **evidence},
            )
        )  # fmt: skip
    earlier.delete()
    Keep.objects.bulk_create(keeps)


def _taggers_words(keep: Keep) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the taggers saw when a picture came first; it is not decoded again to say the same."""
    seen = {name: value for name, value in keep.tags.items() if keep.evidence.get(name, {}).get("source") == "tagger"}
    return seen, {name: keep.evidence[name] for name in seen}


def _write_vectors(embedder: Embedder | None, placed: Sequence[tuple[int, Arrived]]) -> None:
    vectors = [(pk, one.look.vector) for pk, one in placed if one.look is not None and one.look.vector is not None]
    if embedder is not None and vectors:
        store_frame_vectors(embedder_row(embedder), [pk for pk, _ in vectors], np.stack([v for _, v in vectors]))
