"""Imports."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, pretty
from curation.models import DataImport
from curation.services.importing import report_of


@admin.register(DataImport)
class DataImportAdmin(MadeByMachines[DataImport]):
    list_display = ("id", "name", "format", "source", "pictures", "skipped", "job_link", "created_at")
    list_filter = ("format", "created_at")
    list_select_related = ("job",)
    search_fields = ("=id", "name", "source")
    fields = (("name", "format"), "source", "whole_report", "asked", "job_link", "created_at")

    @admin.display(description="pictures (new, known)")
    def pictures(self, row: DataImport) -> str:
        report = row.report
        new, known = report.get("pictures_new", 0), report.get("pictures_known", 0)
        return f"{report.get('pictures', 0)} ({new}, {known})"

    @admin.display(description="skipped")
    def skipped(self, row: DataImport) -> int:
        return sum(one["count"] for one in row.report.get("skipped", ()))

    @admin.display(description="report")
    def whole_report(self, row: DataImport) -> SafeString:
        return pretty(report_of(row))

    @admin.display(description="asked for")
    def asked(self, row: DataImport) -> SafeString:
        return pretty(row.settings)

    @admin.display(description="job")
    def job_link(self, row: DataImport) -> SafeString | str:
        return link(row.job) if row.job else "–"
