"""Trainings: what each learnt from, how it went, and the model that came of it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activelearning.models import Training
from curation.admin.site import MadeByMachines, link, pretty


@admin.register(Training)
class TrainingAdmin(MadeByMachines[Training]):
    list_display = (
        "name", "version_link", "base_link", "trainer", "epoch_count", "map50", "model_link", "job_link", "created_by",
        "created_at",
    )  # fmt: skip
    list_filter = ("trainer", "job__state", "created_at")
    list_select_related = ("version__dataset", "base", "model", "job", "created_by")
    search_fields = ("=id", "name", "=version__dataset__name", "=base__name")
    fields = (
        ("name", "trainer", "seed"), ("version_link", "base_link", "model_link"), ("device", "onnx", "folder"), "error",
        "figures_shown", "shares_shown", "data_shown", "options_shown", "epochs_shown", "log_shown", "job_link",
        "code_version", ("created_by", "created_at", "finished_at"),
    )  # fmt: skip

    @admin.display(description="dataset")
    def version_link(self, training: Training) -> SafeString:
        return link(training.version)

    @admin.display(description="base")
    def base_link(self, training: Training) -> SafeString | str:
        return link(training.base) if training.base else "–"

    @admin.display(description="model")
    def model_link(self, training: Training) -> SafeString | str:
        return link(training.model) if training.model else "–"

    @admin.display(description="job")
    def job_link(self, training: Training) -> SafeString | str:
        return link(training.job, f"job {training.job.pk}: {training.job.state}") if training.job else "–"

    @admin.display(description="epochs")
    def epoch_count(self, training: Training) -> int:
        return len(training.epochs)

    @admin.display(description="mAP50")
    def map50(self, training: Training) -> str:
        value = training.figures.get("map50")
        return "–" if value is None else f"{value:.3f}"

    @admin.display(description="figures")
    def figures_shown(self, training: Training) -> SafeString:
        return pretty(training.figures)

    @admin.display(description="shares")
    def shares_shown(self, training: Training) -> SafeString:
        return pretty(training.shares)

    @admin.display(description="data")
    def data_shown(self, training: Training) -> SafeString:
        return pretty(training.data)

    @admin.display(description="options")
    def options_shown(self, training: Training) -> SafeString:
        return pretty(training.options)

    @admin.display(description="epochs")
    def epochs_shown(self, training: Training) -> SafeString:
        return pretty(training.epochs)

    @admin.display(description="log")
    def log_shown(self, training: Training) -> SafeString:
        return format_html('<pre style="margin: 0; white-space: pre-wrap">{}</pre>', training.log)
