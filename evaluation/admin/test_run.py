"""Test runs and the results of their scenarios, which never change."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from curation.admin.site import MadeByMachines, link, list_link, pretty
from evaluation.core.reports import REPORTS
from evaluation.models import ScenarioResult, TestRun
from evaluation.services.result_rows import without_heavy


@admin.register(TestRun)
class TestRunAdmin(MadeByMachines[TestRun]):
    __test__ = False
    list_display = (
        "id",
        "model",
        "suite",
        "version",
        "verdict",
        "is_final",
        "job_link",
        "created_by",
        "created_at",
        "rows",
    )
    list_filter = ("verdict", "is_final", "created_at")
    list_select_related = ("model", "suite__suite", "version__dataset", "job", "created_by")
    search_fields = ("=id", "=model__name", "=suite__suite__name", "=version__dataset__name")
    fields = (
        ("model_link", "baseline_link"), ("suite_link", "version_link", "is_final"), ("verdict", "rows"), "reports",
        "whole_record", "asked", "job_link", "code_version", ("created_by", "created_at", "finished_at"),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[TestRun]:
        return super().get_queryset(request).defer("suite__text", "suite__spec")

    @admin.display(description="model")
    def model_link(self, run: TestRun) -> SafeString:
        return link(run.model)

    @admin.display(description="baseline")
    def baseline_link(self, run: TestRun) -> SafeString | str:
        return link(run.baseline) if run.baseline else "none"

    @admin.display(description="suite")
    def suite_link(self, run: TestRun) -> SafeString:
        return link(run.suite)

    @admin.display(description="dataset")
    def version_link(self, run: TestRun) -> SafeString | str:
        return link(run.version) if run.version else "none"

    @admin.display(description="job")
    def job_link(self, run: TestRun) -> SafeString | str:
        return link(run.job, f"job {run.job.pk}: {run.job.state}") if run.job else "–"

    @admin.display(description="has")
    def rows(self, run: TestRun) -> SafeString:
        return list_link(ScenarioResult, "scenarios", run=run.pk)

    @admin.display(description="reports")
    def reports(self, run: TestRun) -> SafeString | str:
        if not run.is_done:
            return "–"
        where = reverse("testrun-report", args=[run.pk])
        return format_html_join(" ", '<a href="{}?kind={}">{}</a>', ((where, kind, kind) for kind in REPORTS))

    @admin.display(description="record")
    def whole_record(self, run: TestRun) -> SafeString:
        return pretty(run.record)

    @admin.display(description="options")
    def asked(self, run: TestRun) -> SafeString:
        return pretty(run.options)


@admin.register(ScenarioResult)
class ScenarioResultAdmin(MadeByMachines[ScenarioResult]):
    list_display = ("id", "run_link", "position", "name", "critical", "verdict", "value", "low", "high", "threshold")
    list_filter = ("verdict", "critical")
    list_select_related = ("run__model", "run__suite__suite")
    search_fields = ("=id", "=run__id", "name")
    fields = (
        ("run_link", "position"), ("name", "critical"), ("verdict", "value", "low", "high", "threshold"),
        "whole_record",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScenarioResult]:
        heavy = ("record", "run__record", "run__suite__text", "run__suite__spec")
        return without_heavy(super().get_queryset(request)).defer(*heavy)

    @admin.display(description="run")
    def run_link(self, result: ScenarioResult) -> SafeString:
        return link(result.run)

    @admin.display(description="record")
    def whole_record(self, result: ScenarioResult) -> SafeString:
        return pretty(getattr(result, "light", {}))
