"""Videos."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import LeanAdmin, list_link
from curation.models import Frame, Run, Video


@admin.register(Video)
class VideoAdmin(LeanAdmin[Video]):
    """What came out of the file stands as it is; the start of the recording can be put right."""

    list_display = ("id", "name", "camera", "status", "length", "size", "codec", "frames_seen", "recorded_at", "rows")
    list_display_links = ("id", "name")
    list_filter = ("status", "camera", "codec", "recorded_at")
    list_select_related = ("camera",)
    search_fields = ("name", "=sha256")
    exclude = ("keyframes",)
    editable = ("name", "recorded_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Video | None = None) -> list[str]:
        names = [field.name for field in Video._meta.fields if field.name not in ("keyframes", *self.editable)]
        return [*names, "rows"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Video | None = None) -> bool:
        return False

    @admin.display(description="length", ordering="duration_s")
    def length(self, video: Video) -> str:
        minutes, seconds = divmod(video.duration_s, 60)
        return f"{int(minutes)}:{seconds:04.1f}"

    @admin.display(description="picture")
    def size(self, video: Video) -> str:
        return f"{video.width_px} × {video.height_px}"

    @admin.display(description="frames decoded / in header")
    def frames_seen(self, video: Video) -> str:
        return f"{'–' if video.decoded_frames is None else video.decoded_frames} / {video.header_frames or '–'}"

    @admin.display(description="has")
    def rows(self, video: Video) -> SafeString:
        return list_link(Run, "runs", video=video.pk) + SafeString(" ") + list_link(Frame, "frames", video=video.pk)
