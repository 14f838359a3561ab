"""What people said about frames."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from curation.models import TagEdit


@admin.register(TagEdit)
class TagEditAdmin(MadeByMachines[TagEdit]):
    """The trail of edits: to be looked at, never changed. Edits are made on the frames' pages and by the API."""

    list_display = ("id", "frame_link", "factor", "before", "value", "by", "note", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("frame", "by")
    search_fields = ("=frame__id", "=factor", "=by__username")
    fields = ("frame_link", "factor", "before", "value", "by", "note", "batch", "created_at")

    @admin.display(description="frame")
    def frame_link(self, edit: TagEdit) -> SafeString:
        return link(edit.frame)
