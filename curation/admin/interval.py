"""Intervals."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from curation.models import Interval


@admin.register(Interval)
class IntervalAdmin(MadeByMachines[Interval]):
    list_display = ("id", "stage", "stretch", "peak", "video_link", "run_link")
    list_select_related = ("run__video",)
    search_fields = ("=run__id", "=run__video__id", "=stage")

    @admin.display(description="seconds", ordering="start_s")
    def stretch(self, interval: Interval) -> str:
        return f"{interval.start_s:.2f} – {interval.end_s:.2f}"

    @admin.display(description="peak", ordering="peak_score")
    def peak(self, interval: Interval) -> str:
        return f"{interval.peak_score:.2f} at {interval.peak_s:.2f} s"

    @admin.display(description="video")
    def video_link(self, interval: Interval) -> SafeString:
        return link(interval.run.video)

    @admin.display(description="run")
    def run_link(self, interval: Interval) -> SafeString:
        return link(interval.run, f"run {interval.run_id}")
