"""Frames that rounds want labelled, and why."""

from django.contrib import admin
from django.utils.safestring import SafeString

from activelearning.models import Candidate
from curation.admin.site import MadeByMachines, link, pretty


@admin.register(Candidate)
class CandidateAdmin(MadeByMachines[Candidate]):
    list_display = ("id", "rank", "arm", "score_shown", "why", "is_dropped", "note", "frame_link", "round_link")
    list_filter = ("arm", "is_dropped")
    list_select_related = ("frame", "round")
    search_fields = ("=id", "=round__id", "=frame__id")
    fields = (
        ("round_link", "frame_link"), ("rank", "arm", "score_shown"), "reasons_shown", ("is_dropped", "note"),
    )  # fmt: skip

    @admin.display(description="score", ordering="score")
    def score_shown(self, candidate: Candidate) -> str:
        return f"{candidate.score:.2f}"

    @admin.display(description="why")
    def why(self, candidate: Candidate) -> str:
        return str(candidate.reasons[0].get("text", "–")) if candidate.reasons else "–"

    @admin.display(description="reasons")
    def reasons_shown(self, candidate: Candidate) -> SafeString:
        return pretty(candidate.reasons)

    @admin.display(description="frame")
    def frame_link(self, candidate: Candidate) -> SafeString:
        return link(candidate.frame, f"frame {candidate.frame_id}")

    @admin.display(description="round")
    def round_link(self, candidate: Candidate) -> SafeString:
        return link(candidate.round)
