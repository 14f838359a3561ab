"""Detections."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from curation.models import Detection


@admin.register(Detection)
class DetectionAdmin(MadeByMachines[Detection]):
    list_display = ("id", "label", "percent", "box", "stage", "frame_link", "run_link")
    list_select_related = ("frame", "run")
    search_fields = ("=label", "=frame__id", "=run__id")

    @admin.display(description="score", ordering="score")
    def percent(self, detection: Detection) -> str:
        return f"{detection.score:.2f}"

    @admin.display(description="x1, y1, x2, y2")
    def box(self, detection: Detection) -> str:
        return ", ".join(f"{side:.0f}" for side in (detection.x1, detection.y1, detection.x2, detection.y2))

    @admin.display(description="frame")
    def frame_link(self, detection: Detection) -> SafeString:
        return link(detection.frame)

    @admin.display(description="run")
    def run_link(self, detection: Detection) -> SafeString:
        return link(detection.run, f"run {detection.run_id}")
