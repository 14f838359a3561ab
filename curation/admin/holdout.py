"""What hold-outs keep away, and their ledgers."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link
from curation.models import GoneFrame, HeldFrame, HoldoutBlock, HoldoutUse


@admin.register(HoldoutBlock)
class HoldoutBlockAdmin(MadeByMachines[HoldoutBlock]):
    list_display = ("id", "version", "video_link", "start_s", "end_s")
    list_select_related = ("version__dataset", "video")
    search_fields = ("=version__id", "=video__id")

    @admin.display(description="video")
    def video_link(self, block: HoldoutBlock) -> SafeString:
        return link(block.video)

    @admin.display(description="from, s")
    def start_s(self, block: HoldoutBlock) -> str:
        return f"{block.start_us / 1e6:.1f}"

    @admin.display(description="to, s")
    def end_s(self, block: HoldoutBlock) -> str:
        return f"{block.end_us / 1e6:.1f}"


@admin.register(HeldFrame)
class HeldFrameAdmin(MadeByMachines[HeldFrame]):
    list_display = ("id", "version", "frame_link", "reason", "like_link", "similarity")
    list_filter = ("reason",)
    list_select_related = ("version__dataset", "frame", "like")
    search_fields = ("=version__id", "=frame__id")

    @admin.display(description="frame")
    def frame_link(self, held: HeldFrame) -> SafeString:
        return link(held.frame, f"frame {held.frame_id}")

    @admin.display(description="looks like")
    def like_link(self, held: HeldFrame) -> SafeString | str:
        return link(held.like, f"frame {held.like_id}") if held.like else ""


@admin.register(HoldoutUse)
class HoldoutUseAdmin(MadeByMachines[HoldoutUse]):
    list_display = ("id", "version", "at", "by_name", "purpose", "model", "metric", "value", "note")
    list_filter = ("purpose", "at")
    list_select_related = ("version__dataset",)
    search_fields = ("=version__id", "model", "by_name")


@admin.register(GoneFrame)
class GoneFrameAdmin(MadeByMachines[GoneFrame]):
    ordering = ("-frame_id",)
    list_display = ("frame_id", "changed_xid")
    search_fields = ("=frame_id",)
