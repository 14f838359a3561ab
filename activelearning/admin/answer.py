"""What annotators said."""

from django.contrib import admin
from django.utils.safestring import SafeString

from activelearning.models import Answer
from curation.admin.site import MadeByMachines, link, pretty


@admin.register(Answer)
class AnswerAdmin(MadeByMachines[Answer]):
    list_display = (
        "id", "task_link", "annotator", "box_count", "is_skip", "is_truth", "lead_time_s", "created_there",
        "deleted_at",
    )  # fmt: skip
    list_filter = ("is_skip", "is_truth")
    list_select_related = ("task__frame",)
    search_fields = ("=id", "=task__id", "=number", "annotator")
    fields = (
        ("task_link", "number"), ("annotator", "lead_time_s"), ("is_skip", "is_truth"), "boxes_shown", "tags_shown",
        "problems_shown", "raw_shown", ("created_there", "updated_there"), ("deleted_at", "read_at"),
    )  # fmt: skip

    @admin.display(description="task")
    def task_link(self, answer: Answer) -> SafeString:
        return link(answer.task, f"task {answer.task_id}")

    @admin.display(description="boxes")
    def box_count(self, answer: Answer) -> int:
        return len(answer.boxes)

    @admin.display(description="boxes")
    def boxes_shown(self, answer: Answer) -> SafeString:
        return pretty(answer.boxes)

    @admin.display(description="tags")
    def tags_shown(self, answer: Answer) -> SafeString:
        return pretty(answer.tags)

    @admin.display(description="what could not be used")
    def problems_shown(self, answer: Answer) -> SafeString:
        return pretty(answer.problems)

    @admin.display(description="as it came")
    def raw_shown(self, answer: Answer) -> SafeString:
        return pretty(answer.raw)
