"""Uploads."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from curation.models import Upload


@admin.register(Upload)
class UploadAdmin(MadeByMachines[Upload]):
    list_display = (
        "id",
        "name",
        "purpose",
        "owner",
        "camera",
        "state",
        "received",
        "video_link",
        "created_at",
        "expires_at",
    )
    list_filter = ("purpose", "state", "created_at")
    list_select_related = ("owner", "video")
    search_fields = ("name", "=id", "owner__username")
    ordering = ("-created_at",)

    @admin.display(description="received")
    def received(self, upload: Upload) -> str:
        return f"{upload.received_bytes / max(upload.size_bytes, 1):.0%} of {upload.size_bytes / 1e6:,.1f} MB"

    @admin.display(description="video")
    def video_link(self, upload: Upload) -> SafeString | str:
        return link(upload.video) if upload.video else "–"
