"""The dataset step: the new labels join what the model was trained on, and nothing of the test comes in."""

from collections import Counter
from collections.abc import Generator, Sequence

from activelearning.models import Candidate, LabelTask, Round
from activelearning.services.out_of_bounds import contact_with
from activelearning.services.round_errors import RoundError
from activelearning.services.round_steps.moving import moved
from activelearning.services.test_ground import ground_of
from curation.core.params import build
from curation.core.splits import SplitSpec
from curation.models import DatasetVersion, Job
from curation.services.datasets import create_version
from curation.services.jobs import Progress

ARMS = ("strategy", "control")


def make_version(round: Round, by: Job) -> Generator[Progress, None, bool]:
    """Make the version that the next model is trained on; with a control, one for each arm as well."""
    yield Progress(0, 1, "making the dataset version", {})
    new = labelled_frames(round)
    if not new:
        raise RoundError("nothing_labelled", f"No frame of round {round.pk} is labelled any more; nothing was made.")
    base = _base_frames(round)
    arms = {name: frames for name, frames in arm_frames(round).items() if frames}
    with moved(round, to=Round.State.TRAINING, said=f"{len(new)} labelled frames added") as row:
        row.version = _version(round, round.dataset, sorted({*base, *new}))
        if set(arms) == set(ARMS):
            row.arms = {
                name: {
                    "labels": len(frames),
                    "version": _version(round, f"{round.dataset[:70]}.{name}", sorted({*base, *frames})).pk,
                }
                for name, frames in arms.items()
            }
    return True


def labelled_frames(round: Round, *, arms: Sequence[str] | None = None) -> list[int]:
    """List the frames of a round that are labelled and not held out, in the order in which they were chosen."""
    tasks = LabelTask.objects.filter(batch__round=round, state=LabelTask.State.LABELLED, frame__held_out=False)
    done = set(tasks.exclude(frame__annotated_at=None).values_list("frame_id", flat=True))
    chosen = Candidate.objects.filter(round=round, is_dropped=False).order_by("rank")
    if arms is not None:
        chosen = chosen.filter(arm__in=arms)
    return [frame_id for frame_id in chosen.values_list("frame_id", flat=True) if frame_id in done]


def arm_frames(round: Round) -> dict[str, list[int]]:
    """Give each arm as many frames as the other, the first that were chosen: so that labels count alike."""
    found = {name: labelled_frames(round, arms=[name]) for name in ARMS}
    count = min(map(len, found.values()))
    return {name: frames[:count] for name, frames in found.items()}


def _base_frames(round: Round) -> list[int]:
    """List the frames of the base. Raises RoundError where one would give the test away."""
    if round.base_version is None:
        return []
    members = list(round.base_version.members.order_by("frame_id").values_list("frame_id", flat=True))
    contact = contact_with(ground_of(round.test_run), members)
    if contact:
        told = ", ".join(f"{count} {why}" for why, count in Counter(contact.values()).most_common())
        raise RoundError(
            "leak",
            f"{len(contact)} frames of {round.base_version} would give the test {round.test_run.version} away "
            f"({told}), and a model that has seen the test passes it. Nothing was made. Start the round with another "
            "base (--base), or test on frames that are apart from it.",
        )
    return members


def _version(round: Round, dataset: str, frames: list[int]) -> DatasetVersion:
    base = round.base_version
    splits = base.plan.get("splits") if base is not None and base.split_by else None
    return create_version(
        dataset=dataset,
        frame_ids=frames,
        splits=build(SplitSpec, splits, where="splits") if splits else None,
        seed=round.seed,
        parent=base if base is not None and base.dataset.name == dataset else None,
        user=round.created_by,
    )
