"""Runs, with what can be done to them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, do_each, link, list_link, pretty
from curation.doorbell import ring
from curation.models import Chunk, Detection, Interval, Keep, Run
from curation.services.progress import progress_of
from curation.services.runs import cancel_run, rerun, resume_run


@admin.register(Run)
class RunAdmin(MadeByMachines[Run]):
    list_display = ("id", "video_link", "cascade", "status", "share_done", "frames_kept", "created_at", "finished_at")
    list_filter = ("status", "cascade__name", "created_at")
    list_select_related = ("video", "cascade")
    search_fields = ("=id", "video__name")
    fields = (
        ("video_link", "cascade"),
        ("status", "share_done"),
        "error",
        "rows",
        "stage_figures",
        "frames_kept",
        "whole_spec",
        "weights",
        ("code_version", "chunk_s", "spec_sha256"),
        ("created_at", "started_at", "finished_at"),
    )
    actions = ("cancel", "resume", "again")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Ask for the right to change runs; the fields themselves are for looking at only."""
        return request.user.has_perm("curation.change_run")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        do_each(self, request, runs, lambda run: cancel_run(run=run), ring=ring, done="cancelled")

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        do_each(self, request, runs, lambda run: resume_run(run=run), ring=ring, done="resumed")

    @admin.action(description="Run again from the start", permissions=["operate"])
    def again(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        do_each(self, request, runs, lambda run: rerun(run=run), ring=ring, done="started again")

    @admin.display(description="video")
    def video_link(self, run: Run) -> SafeString:
        return link(run.video)

    @admin.display(description="done")
    def share_done(self, run: Run) -> str:
        if not run.is_open:
            return "100 %" if run.status == Run.Status.DONE else "–"
        return f"{progress_of([run])[run.pk].share_done:.0%}"

    @admin.display(description="stages")
    def stage_figures(self, run: Run) -> SafeString:
        return pretty(run.stages)

    @admin.display(description="spec")
    def whole_spec(self, run: Run) -> SafeString:
        return pretty(run.spec)

    @admin.display(description="has")
    def rows(self, run: Run) -> SafeString:
        models = {"chunks": Chunk, "intervals": Interval, "kept frames": Keep, "detections": Detection}
        return format_html_join(" ", "{}", ((list_link(model, text, run=run.pk),) for text, model in models.items()))
