"""Loops: rounds, one after another, and why they ended."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from activelearning.models import Loop, Round
from curation.admin.site import MadeByMachines, link, list_link, pretty


@admin.register(Loop)
class LoopAdmin(MadeByMachines[Loop]):
    list_display = (
        "id", "suite", "budget", "most_rounds", "ended", "job_link", "created_by", "created_at", "finished_at", "rows",
    )  # fmt: skip
    list_filter = ("ended", "created_at")
    list_select_related = ("suite__suite", "job", "created_by")
    search_fields = ("=id", "=suite__suite__name")
    fields = (
        ("suite_link", "first_run_link"), ("budget", "most_rounds"), ("ended", "reason"), "rows", "asked", "job_link",
        ("created_by", "created_at", "finished_at"),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Loop]:
        return super().get_queryset(request).defer("suite__text", "suite__spec")

    @admin.display(description="suite")
    def suite_link(self, loop: Loop) -> SafeString:
        return link(loop.suite)

    @admin.display(description="started from")
    def first_run_link(self, loop: Loop) -> SafeString:
        return link(loop.first_run, f"test run {loop.first_run_id}")

    @admin.display(description="options")
    def asked(self, loop: Loop) -> SafeString:
        return pretty(loop.options)

    @admin.display(description="job")
    def job_link(self, loop: Loop) -> SafeString | str:
        return link(loop.job, f"job {loop.job.pk}: {loop.job.state}") if loop.job else "–"

    @admin.display(description="has")
    def rows(self, loop: Loop) -> SafeString:
        return list_link(Round, "rounds", loop=loop.pk)
