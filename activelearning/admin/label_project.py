"""Projects on Label Studio servers."""

from django.contrib import admin
from django.utils.safestring import SafeString

from activelearning.models import LabelBatch, LabelProject
from curation.admin.site import MadeByMachines, link, list_link, pretty


@admin.register(LabelProject)
class LabelProjectAdmin(MadeByMachines[LabelProject]):
    list_display = ("id", "connection", "number", "title", "polled_at", "created_at", "rows")
    list_filter = ("connection",)
    list_select_related = ("connection",)
    search_fields = ("=id", "=number", "title")
    fields = (
        ("connection_link", "number"), "title", "offered", "config", ("webhook", "polled_at", "created_at"), "rows",
    )  # fmt: skip

    @admin.display(description="connection")
    def connection_link(self, project: LabelProject) -> SafeString:
        return link(project.connection)

    @admin.display(description="offers")
    def offered(self, project: LabelProject) -> SafeString:
        return pretty({"classes": project.classes, "factors": project.factors, "names": project.names})

    @admin.display(description="has")
    def rows(self, project: LabelProject) -> SafeString:
        return list_link(LabelBatch, "batches", project=project.pk)
