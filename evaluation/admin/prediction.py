"""Prediction runs, their frames and their boxes."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link, pretty
from evaluation.models import PredictedFrame, Prediction, PredictionRun


@admin.register(PredictionRun)
class PredictionRunAdmin(MadeByMachines[PredictionRun]):
    list_display = (
        "id", "model_link", "what", "origin", "frame_count", "box_count", "state", "job_link", "created_at",
        "finished_at",
    )  # fmt: skip
    list_filter = ("origin", "created_at", ("finished_at", admin.EmptyFieldListFilter))
    list_select_related = ("model", "version__dataset", "job")
    search_fields = ("=id", "=model__name", "=version__dataset__name", "query", "=key")
    fields = (
        ("model_link", "what"), ("origin", "source"), ("frame_count", "box_count", "state"), "rows", "asked",
        "whole_report", "job_link", ("frames_sha256", "key", "code_version"),
        ("created_by", "created_at", "finished_at"),
    )  # fmt: skip

    @admin.display(description="model")
    def model_link(self, run: PredictionRun) -> SafeString:
        return link(run.model)

    @admin.display(description="frames")
    def what(self, run: PredictionRun) -> str:
        return str(run.version) if run.version else run.query or "all frames"

    @admin.display(description="state")
    def state(self, run: PredictionRun) -> str:
        if run.is_done:
            return "done"
        if run.job is None:
            return "broken off"
        return f"{run.job.state}, {run.job.done} of {run.job.total}" if run.job.total else run.job.state

    @admin.display(description="job")
    def job_link(self, run: PredictionRun) -> SafeString | str:
        return link(run.job) if run.job else "–"

    @admin.display(description="parameters")
    def asked(self, run: PredictionRun) -> SafeString:
        return pretty(run.params)

    @admin.display(description="report")
    def whole_report(self, run: PredictionRun) -> SafeString:
        return pretty(run.report)

    @admin.display(description="has")
    def rows(self, run: PredictionRun) -> SafeString:
        models = {"frames": PredictedFrame, "boxes": Prediction}
        return format_html_join(" ", "{}", ((list_link(model, text, run=run.pk),) for text, model in models.items()))


@admin.register(PredictedFrame)
class PredictedFrameAdmin(MadeByMachines[PredictedFrame]):
    list_display = ("id", "run_link", "frame_link")
    list_select_related = ("run", "frame")
    search_fields = ("=run__id", "=frame__id")
    fields = ("run_link", "frame_link")

    @admin.display(description="run")
    def run_link(self, row: PredictedFrame) -> SafeString:
        return link(row.run, f"run {row.run_id}")

    @admin.display(description="frame")
    def frame_link(self, row: PredictedFrame) -> SafeString:
        return link(row.frame, f"frame {row.frame_id}")


@admin.register(Prediction)
class PredictionAdmin(MadeByMachines[Prediction]):
    list_display = ("id", "label", "percent", "box", "frame_link", "run_link")
    list_select_related = ("run", "frame")
    search_fields = ("=label", "=frame__id", "=run__id")
    fields = (("label", "percent"), "box", ("frame_link", "run_link"))

    @admin.display(description="score", ordering="score")
    def percent(self, row: Prediction) -> str:
        return f"{row.score:.2f}"

    @admin.display(description="x1, y1, x2, y2")
    def box(self, row: Prediction) -> str:
        return ", ".join(f"{side:.0f}" for side in (row.x1, row.y1, row.x2, row.y2))

    @admin.display(description="frame")
    def frame_link(self, row: Prediction) -> SafeString:
        return link(row.frame, f"frame {row.frame_id}")

    @admin.display(description="run")
    def run_link(self, row: Prediction) -> SafeString:
        return link(row.run, f"run {row.run_id}")
