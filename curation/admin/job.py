"""Jobs, with what can be done to them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, do_each, pretty
from curation.doorbell import ring_job
from curation.models import Job
from curation.services.jobs import cancel_job, resume_job


@admin.register(Job)
class JobAdmin(MadeByMachines[Job]):
    list_display = ("id", "kind", "state", "progress", "doing", "created_by", "created_at", "finished_at", "error")
    list_filter = ("kind", "state", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("=id", "=kind")
    fields = (
        ("kind", "state", "progress"), "doing", "error", "asked", "outcome", "cpu_s", ("attempt", "failures", "worker"),
        ("created_by", "created_at", "started_at", "finished_at"),
    )  # fmt: skip
    actions = ("cancel", "resume")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("curation.change_job")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        do_each(self, request, jobs, lambda job: cancel_job(job=job), ring=ring_job, done="cancelled")

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        do_each(self, request, jobs, lambda job: resume_job(job=job), ring=ring_job, done="resumed")

    @admin.display(description="done")
    def progress(self, job: Job) -> str:
        return f"{job.done} of {job.total}" if job.total else str(job.done)

    @admin.display(description="asked for")
    def asked(self, job: Job) -> SafeString:
        return pretty(job.params)

    @admin.display(description="result")
    def outcome(self, job: Job) -> SafeString:
        return pretty(job.result)
