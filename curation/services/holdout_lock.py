"""Locking a dataset version as a hold-out: it and all that could give it away is kept from everything else."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from curation.models import DatasetVersion
from curation.services.holding import HoldoutError, Reach, keep_all_away, write_holds, write_stretches
from curation.services.holdout_foresight import Foreseen, foresee


@transaction.atomic
def lock_version(
    version: DatasetVersion,
    *,
    user: AbstractBaseUser | AnonymousUser | None,
    by_name: str = "",
    block_s: float = 60.0,
    margin_s: float = 5.0,
    min_similarity: float = 0.95,
    max_bits: int = 6,
    allow_overlap: bool = False,
    allow_uncompared: bool = True,
) -> DatasetVersion:
    """Lock a version as a hold-out, for good: nothing unlocks it.

    Kept away from then on: its frames; the blocks of `block_s` seconds of their videos that hold one, `margin_s` more
    on both sides, grown so that no event is cut, and what the same camera took at the same moments in other files; and
    whatever looks like any of these, by cosine similarity or by at most `max_bits` differing bits of the perceptual
    hash. Raises HoldoutError if it is locked already; unless `allow_overlap`, if another version has any of these
    frames outside its test split, since a model may have learnt from them; and unless `allow_uncompared`, if there are
    frames that cannot be compared. by_name is theirs at this time, or the account of the shell."""
    keep_all_away()
    version = DatasetVersion.objects.select_for_update(of=("self",)).select_related("dataset").get(pk=version.pk)
    foreseen = foresee(version, reach=Reach(block_s, margin_s, min_similarity, max_bits))
    if foreseen.overlaps and not allow_overlap:
        raise HoldoutError("overlap", _of_overlap(foreseen))
    if (foreseen.compared.blind or foreseen.compared.uncompared) and not allow_uncompared:
        raise HoldoutError("uncompared", _of_uncompared(foreseen))
    write_stretches(version, foreseen.stretches)
    write_holds(version, foreseen.holds)
    version.locked_at = timezone.now()
    version.locked_by_id = user.pk if user is not None and user.is_authenticated else None
    version.lock = foreseen.to_dict() | {"by": by_name}
    version.save(update_fields=["locked_at", "locked_by", "lock"])
    return version


def _of_overlap(foreseen: Foreseen) -> str:
    listed = "; ".join(
        f"{o.version}: {o.frames} frames ({', '.join(f'{n} {what}' for what, n in sorted(o.splits.items()))})"
        for o in foreseen.overlaps
    )
    return (
        f"{foreseen.version} was not locked: other dataset versions have frames that it would keep away, and a model "
        f"may have learnt from them: {listed}. Draw the hold-out from frames that no such version has, or lock it with "
        "allow_overlap (--allow-overlap), which is written down with the lock: those versions cannot be exported for "
        "training any more."
    )


def _of_uncompared(foreseen: Foreseen) -> str:
    compared = foreseen.compared
    return (
        f"{foreseen.version} was not locked: {compared.blind} of the frames to be held out and {compared.uncompared} "
        "others have neither a perceptual hash nor a vector to compare by, so look-alikes among them would go unseen. "
        "`manage.py rate` hashes them; or lock it with allow_uncompared (--allow-uncompared), "
        "which is written down with the lock."
    )
