"""Tag edits of any size: few frames at once, many as a job."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from curation.models import Frame, Job
from curation.services.filtering import frames_matching
from curation.services.jobs import Progress, Work, start_job
from curation.services.tag_edits import (
    EditBatch,
    User,
    check_note,
    edit_frames,
    edit_tags,
    frames_of,
    id_batches,
    require_batch,
    undo_batch,
    undo_frames,
)
from curation.services.tag_words import check_changes

AT_ONCE = 2000
"""So many frames are edited while the person waits; more are a job."""


def ask_edit(
    *, query: str | None = None, frames: Sequence[int] = (), changes: Mapping[str, Any], user: User, note: str = ""
) -> EditBatch | Job:
    """Edit the tags of frames, given one by one or by a query: at once, or by a job that the caller rings for.

    Raises QueryError, TagEditError."""
    if query is None:
        return edit_tags(frames=frames, changes=changes, user=user, note=note)
    check_note(note)
    checked, matching = check_changes(changes), frames_matching(query)
    if not _are_many(matching):
        return edit_tags(frames=matching, changes=changes, user=user, note=note)
    # What is kept from now on was not meant. Editing may change what the query finds, so the job goes by id.
    last = matching.order_by("-pk").values_list("pk", flat=True).first()
    asked = {"query": query, "changes": checked, "upto": last, "count": matching.count()}
    return start_job(kind="edit_tags", params={**asked, "note": note, "batch": str(uuid.uuid4())}, user=user)


def ask_undo(*, batch: uuid.UUID, user: User, note: str = "") -> EditBatch | Job:
    """Undo a batch of edits: at once, or by a job that the caller rings for. Raises TagEditError."""
    check_note(note)
    require_batch(batch)
    frames = frames_of(batch)
    if not _are_many(frames):
        return undo_batch(batch=batch, user=user, note=note)
    asked = {"undo": str(batch), "count": frames.count(), "note": note, "batch": str(uuid.uuid4())}
    return start_job(kind="edit_tags", params=asked, user=user)


def edit_many(job: Job) -> Work:
    """Edit tags of many frames, or take a batch of edits back, a few hundred frames in each transaction."""
    asked, at = job.params, dict(job.checkpoint) or {"last": 0, "frames": 0, "edits": 0, "changed": 0}
    batch, user, note = uuid.UUID(asked["batch"]), job.created_by, asked["note"]
    undone = uuid.UUID(asked["undo"]) if "undo" in asked else None
    frames = frames_of(undone) if undone else frames_matching(asked["query"])
    for ids in id_batches(frames, after=at["last"], upto=asked.get("upto")):
        if undone:
            made = undo_frames(ids, undone=undone, user=user, note=note, batch=batch)
        else:
            made = edit_frames(ids, asked["changes"], user=user, note=note, batch=batch)
        done = {name: at[name] + getattr(made, name) for name in ("frames", "edits", "changed")}
        at = {"last": ids[-1], **done}
        yield Progress(at["frames"], max(asked["count"], at["frames"]), "editing tags", at)
    return {"batch": str(batch), **{name: at[name] for name in ("frames", "edits", "changed")}}


def _are_many(frames: QuerySet[Frame]) -> bool:
    return len(frames.order_by().values("pk")[: AT_ONCE + 1]) > AT_ONCE
