"""Suites and their versions, which never change."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link, pretty
from evaluation.models import Suite, SuiteVersion, TestRun


@admin.register(Suite)
class SuiteAdmin(MadeByMachines[Suite]):
    list_display = ("id", "name", "created_at", "rows")
    search_fields = ("=id", "name")
    fields = ("name", "created_at", "rows")

    @admin.display(description="has")
    def rows(self, suite: Suite) -> SafeString:
        return list_link(SuiteVersion, "versions", suite=suite.pk)


@admin.register(SuiteVersion)
class SuiteVersionAdmin(MadeByMachines[SuiteVersion]):
    """A new version comes by the API or `manage.py scenarios save`, where it is checked."""

    list_display = ("id", "reference", "created_by", "created_at", "runs")
    list_filter = ("created_at",)
    list_select_related = ("suite", "created_by")
    search_fields = ("=id", "=suite__name", "=sha256")
    fields = (("reference", "suite_link"), "whole_text", "whole_spec", "sha256", "runs", ("created_by", "created_at"))

    @admin.display(description="version")
    def reference(self, version: SuiteVersion) -> str:
        return str(version)

    @admin.display(description="suite")
    def suite_link(self, version: SuiteVersion) -> SafeString:
        return link(version.suite)

    @admin.display(description="text")
    def whole_text(self, version: SuiteVersion) -> SafeString:
        return format_html('<pre style="margin: 0; white-space: pre-wrap">{}</pre>', version.text)

    @admin.display(description="spec")
    def whole_spec(self, version: SuiteVersion) -> SafeString:
        return pretty(version.spec)

    @admin.display(description="has")
    def runs(self, version: SuiteVersion) -> SafeString:
        return list_link(TestRun, "test runs", suite=version.pk)
