"""Hold-outs: what a locked dataset version keeps away from everything else, and the ledger of its uses."""

from collections import Counter
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from curation.models import DatasetVersion, Frame, HeldFrame, HoldoutUse
from curation.services.holding import HoldoutError, Reach, keep_locks_away, locked_versions
from curation.services.holdout_foresight import Foreseen, foresee
from curation.services.holdout_guard import guard_all, guard_new, guard_others
from curation.services.holdout_lock import lock_version

__all__ = [
    "Foreseen", "HoldoutError", "Reach", "foresee", "free", "guard_all", "guard_new", "guard_others",
    "keep_locks_away", "lock_version", "locked_versions", "record_use", "refuse_held",
]  # fmt: skip
NAMED = 10
"""So many frames are named in a refusal; the rest is counted."""


def free(frames: QuerySet[Frame]) -> QuerySet[Frame]:
    """Leave out the frames that are held out."""
    return frames.filter(held_out=False)


def refuse_held(frame_ids: Iterable[int], *, wanted_for: str) -> None:
    """Raise HoldoutError if any of the frames is held out. wanted_for ends the phrase "wanted for": "training".

    The message says which frames, why, and what to do instead."""
    ids = sorted(set(map(int, frame_ids)))
    held = list(Frame.objects.filter(pk__in=ids, held_out=True).order_by("pk").values_list("pk", flat=True))
    if not held:
        return
    rows = (
        HeldFrame.objects.filter(frame__in=held).select_related("version__dataset").order_by("frame_id", "version_id")
    )
    why = Counter((str(row.version), row.get_reason_display()) for row in rows)
    reasons = "; ".join(f"{count} by {version} ({reason})" for (version, reason), count in sorted(why.items()))
    more = f" and {len(held) - NAMED} more" if len(held) > NAMED else ""
    raise HoldoutError(
        "held",
        f"{len(held)} of {len(ids)} frames wanted for {wanted_for} are held out: {reasons}. "
        f"Held: frame {', '.join(map(str, held[:NAMED]))}{more}. Nothing was done. Leave them out: add "
        "`AND held_out:false` to the query, or strike them from the list. A hold-out is for final evaluations only.",
    )


def record_use(
    version: DatasetVersion,
    *,
    user: AbstractBaseUser | AnonymousUser | None,
    by_name: str,
    purpose: str = HoldoutUse.Purpose.EVALUATION,
    model: str = "",
    metric: str = "",
    value: float | None = None,
    note: str = "",
) -> HoldoutUse:
    """Write a use of a hold-out into the ledger, which only grows. Raises HoldoutError if it is not locked."""
    if not version.is_locked:
        raise HoldoutError(
            "not_locked",
            f"{version} is not locked, so it has no ledger. Lock it first: manage.py dataset lock {version}.",
        )
    return HoldoutUse.objects.create(
        version=version,
        purpose=purpose,
        model=model,
        metric=metric,
        value=value,
        note=note,
        by_id=user.pk if user is not None and user.is_authenticated else None,
        by_name=by_name,
    )
