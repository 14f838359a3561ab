"""Suspect labels on their way to a person and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from curation.core.errors import WinnowError
from curation.core.types import IntArray
from curation.models import Frame
from evaluation.core.suspects import Suspect
from evaluation.models import LabelReview, TestRun
from evaluation.services.reviewed_truth import left_out, without_reviewed

__all__ = ["NoSuchReview", "Opened", "ReviewError", "decide_review", "left_out", "open_reviews", "without_reviewed"]
MOST_NOTE_CHARS = 2000
DIGITS = 2
"""Sides are rounded to hundredths of a pixel, so that what is found again is the same review."""


class ReviewError(WinnowError):
    """A review cannot be opened or decided as asked."""


class NoSuchReview(ReviewError):
    """There is no such review."""


@dataclass(frozen=True)
class Opened:
    """How many reviews were opened, and how many there were already, open or decided."""

    new: int
    known: int


@transaction.atomic
def open_reviews(
    *,
    suspects: Sequence[Suspect],
    frame_ids: Sequence[int] | IntArray,
    test_run: TestRun | None = None,
    user: AbstractBaseUser | AnonymousUser | None = None,
) -> Opened:
    """Send suspect labels to review; `image` of each is the place of its frame in frame_ids.

    A label that was sent before, or decided, is left as it is. Raises ReviewError if a frame is gone."""
    wanted = [int(frame_ids[one.image]) for one in suspects]
    known = set(Frame.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if missing := sorted(set(wanted) - known):
        raise ReviewError(f"Frame {missing[0]} is not there any more. Look for suspect labels again.")
    before = LabelReview.objects.filter(frame__in=known).count()
    by = user.pk if user is not None and user.is_authenticated else None
    rows = [
        _review(one, frame_id=frame, test_run=test_run, opened_by=by)
        for one, frame in zip(suspects, wanted, strict=True)
    ]
    LabelReview.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    new = LabelReview.objects.filter(frame__in=known).count() - before
    return Opened(new=new, known=len(suspects) - new)


def find_review(number: int) -> LabelReview:
    """Return a review by its number. Raises NoSuchReview."""
    review = LabelReview.objects.select_related("frame", "opened_by", "decided_by").filter(pk=number).first()
    if review is None:
        raise NoSuchReview(f"There is no label review {number}; `manage.py reviews list` lists them.")
    return review


@transaction.atomic
def decide_review(
    *, review: LabelReview, state: str, note: str = "", user: AbstractBaseUser | AnonymousUser | None = None
) -> LabelReview:
    """Say that a label is "right" (tests count it again) or "wrong" (they go on leaving it out).

    "open" takes that back. The last word stands. Raises ReviewError for any other state or too long a note."""
    if state not in LabelReview.State.values:
        raise ReviewError(f"state is {state!r}; it is one of {', '.join(LabelReview.State.values)}.")
    if len(note) > MOST_NOTE_CHARS:
        raise ReviewError(f"The note has {len(note)} characters; {MOST_NOTE_CHARS} are allowed.")
    locked = LabelReview.objects.select_for_update(of=("self",)).filter(pk=review.pk).first()
    if locked is None:
        raise NoSuchReview(f"Label review {review.pk} is not there any more; its frame was removed.")
    is_decided = state != LabelReview.State.OPEN
    locked.state, locked.note = state, note or locked.note
    locked.decided_by_id = user.pk if is_decided and user is not None and user.is_authenticated else None
    locked.decided_at = timezone.now() if is_decided else None
    locked.save(update_fields=["state", "note", "decided_by", "decided_at"])
    return locked


def key_of(one: Suspect) -> tuple[str, str, float, float, float, float]:
    """Return what names a suspect label within its frame: kind, label and rounded box."""
    x1, y1, x2, y2 = (round(side, DIGITS) for side in one.box)
    return one.kind, one.label, x1, y1, x2, y2


def _review(one: Suspect, *, frame_id: int, test_run: TestRun | None, opened_by: int | None) -> LabelReview:
    kind, label, x1, y1, x2, y2 = key_of(one)
    return LabelReview(
        frame_id=frame_id, kind=kind, label=label, x1=x1, y1=y1, x2=x2, y2=y2, suspicion=one.suspicion,
        reasons=list(one.reasons), test_run=test_run, opened_by_id=opened_by,
    )  # fmt: skip
