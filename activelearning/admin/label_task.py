"""Frames that people are asked to label, one a row."""

from django.contrib import admin
from django.utils.safestring import SafeString

from activelearning.models import Answer, LabelTask
from curation.admin.site import MadeByMachines, link, list_link, pretty


@admin.register(LabelTask)
class LabelTaskAdmin(MadeByMachines[LabelTask]):
    list_display = (
        "id", "batch_link", "frame_link", "number", "state", "agreement_shown", "note", "sent_at", "labelled_at",
        "rows",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("batch", "frame")
    search_fields = ("=id", "=batch__id", "=frame__id", "=number")
    fields = (
        ("batch_link", "frame_link"), ("number", "key"), ("state", "note"), ("agreement_shown", "rows"),
        "changes_shown", "predicted_shown", ("sent_at", "labelled_at", "changed_at"),
    )  # fmt: skip

    @admin.display(description="batch")
    def batch_link(self, task: LabelTask) -> SafeString:
        return link(task.batch)

    @admin.display(description="frame")
    def frame_link(self, task: LabelTask) -> SafeString:
        return link(task.frame, f"frame {task.frame_id}")

    @admin.display(description="agreement", ordering="agreement")
    def agreement_shown(self, task: LabelTask) -> str:
        return "–" if task.agreement is None else f"{task.agreement:.0%}"

    @admin.display(description="against the pre-annotation")
    def changes_shown(self, task: LabelTask) -> SafeString:
        return pretty(task.changes)

    @admin.display(description="pre-annotation")
    def predicted_shown(self, task: LabelTask) -> SafeString:
        return pretty(task.predicted)

    @admin.display(description="has")
    def rows(self, task: LabelTask) -> SafeString:
        return list_link(Answer, "answers", task=task.pk)
