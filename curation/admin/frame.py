"""Kept frames, and which runs keep them."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link, pretty
from curation.models import Detection, Frame, Keep
from curation.services.pictures import picture_url


def thumbnail(frame: Frame, *, width_px: int = 160) -> SafeString:
    """Show a frame small."""
    return format_html(
        '<img src="{}" width="{}" loading="lazy" alt="">', picture_url(frame, width_px=width_px), width_px
    )


@admin.register(Frame)
class FrameAdmin(MadeByMachines[Frame]):
    list_display = ("id", "small", "video_link", "camera", "pts_s", "recorded_at", "tag_list")
    list_display_links = ("id", "small")
    list_filter = ("camera", "recorded_at")
    list_select_related = ("video", "camera")
    search_fields = ("=id", "=video__id", "=video__sha256")
    fields = (
        *("large", "video_link", "camera", "pts_us", "recorded_at", "all_tags", "all_evidence"),
        *("ratings", "first", "image", "rows"),
    )

    @admin.display(description="picture")
    def small(self, frame: Frame) -> SafeString:
        return thumbnail(frame)

    @admin.display(description="picture")
    def large(self, frame: Frame) -> SafeString:
        return format_html('<a href="{}">{}</a>', picture_url(frame), thumbnail(frame, width_px=640))

    @admin.display(description="video")
    def video_link(self, frame: Frame) -> SafeString:
        return link(frame.video)

    @admin.display(description="tags")
    def tag_list(self, frame: Frame) -> str:
        """Words and yes or no; the numbers behind them are on the frame's own page."""
        words = {name: value for name, value in sorted(frame.tags.items()) if isinstance(value, str | bool)}
        return ", ".join(f"{name}: {value}" for name, value in words.items())

    @admin.display(description="tags")
    def all_tags(self, frame: Frame) -> SafeString:
        return pretty(frame.tags)

    @admin.display(description="evidence")
    def all_evidence(self, frame: Frame) -> SafeString:
        return pretty(frame.evidence)

    @admin.display(description="beside the others")
    def ratings(self, frame: Frame) -> str:
        """What the job `rate` found."""
        found = {
            "uniqueness": frame.uniqueness, "typicality": frame.typicality, "outlier score": frame.outlier_score,
        }  # fmt: skip
        shown = [f"{name} {value:.3g}" for name, value in found.items() if value is not None]
        return ", ".join(shown) or "not rated yet"

    @admin.display(description="duplicate of")
    def first(self, frame: Frame) -> SafeString | str:
        return link(frame.duplicate_of) if frame.duplicate_of else "-"

    @admin.display(description="has")
    def rows(self, frame: Frame) -> SafeString:
        return (
            list_link(Detection, "detections", frame=frame.pk)
            + SafeString(" ")
            + list_link(Keep, "runs that keep it", frame=frame.pk)
        )


@admin.register(Keep)
class KeepAdmin(MadeByMachines[Keep]):
    list_display = ("id", "small", "frame_link", "kept_by", "reason")
    list_filter = ("reason",)
    list_select_related = ("frame", "run", "made_in")
    search_fields = ("=run__id", "=frame__id")

    @admin.display(description="picture")
    def small(self, keep: Keep) -> SafeString:
        return thumbnail(keep.frame)

    @admin.display(description="frame")
    def frame_link(self, keep: Keep) -> SafeString:
        return link(keep.frame)

    @admin.display(description="kept by")
    def kept_by(self, keep: Keep) -> SafeString | str:
        return link(keep.run, f"run {keep.run_id}") if keep.run else str(keep.made_in)
