"""Tags that annotators gave, as people's word on frames."""

import json
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from activelearning.services.merging_rows import Word
from activelearning.services.taken import Taken
from curation.core.types import TagValue
from curation.models import TagEdit
from curation.services import tag_words
from curation.services.tag_edits import edit_frames
from curation.services.tag_words import TagEditError, check_changes

NOTE = "labelling: "
"""Each edit that came of an answer says so, and by whom."""
LONGEST_NOTE = 200
YES, NO = ("true", "yes", "1"), ("false", "no", "0")


def write_tags(frame_ids: Collection[int], words: Mapping[int, Word], *, taken: Taken) -> None:
    """Write the annotators' tags of locked frames as edits of people.

    What was written once is not written again, so that a person who said otherwise since has the last word. A tag
    that no annotator says any more is taken back if nobody else spoke of it since."""
    ours, newest = _trail(frame_ids)
    said = _checked(words, taken=taken) if words else {}
    wanted: dict[tuple[str, str], tuple[dict[str, TagValue | None], list[int]]] = {}

    def want(frame_id: int, factor: str, value: TagValue | None, note: str) -> None:
        key = (json.dumps([factor, value], sort_keys=True), note)
        wanted.setdefault(key, ({factor: value}, []))[1].append(frame_id)

    for frame_id in sorted(frame_ids):
        tags = said.get(frame_id, {})
        for factor, (value, note) in tags.items():
            if ours.get((frame_id, factor)) != [value]:
                want(frame_id, factor, value, note)
        for factor, edit in newest.get(frame_id, {}).items():
            if factor not in tags and edit.note.startswith(NOTE) and edit.value is not None:
                want(frame_id, factor, None, f"{NOTE}no annotator says so any more")
    batch = uuid.uuid4()
    for (_, note), (changes, ids) in wanted.items():
        taken.counts["tags"] += edit_frames(ids, changes, user=None, note=note, batch=batch).edits


def _trail(frame_ids: Collection[int]) -> tuple[dict[tuple[int, str], list[Any]], dict[int, dict[str, TagEdit]]]:
    """Return our last word on each frame and factor, as a list of one, and the newest word of anybody."""
    ours: dict[tuple[int, str], list[Any]] = {}
    newest: dict[int, dict[str, TagEdit]] = {}
    for edit in TagEdit.objects.filter(frame__in=list(frame_ids)).order_by("id"):
        newest.setdefault(edit.frame_id, {})[edit.factor] = edit
        if edit.note.startswith(NOTE):
            ours[edit.frame_id, edit.factor] = [edit.value]
    return ours, newest


def _checked(words: Mapping[int, Word], *, taken: Taken) -> dict[int, dict[str, tuple[TagValue, str]]]:
    """Return the tags that can be said of frames, each with the note of its edit."""
    if not any(word.merged.tags for word in words.values()):
        return {}
    known, seen = tag_words.words(), dict[str, TagValue | None]()
    found: dict[int, dict[str, tuple[TagValue, str]]] = {}
    for frame_id, word in words.items():
        for factor, value in word.merged.tags.items():
            key = json.dumps([factor, value], sort_keys=True)
            if key not in seen:
                seen[key] = _usable(factor, value, known, taken=taken)
            usable = seen[key]
            if usable is not None:
                by = word.answers[word.merged.tag_answer[factor]].row.annotator
                note = f"{NOTE}{by}, batch {word.task.batch_id}"[:LONGEST_NOTE]
                found.setdefault(frame_id, {})[factor] = (usable, note)
    return found


def _usable(factor: str, value: Any, known: Mapping[str, tag_words.Word], *, taken: Taken) -> TagValue | None:
    """Return a tag's value as its factor has it: choices come as texts. None where it cannot be one."""
    kind = known[factor].kind if factor in known else None
    if kind == "boolean" and isinstance(value, str) and value.strip().lower() in (*YES, *NO):
        value = value.strip().lower() in YES
    elif kind == "number" and isinstance(value, str):
        value = _number(value)
    elif kind == "text_list" and isinstance(value, str):
        value = [value]
    try:
        return check_changes({factor: value})[factor]
    except TagEditError as error:
        taken.problem(str(error)[:200])
        return None


def _number(text: str) -> int | float | str:
    try:
        found = float(text)
    except ValueError:
        return text
    return int(found) if found.is_integer() else found
