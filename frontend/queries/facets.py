"""How many frames have which value of a factor."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform

from curation.core.taggers import FACTORS
from curation.models import Frame
from curation.services.filtering import frames_matching
from frontend.records import Facet, Facets, FacetValue

FACET_FRAMES = 20_000
"""Facets are counted over this many of the newest frames, so that their cost stays the same as the collection grows."""
FACET_FACTORS = ("lighting", "blurriness", "time_of_day")


def facets(query: str) -> Facets:
    """Count the values of some factors over the newest frames that a query finds. Raises QueryError.

    The query's own look-up, and one GROUP BY over a bounded number of rows."""
    factors = ("has_people", "motion", *FACET_FACTORS)
    newest = frames_matching(query).order_by("-id").values("id")[:FACET_FRAMES]
    grouped = (
        Frame.objects.filter(id__in=newest)
        .annotate(**{factor: KeyTextTransform(factor, "tags") for factor in factors})
        .values_list("camera__name", *factors)
        .annotate(frames=Count("id"))
        .order_by()
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for *values, number in grouped:
        for factor, value in zip(("camera", *factors), values, strict=True):
            if value is not None:
                counts[factor][value] += number
    total = counts["camera"].total()
    shown = [
        Facet("People", _yes_no("has_people", counts["has_people"], yes="with people", no="nobody")),
        Facet("Motion", _yes_no("motion", counts["motion"], yes="moving", no="still")),
        *(Facet(name.replace("_", " ").capitalize(), _values(name, counts[name])) for name in FACET_FACTORS),
        Facet("Camera", _values("camera", counts["camera"])),
    ]
    return Facets(facets=[facet for facet in shown if facet.values], frames=total, all_frames=total < FACET_FRAMES)


def _values(factor: str, counts: Mapping[str, int]) -> list[FacetValue]:
    known = FACTORS[factor].values if factor in FACTORS else ()
    by_number = sorted(counts, key=lambda value: (-counts[value], value))
    ordered = [*(v for v in known if v in counts), *(v for v in by_number if v not in known)]
    return [FacetValue(v.replace("_", " ") if known else v, f"{factor}:{v}", counts[v]) for v in ordered]


def _yes_no(factor: str, counts: Mapping[str, int], *, yes: str, no: str) -> list[FacetValue]:
    words = {"true": yes, "false": no}
    return [FacetValue(word, f"{factor}:{value}", counts[value]) for value, word in words.items() if value in counts]
