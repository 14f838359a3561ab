"""Rounds, for the pages: the list, and one with what its steps did."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch

from activelearning.core.round_report import RoundReport
from activelearning.models import LabelBatch, LabelProject, Round, Training
from activelearning.services.batch_progress import progress_of
from activelearning.services.round_counts import candidate_counts, seed_counts
from curation.models import Job
from evaluation.core.record_json import from_plain
from evaluation.models import ScenarioResult, TestRun
from frontend.round_records import (
    BatchView,
    CountOf,
    RedRun,
    RetestView,
    RoundDetail,
    RoundRow,
    TrainingView,
    WorkNow,
)

MAX_ROUNDS = 100
MAX_RED = 20
RELATED = ("test_run__suite__suite", "test_run__model", "job", "loop__job")
HEAVY = ("test_run__record", "test_run__suite__text", "test_run__suite__spec", "job__checkpoint", "job__result")
_OFTEN = 500


def rounds() -> Sequence[RoundRow]:
    """List rounds, newest first. One query."""
    rows = Round.objects.select_related(*RELATED).defer(*HEAVY, "strategy_text").order_by("-id")
    return [_row(round) for round in rows[:MAX_ROUNDS]]


def round_detail(number: str) -> RoundDetail | None:
    """Look up a round by its number. A fixed number of queries."""
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    rows = Round.objects.select_related(
        *RELATED, "version__dataset", "training__job", "training__version__dataset", "training__base", "retest__model",
        "retest__job",
    ).defer(*HEAVY, "training__log", "retest__record")  # fmt: skip
    round = rows.filter(pk=int(number)).first()
    if round is None:
        return None
    version = round.version
    return RoundDetail(
        row=_row(round),
        test_run=round.test_run_id,
        work=_work(round),
        loop_is_at_work=bool(round.loop and round.loop.job and round.loop.job.is_open),
        via=round.via,
        is_automatic=round.is_automatic,
        strategy_text=round.strategy_text,
        version=str(version) if version else "",
        version_frames=version.frame_count if version else None,
        seeds=[CountOf(one.scenario, one.kind, one.count) for one in seed_counts(round)],
        candidates=[CountOf(one.arm, one.arm, one.kept, one.dropped) for one in candidate_counts(round)],
        batches=[_batch(batch) for batch in round.batches.select_related("project__connection").order_by("id")],
        training=_training(round.training) if round.training else None,
        retest=_retest(round.retest) if round.retest else None,
        report=from_plain(RoundReport, round.report) if round.report else None,
        notes=[str(note) for note in round.notes],
        samplers=_samplers(round),
        history=round.history,
    )


def red_runs() -> Sequence[RedRun]:
    """List the newest test runs with something to mend, newest first. Two queries."""
    red = ScenarioResult.objects.exclude(verdict=ScenarioResult.Verdict.PASS).only("run", "name").order_by("position")
    runs = (
        TestRun.objects.filter(is_final=False, finished_at__isnull=False, version__locked_at=None)
        .exclude(model__detector="")
        .filter(pk__in=ScenarioResult.objects.exclude(verdict=ScenarioResult.Verdict.PASS).values("run"))
        .select_related("model", "suite__suite")
        .defer("record", "suite__text", "suite__spec")
        .prefetch_related(Prefetch("results", queryset=red, to_attr="red"))
        .order_by("-id")
    )
    return [RedRun(run.pk, run.model.name, str(run.suite), [one.name for one in run.red]) for run in runs[:MAX_RED]]


def ways() -> Sequence[tuple[str, str]]:
    """List how frames can be labelled: each Label Studio project, and by files. One query."""
    projects = LabelProject.objects.select_related("connection").order_by("-id")[:MAX_RED]
    studio = [(f"label_studio:{one.pk}", f"Label Studio: {one.title} ({one.connection.name})") for one in projects]
    return [*studio, ("files", "Files, out and back")]


def _row(round: Round) -> RoundRow:
    job = _job(round)
    return RoundRow(
        id=round.pk,
        model=round.test_run.model.name,
        suite=str(round.test_run.suite),
        scenarios=round.scenarios,
        strategy=str(round.strategy.get("name") or ""),
        budget=round.budget,
        state=round.state,
        work=job.state if job else "",
        loop=round.loop_id,
        created_at=round.created_at,
        sentence=str(round.report.get("sentence") or ""),
    )


def _job(round: Round) -> Job | None:
    if round.job is not None or round.loop is None:
        return round.job
    return round.loop.job if round.is_open else None


def _work(round: Round) -> WorkNow | None:
    job = _job(round)
    return WorkNow(job.pk, job.state, job.done, job.total, job.doing, job.error) if job else None


def _batch(batch: LabelBatch) -> BatchView:
    far = progress_of(batch)
    project = batch.project
    url = project.connection.url.rstrip("/") if project else ""
    is_web = url.startswith(("http://", "https://"))
    return BatchView(
        id=batch.pk,
        name=batch.name,
        via=batch.via,
        via_words=batch.get_via_display(),
        project=project.title if project else "",
        address=f"{url}/projects/{project.number}/data" if project and is_web else "",
        counts={name: getattr(far, name) for name in ("labelled", "skipped", "gone", "sent", "waiting")},
        labels_per_hour=far.labels_per_hour,
        left_s=far.left_s,
        annotators=far.annotators,
        agreement=far.agreement,
        cost_so_far=far.cost_so_far,
        cost_expected=far.cost_expected,
        currency=far.currency,
        changes=far.changes,
        compared=far.compared,
    )


def _training(training: Training) -> TrainingView:
    epochs: Any = training.options.get("epochs")
    return TrainingView(
        id=training.pk,
        name=training.name,
        trainer=training.trainer,
        dataset=str(training.version),
        base=training.base.name if training.base else "",
        state=training.job.state if training.job else "gone",
        error=training.error,
        epochs=training.epochs,
        of_epochs=epochs if isinstance(epochs, int) else None,
        figures=training.figures,
        device=training.device,
    )


def _retest(run: TestRun) -> RetestView:
    state = "done" if run.is_done else run.job.state if run.job else "gone"
    return RetestView(run.pk, run.model.name, run.verdict, state)


def _samplers(round: Round) -> list[str]:
    firsts = round.candidates.order_by("rank").values_list("reasons__0__sampler", flat=True)
    return list(dict.fromkeys(name for name in firsts[:_OFTEN] if isinstance(name, str) and name))
