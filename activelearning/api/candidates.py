"""Which candidates and seeds of a round are asked for, and in which order they come."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from activelearning.models import Candidate, Round, Seed
from curation.api.dataset_fields import Strict
from curation.api.paging import ById


class CandidateQuery(Strict):
    arm = serializers.ChoiceField(Candidate.Arm.choices, required=False)
    dropped = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only those that a person dropped, or none of them."
    )
    sampler = serializers.CharField(required=False, max_length=40, help_text="Only those that it proposed.")
    scenario = serializers.CharField(required=False, max_length=120, help_text="Only those chosen for its sake.")


class SeedQuery(Strict):
    scenario = serializers.CharField(required=False, max_length=120, help_text="The exact name.")
    kind = serializers.ChoiceField(Seed.Kind.choices, required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF takes fields out of the class
        required=False, max_length=80, help_text="The exact class."
    )


class ByRank(ById):
    """Pages in the order in which they were picked."""

    ordering = ("rank", "id")  # type: ignore[assignment]


def candidates_of(round: Round, asked: Mapping[str, Any]) -> QuerySet[Candidate]:
    """Return the candidates that are asked for, with their frames; none that was held out since."""
    found = Candidate.objects.filter(round=round, frame__held_out=False).select_related("frame__video", "frame__camera")
    if "arm" in asked:
        found = found.filter(arm=asked["arm"])
    if asked.get("dropped") is not None:
        found = found.filter(is_dropped=asked["dropped"])
    for name in ("sampler", "scenario"):
        if name in asked:
            found = found.filter(reasons__contains=[{name: asked[name]}])
    return found


def seeds_of(round: Round, asked: Mapping[str, Any]) -> QuerySet[Seed]:
    """Return the seeds that are asked for, with their frames; none that was held out since."""
    return Seed.objects.filter(round=round, frame__held_out=False, **asked).select_related(
        "frame__video", "frame__camera"
    )
