"""Connections to Label Studio, and the projects there. They are entered by command or API, which check them."""

from django.contrib import admin
from django.utils.safestring import SafeString

from activelearning.models import Connection, LabelProject
from curation.admin.site import MadeByMachines, list_link, pretty


@admin.register(Connection)
class ConnectionAdmin(MadeByMachines[Connection]):
    list_display = ("name", "url", "pictures", "is_well", "checked_at", "created_by", "created_at", "rows")
    list_filter = ("pictures",)
    list_select_related = ("created_by",)
    search_fields = ("name", "url")
    fields = (
        ("name", "url"), ("pictures", "pictures_url", "webhook_url"), "said", "checked_at", "rows",
        ("created_by", "created_at"),
    )  # fmt: skip

    @admin.display(description="works", boolean=True)
    def is_well(self, connection: Connection) -> bool | None:
        return bool(connection.health["ok"]) if connection.health else None

    @admin.display(description="last look")
    def said(self, connection: Connection) -> SafeString:
        return pretty(connection.health)

    @admin.display(description="has")
    def rows(self, connection: Connection) -> SafeString:
        return list_link(LabelProject, "projects", connection=connection.pk)
