"""Batches of frames that people label."""

from functools import partial

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from activelearning.models import LabelBatch, LabelTask
from activelearning.services.closing import close_batch
from activelearning.services.pulling import request_pull
from activelearning.services.pushing import request_push
from curation.admin.site import MadeByMachines, do_each, link, list_link, pretty
from curation.doorbell import ring_job


@admin.register(LabelBatch)
class LabelBatchAdmin(MadeByMachines[LabelBatch]):
    list_display = (
        "id", "name", "via", "state", "labelled", "round_link", "project_link", "job_link", "created_by", "created_at",
        "rows",
    )  # fmt: skip
    list_filter = ("via", "state", "created_at")
    list_select_related = ("round", "project", "job", "created_by")
    search_fields = ("=id", "name", "=round__id", "=project__id")
    fields = (
        ("name", "via", "state"), ("round_link", "project_link", "job_link"), ("model_link", "least_score"),
        "asked_for", "merge_shown", ("cost_per_hour", "currency"), "rows",
        ("created_by", "created_at", "sent_at", "closed_at"),
    )  # fmt: skip
    actions = ("send", "pull", "close")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("activelearning.change_labelbatch")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LabelBatch]:
        done = Count("tasks", filter=Q(tasks__state=LabelTask.State.LABELLED))
        return super().get_queryset(request).annotate(labelled_count=done, task_count=Count("tasks"))

    @admin.action(description="Send to Label Studio", permissions=["operate"])
    def send(self, request: HttpRequest, batches: QuerySet[LabelBatch]) -> None:
        do_each(
            self, request, batches, lambda batch: _rung(request_push(batch=batch, user=request.user).pk),
            ring=lambda _: None, done="batches are being sent",
        )  # fmt: skip

    @admin.action(description="Read answers from Label Studio", permissions=["operate"])
    def pull(self, request: HttpRequest, batches: QuerySet[LabelBatch]) -> None:
        do_each(
            self, request, batches, lambda batch: _rung(request_pull(batch=batch, user=request.user).pk),
            ring=lambda _: None, done="batches are being read",
        )  # fmt: skip

    @admin.action(description="Close; what nobody labelled is taken out", permissions=["operate"])
    def close(self, request: HttpRequest, batches: QuerySet[LabelBatch]) -> None:
        do_each(
            self,
            request,
            batches,
            lambda batch: close_batch(batch=batch),
            ring=lambda _: None,
            done="batches are closed",
        )

    @admin.display(description="labelled")
    def labelled(self, batch: LabelBatch) -> str:
        return f"{getattr(batch, 'labelled_count', 0)} of {getattr(batch, 'task_count', 0)}"

    @admin.display(description="round")
    def round_link(self, batch: LabelBatch) -> SafeString | str:
        return link(batch.round) if batch.round else "–"

    @admin.display(description="project")
    def project_link(self, batch: LabelBatch) -> SafeString | str:
        return link(batch.project) if batch.project else "–"

    @admin.display(description="job")
    def job_link(self, batch: LabelBatch) -> SafeString | str:
        return link(batch.job, f"job {batch.job.pk}: {batch.job.state}") if batch.job else "–"

    @admin.display(description="pre-annotated by")
    def model_link(self, batch: LabelBatch) -> SafeString | str:
        return link(batch.model) if batch.model else "–"

    @admin.display(description="people are asked for")
    def asked_for(self, batch: LabelBatch) -> SafeString:
        return pretty({"classes": batch.classes, "factors": batch.factors})

    @admin.display(description="of several annotators")
    def merge_shown(self, batch: LabelBatch) -> SafeString:
        return pretty(batch.merge)

    @admin.display(description="has")
    def rows(self, batch: LabelBatch) -> SafeString:
        return list_link(LabelTask, "tasks", batch=batch.pk)


def _rung(job: int) -> None:
    transaction.on_commit(partial(ring_job, job))
