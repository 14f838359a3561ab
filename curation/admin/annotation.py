"""Labelled objects."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, pretty
from curation.models import Annotation


@admin.register(Annotation)
class AnnotationAdmin(MadeByMachines[Annotation]):
    list_display = ("id", "label", "box", "source", "by", "frame_link", "import_link", "created_at")
    list_filter = ("source", "created_at")
    list_select_related = ("frame", "made_in")
    search_fields = ("=label", "=frame__id", "=by")
    fields = (
        ("label", "is_crowd", "track_id"), "box", "area_px2", "said", "outline", ("source", "by"), "frame_link",
        "import_link", "created_at",
    )  # fmt: skip

    @admin.display(description="x1, y1, x2, y2")
    def box(self, row: Annotation) -> str:
        return ", ".join(f"{side:g}" for side in (row.x1, row.y1, row.x2, row.y2))

    @admin.display(description="attributes")
    def said(self, row: Annotation) -> SafeString:
        return pretty(row.attributes)

    @admin.display(description="outline")
    def outline(self, row: Annotation) -> SafeString | str:
        return pretty(row.segmentation) if row.segmentation is not None else "–"

    @admin.display(description="frame")
    def frame_link(self, row: Annotation) -> SafeString:
        return link(row.frame)

    @admin.display(description="import")
    def import_link(self, row: Annotation) -> SafeString | str:
        return link(row.made_in) if row.made_in else "–"
