"""Rounds of the feedback loop: what each started from, what it did and what came of it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from activelearning.models import Candidate, LabelBatch, Round, Seed
from curation.admin.site import MadeByMachines, link, list_link, pretty


@admin.register(Round)
class RoundAdmin(MadeByMachines[Round]):
    list_display = (
        "id", "tested", "state", "budget", "strategy_name", "via", "loop_link", "job_link", "created_by", "created_at",
        "rows",
    )  # fmt: skip
    list_filter = ("state", "via", "is_automatic", "created_at")
    list_select_related = ("test_run__model", "test_run__suite__suite", "loop", "job", "created_by")
    search_fields = ("=id", "=loop__id", "=test_run__model__name", "=test_run__suite__suite__name")
    fields = (
        ("test_run_link", "loop_link", "number"), ("state", "is_automatic"), "about", ("budget", "seed", "rows"),
        "strategy_shown", ("via", "labelling_shown"), ("dataset", "base_link", "version_link"),
        ("trainer_shown", "shares_shown", "training_link"), ("retest_link", "arms_shown"), "steps", "notes_shown",
        "report_shown", "job_link", "code_version", ("created_by", "created_at", "closed_at"),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Round]:
        heavy = ("test_run__record", "test_run__suite__text", "test_run__suite__spec")
        return super().get_queryset(request).defer(*heavy)

    @admin.display(description="test run")
    def tested(self, round: Round) -> SafeString:
        return link(round.test_run)

    @admin.display(description="started from")
    def test_run_link(self, round: Round) -> SafeString:
        return link(round.test_run, f"test run {round.test_run_id}: {round.test_run}")

    @admin.display(description="loop")
    def loop_link(self, round: Round) -> SafeString | str:
        return link(round.loop) if round.loop else "–"

    @admin.display(description="scenarios")
    def about(self, round: Round) -> str:
        return ", ".join(round.scenarios)

    @admin.display(description="strategy")
    def strategy_name(self, round: Round) -> str:
        return str(round.strategy.get("name") or "–")

    @admin.display(description="strategy")
    def strategy_shown(self, round: Round) -> SafeString:
        return format_html('<pre style="margin: 0; white-space: pre-wrap">{}</pre>', round.strategy_text)

    @admin.display(description="labelling")
    def labelling_shown(self, round: Round) -> SafeString:
        return pretty(round.labelling)

    @admin.display(description="trained on besides")
    def base_link(self, round: Round) -> SafeString | str:
        return link(round.base_version) if round.base_version else "–"

    @admin.display(description="dataset version")
    def version_link(self, round: Round) -> SafeString | str:
        return link(round.version) if round.version else "–"

    @admin.display(description="trainer")
    def trainer_shown(self, round: Round) -> SafeString:
        return pretty(round.trainer)

    @admin.display(description="shares that are raised")
    def shares_shown(self, round: Round) -> SafeString:
        return pretty(round.raise_shares)

    @admin.display(description="training")
    def training_link(self, round: Round) -> SafeString | str:
        return link(round.training) if round.training else "–"

    @admin.display(description="re-test")
    def retest_link(self, round: Round) -> SafeString | str:
        return link(round.retest, f"test run {round.retest_id}: {round.retest}") if round.retest else "–"

    @admin.display(description="arms")
    def arms_shown(self, round: Round) -> SafeString:
        return pretty(round.arms)

    @admin.display(description="history")
    def steps(self, round: Round) -> SafeString:
        return pretty(round.history)

    @admin.display(description="notes")
    def notes_shown(self, round: Round) -> SafeString:
        return format_html_join("", "{}<br>", ((note,) for note in round.notes))

    @admin.display(description="report")
    def report_shown(self, round: Round) -> SafeString:
        return pretty(round.report)

    @admin.display(description="job")
    def job_link(self, round: Round) -> SafeString | str:
        return link(round.job, f"job {round.job.pk}: {round.job.state}") if round.job else "–"

    @admin.display(description="has")
    def rows(self, round: Round) -> SafeString:
        models = {"seeds": Seed, "candidates": Candidate, "batches": LabelBatch}
        return format_html_join(
            " ", "{}", ((list_link(model, text, round=round.pk),) for text, model in models.items())
        )  # fmt: skip
