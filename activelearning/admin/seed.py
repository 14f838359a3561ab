"""What went wrong in the scenarios of rounds."""

from django.contrib import admin
from django.utils.safestring import SafeString

from activelearning.models import Seed
from curation.admin.site import MadeByMachines, link


@admin.register(Seed)
class SeedAdmin(MadeByMachines[Seed]):
    list_display = ("id", "kind", "label", "score", "scenario", "box", "frame_link", "round_link")
    list_filter = ("kind",)
    list_select_related = ("frame", "round")
    search_fields = ("=id", "=round__id", "=frame__id", "=scenario", "=label")
    fields = (("kind", "label", "score"), "scenario", "box", ("frame_link", "round_link"))

    @admin.display(description="x1, y1, x2, y2")
    def box(self, seed: Seed) -> str:
        corners = (seed.x1, seed.y1, seed.x2, seed.y2)
        if any(corner is None for corner in corners):
            return "the whole frame"
        return ", ".join(f"{corner:.0f}" for corner in corners)

    @admin.display(description="frame")
    def frame_link(self, seed: Seed) -> SafeString:
        return link(seed.frame, f"frame {seed.frame_id}")

    @admin.display(description="round")
    def round_link(self, seed: Seed) -> SafeString:
        return link(seed.round)
