"""Models. They are registered by an admin over the API or `manage.py models add`, which look at the weights."""

from django.contrib import admin
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link, pretty
from evaluation.models import ModelVersion, PredictionRun


@admin.register(ModelVersion)
class ModelVersionAdmin(MadeByMachines[ModelVersion]):
    list_display = ("id", "name", "weights", "label_count", "trained_on", "parent", "created_by", "created_at", "rows")
    list_filter = ("created_at", ("detector", admin.EmptyFieldListFilter))
    list_select_related = ("trained_on__dataset", "parent", "created_by")
    search_fields = ("=id", "name", "=weights_sha256")
    fields = (
        "name", ("weights", "weights_sha256"), "all_labels", "mapped", ("trained_on_link", "parent_link"), "notes",
        "rows", ("created_by", "created_at"),
    )  # fmt: skip

    @admin.display(description="weights", ordering="detector")
    def weights(self, model: ModelVersion) -> str:
        return model.detector or "none here"

    @admin.display(description="labels")
    def label_count(self, model: ModelVersion) -> str:
        return str(len(model.labels)) if model.labels else "?"

    @admin.display(description="labels")
    def all_labels(self, model: ModelVersion) -> str:
        return ", ".join(model.labels) or "not known"

    @admin.display(description="label map")
    def mapped(self, model: ModelVersion) -> SafeString:
        return pretty(model.label_map)

    @admin.display(description="trained on")
    def trained_on_link(self, model: ModelVersion) -> SafeString | str:
        return link(model.trained_on) if model.trained_on else "–"

    @admin.display(description="parent")
    def parent_link(self, model: ModelVersion) -> SafeString | str:
        return link(model.parent) if model.parent else "–"

    @admin.display(description="has")
    def rows(self, model: ModelVersion) -> SafeString:
        return list_link(PredictionRun, "prediction runs", model=model.pk)
