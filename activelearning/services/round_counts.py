"""How much a round has found, chosen and had labelled, in numbers: a fixed count of queries each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from activelearning.models import Candidate, LabelBatch, LabelTask, Round, Seed

OPEN_TASKS = (LabelTask.State.WAITING, LabelTask.State.SENT)


@dataclass(frozen=True)
class SeedCount:
    scenario: str
    kind: str
    count: int


@dataclass(frozen=True)
class CandidateCount:
    """Candidates of an arm: those that go to the annotators, and those that a person dropped."""

    arm: str
    kept: int
    dropped: int


@dataclass(frozen=True)
class BatchCount:
    """Tasks of a batch by their state. Those that were taken out here are in none but `dropped`."""

    batch: int
    waiting: int = 0
    sent: int = 0
    labelled: int = 0
    skipped: int = 0
    gone: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.sent + self.labelled + self.skipped + self.gone

    @property
    def over(self) -> int:
        """Tasks that wait for nobody any more."""
        return self.labelled + self.skipped + self.gone


def seed_counts(round: Round) -> list[SeedCount]:
    """Count seeds by scenario and kind, in the round's order of scenarios. One query."""
    rows = Seed.objects.filter(round=round).order_by().values("scenario", "kind").annotate(n=Count("id"))
    place = {name: at for at, name in enumerate(round.scenarios)}
    found = [SeedCount(row["scenario"], row["kind"], row["n"]) for row in rows]
    order = list(Seed.Kind.values)
    return sorted(found, key=lambda one: (place.get(one.scenario, len(place)), one.scenario, order.index(one.kind)))


def candidate_counts(round: Round) -> list[CandidateCount]:
    """Count candidates by arm; arms without any are left out. One query."""
    rows = (
        Candidate.objects.filter(round=round)
        .order_by()
        .values("arm")
        .annotate(kept=Count("id", filter=Q(is_dropped=False)), dropped=Count("id", filter=Q(is_dropped=True)))
    )
    found = {row["arm"]: CandidateCount(row["arm"], row["kept"], row["dropped"]) for row in rows}
    return [found[arm] for arm in Candidate.Arm.values if arm in found]


def batch_counts(batches: Iterable[LabelBatch]) -> dict[int, BatchCount]:
    """Count the tasks of batches by state, for each batch. One query."""
    ids = [batch.pk for batch in batches]
    rows = LabelTask.objects.filter(batch__in=ids).order_by().values_list("batch", "state").annotate(Count("id"))
    found: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    for batch, state, count in rows:
        found[batch][state] = count
    return {pk: BatchCount(pk, **states) for pk, states in found.items()}
