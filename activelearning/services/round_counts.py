"""How much a round has found and chosen, in numbers."""

from dataclasses import dataclass

from django.db.models import Count, Q

from activelearning.models import Candidate, Round, Seed


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
