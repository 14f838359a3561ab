"""What models saw in whole videos."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from evaluation.models import Look


@admin.register(Look)
class LookAdmin(MadeByMachines[Look]):
    """The arrays are in a file. A row that is deleted is looked at anew when it is asked for."""

    list_display = ("id", "model_link", "video_link", "fps", "min_score", "look_count", "end_s", "created_at")
    list_filter = ("fps", "created_at")
    list_select_related = ("model", "video")
    search_fields = ("=id", "=model__name", "=video__name")
    fields = (
        ("model_link", "video_link"), ("fps", "min_score"), ("look_count", "end_s"), "file",
        ("code_version", "created_at"),
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Look | None = None) -> bool:
        return request.user.has_perm("evaluation.delete_look")

    @admin.display(description="model")
    def model_link(self, look: Look) -> SafeString:
        return link(look.model)

    @admin.display(description="video")
    def video_link(self, look: Look) -> SafeString:
        return link(look.video)

    @admin.display(description="looked at to (s)")
    def end_s(self, look: Look) -> float:
        return look.end_us / 1e6
