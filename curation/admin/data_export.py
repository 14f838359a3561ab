"""Exports."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, pretty
from curation.models import DataExport


@admin.register(DataExport)
class DataExportAdmin(MadeByMachines[DataExport]):
    list_display = ("id", "what", "format", "purpose", "size", "file_count", "archive_link", "job_link", "created_at")
    list_filter = ("format", "purpose", "created_at")
    list_select_related = ("job", "version__dataset")
    search_fields = ("=id", "query", "version__dataset__name", "=sha256")
    fields = (
        ("what", "format", "purpose"), "archive_link", ("size", "file_count"), "sha256", "whole_report", "asked",
        "job_link", "created_at",
    )  # fmt: skip

    @admin.display(description="frames")
    def what(self, row: DataExport) -> str:
        return str(row.version) if row.version else row.query or "all frames"

    @admin.display(description="size", ordering="size_bytes")
    def size(self, row: DataExport) -> str:
        return f"{row.size_bytes / 1e6:,.1f} MB" if row.archive else "–"

    @admin.display(description="archive")
    def archive_link(self, row: DataExport) -> SafeString | str:
        if not row.archive:
            return "–"
        return format_html('<a href="{}">download</a>', reverse("dataexport-download", args=[row.pk]))

    @admin.display(description="report")
    def whole_report(self, row: DataExport) -> SafeString:
        return pretty(row.report)

    @admin.display(description="asked for")
    def asked(self, row: DataExport) -> SafeString:
        return pretty(row.settings)

    @admin.display(description="job")
    def job_link(self, row: DataExport) -> SafeString | str:
        return link(row.job) if row.job else "–"
