"""Runs, with what can be done to them."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link, pretty
from curation.core.errors import WinnowError
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
        self._do(request, runs, cancel_run, done="cancelled")

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        self._do(request, runs, resume_run, done="resumed")

    @admin.action(description="Run again from the start", permissions=["operate"])
    def again(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        self._do(request, runs, rerun, done="started again")

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

    def _do(self, request: HttpRequest, runs: QuerySet[Run], verb: Callable[..., object], *, done: str) -> None:
        count = 0
        for run in runs:
            try:
                with transaction.atomic():
                    verb(run=run)
                    transaction.on_commit(partial(ring, run.pk))
            except WinnowError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                count += 1
        self.message_user(request, f"{count} {done}.", messages.SUCCESS if count else messages.INFO)
