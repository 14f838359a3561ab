"""People's word on tags: written down edit by edit, and taken back without leaving a gap in the trail."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet

from curation.core.types import TagValue
from curation.models import Frame, TagEdit
from curation.services.layers import refresh_tags, same_tags
from curation.services.tag_words import NoSuchThing, TagEditError, check_changes

BATCH = 500
MAX_NOTE_CHARS = 200
User: TypeAlias = AbstractBaseUser | AnonymousUser | None
Changes: TypeAlias = Mapping[str, TagValue | None]


@dataclass(frozen=True)
class EditBatch:
    """What one request did: how many frames it was about, how many words it wrote down, and how many frames have
    other tags now."""

    batch: uuid.UUID
    frames: int = 0
    edits: int = 0
    changed: int = 0

    def __add__(self, other: "EditBatch") -> "EditBatch":
        return EditBatch(self.batch, self.frames + other.frames, self.edits + other.edits, self.changed + other.changed)


@transaction.atomic
def edit_tags(
    *, frames: QuerySet[Frame] | Sequence[int], changes: Mapping[str, Any], user: User, note: str = ""
) -> EditBatch:
    """Write down a person's word on factors of frames, all of them or none; null takes their word back.

    A word that stands already is not written again. Raises TagEditError, with what would be valid."""
    checked, made = check_changes(changes), EditBatch(uuid.uuid4())
    check_note(note)
    for ids in id_batches(frames):
        made += edit_frames(ids, checked, user=user, note=note, batch=made.batch)
    return made


@transaction.atomic
def undo_batch(*, batch: uuid.UUID, user: User, note: str = "") -> EditBatch:
    """Bring back what people said before a batch of edits, as edits of a new batch.

    Where somebody has spoken since, their word stays. Raises TagEditError where there is no such batch."""
    check_note(note)
    require_batch(batch)
    made = EditBatch(uuid.uuid4())
    for ids in id_batches(frames_of(batch)):
        made += undo_frames(ids, undone=batch, user=user, note=note, batch=made.batch)
    return made


@transaction.atomic
def edit_frames(frame_ids: Sequence[int], changes: Changes, *, user: User, note: str, batch: uuid.UUID) -> EditBatch:
    """Write down checked changes of a batch of frames at once. Safe to do again: nothing is written twice."""
    wanted = dict.fromkeys(frame_ids, changes)
    return _write(wanted, user=user, note=note, batch=batch)


@transaction.atomic
def undo_frames(frame_ids: Sequence[int], *, undone: uuid.UUID, user: User, note: str, batch: uuid.UUID) -> EditBatch:
    """Take back what a batch of edits said of some frames."""
    _lock(frame_ids)
    history: dict[tuple[int, str], list[TagEdit]] = {}
    for edit in TagEdit.objects.filter(frame__in=frame_ids).order_by("id"):
        history.setdefault((edit.frame_id, edit.factor), []).append(edit)
    wanted: dict[int, dict[str, TagValue | None]] = {frame: {} for frame in frame_ids}
    for (frame, factor), edits in history.items():
        if edits[-1].batch == undone:
            before = [edit for edit in edits if edit.batch != undone]
            wanted[frame][factor] = before[-1].value if before else None
    return _write(wanted, user=user, note=note, batch=batch)


def id_batches(
    frames: QuerySet[Frame] | Sequence[int], *, after: int = 0, upto: int | None = None
) -> Iterator[list[int]]:
    """Yield ids of frames, rising, a batch at a time. A query is asked anew each time, past the ids that it gave."""
    if not isinstance(frames, QuerySet):
        ids = sorted(set(frames))
        _require_frames(ids)
        yield from (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
        return
    rows = (frames if upto is None else frames.filter(pk__lte=upto)).order_by("pk").values_list("pk", flat=True)
    while ids := list(rows.filter(pk__gt=after)[:BATCH]):
        after = ids[-1]
        yield ids


def frames_of(batch: uuid.UUID) -> QuerySet[Frame]:
    """Return the frames that a batch of edits was about."""
    return Frame.objects.filter(pk__in=TagEdit.objects.filter(batch=batch).values("frame"))


def check_note(note: str) -> None:
    """Raise TagEditError for a note that is too long."""
    if len(note) > MAX_NOTE_CHARS:
        raise TagEditError("note", f"The note has {len(note)} characters; {MAX_NOTE_CHARS} are allowed.")


def require_batch(batch: uuid.UUID) -> None:
    """Raise TagEditError unless there are edits of that batch."""
    if not TagEdit.objects.filter(batch=batch).exists():
        raise NoSuchThing(f"There is no batch {batch} of tag edits; the list of edits names them.")


def _write(wanted: Mapping[int, Changes], *, user: User, note: str, batch: uuid.UUID) -> EditBatch:
    frames = _lock(list(wanted))
    standing = _standing(frames)
    by = user.pk if user is not None and user.is_authenticated else None
    edits = [
        TagEdit(
            frame=frame, factor=factor, value=value, before=frame.tags.get(factor), batch=batch, note=note, by_id=by
        )
        for frame in frames
        for factor, value in wanted[frame.pk].items()
        if not same_tags({"": value}, {"": standing.get((frame.pk, factor))})
    ]
    TagEdit.objects.bulk_create(edits, batch_size=BATCH)
    touched = {edit.frame_id: edit.frame for edit in edits}
    changes = refresh_tags(list(touched.values()))
    return EditBatch(batch, len(frames), len(edits), len(changes))


def _standing(frames: Sequence[Frame]) -> dict[tuple[int, str], Any]:
    """Return the newest word of people on each factor of frames."""
    newest = (
        TagEdit.objects.filter(frame__in=frames).order_by("frame_id", "factor", "-id").distinct("frame_id", "factor")
    )
    return {(frame, factor): value for frame, factor, value in newest.values_list("frame_id", "factor", "value")}


def _lock(frame_ids: Sequence[int]) -> list[Frame]:
    # In order of id, and before the edits are read: two people who edit a frame at once write one after the other.
    return list(Frame.objects.select_for_update(of=("self",)).filter(pk__in=frame_ids).order_by("pk"))


def _require_frames(ids: Sequence[int]) -> None:
    missing = sorted(set(ids) - set(Frame.objects.filter(pk__in=ids).values_list("pk", flat=True)))
    if missing:
        named = ", ".join(map(str, missing[:5])) + (" …" if len(missing) > 5 else "")
        raise NoSuchThing(f"There is no frame {named}. Nothing was changed.")
