"""Cascades."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, list_link, pretty
from curation.models import Cascade, Run


@admin.register(Cascade)
class CascadeAdmin(MadeByMachines[Cascade]):
    """A version never changes; a new one comes by the API or the command line, where it is checked."""

    list_display = ("name", "version", "stages", "runs", "created_at")
    list_filter = ("name",)
    search_fields = ("name",)
    fields = ("name", "version", "stages", "whole_spec", "runs", "created_at")

    @admin.display(description="stages")
    def stages(self, cascade: Cascade) -> str:
        return " → ".join(str(stage.get("name", stage.get("kind"))) for stage in cascade.spec.get("stages", []))

    @admin.display(description="spec")
    def whole_spec(self, cascade: Cascade) -> SafeString:
        return pretty(cascade.spec)

    @admin.display(description="runs")
    def runs(self, cascade: Cascade) -> SafeString:
        return list_link(Run, "runs", cascade=cascade.pk)
