"""The end of a round: what it brought, put side by side."""

from collections.abc import Generator, Mapping
from typing import Literal, cast

from django.db.models import Sum
from django.utils import timezone

from activelearning.core.round_report import Arm, Spent, figure_of, report_of
from activelearning.models import Answer, Round, Training
from activelearning.services.child_jobs import done_in_between
from activelearning.services.round_steps.moving import moved
from curation.models import Annotation, DatasetVersion
from curation.services.jobs import Progress
from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import from_plain, to_plain
from evaluation.models import TestRun
from evaluation.services.comparing import request_comparison
from evaluation.services.test_records import record_of


def close(round: Round, *, retest: TestRun, arms: Mapping[str, TestRun]) -> Generator[Progress, None, None]:
    """Compare the old and the new model on the same frames, write the report, and close the round."""
    comparison = yield from _compared(round, retest)
    report = report_of(
        round_id=round.pk,
        before=record_of(round.test_run, is_light=True),
        after=record_of(retest, is_light=True),
        targets=round.scenarios,
        spent=spent_on(round),
        training_version=str(round.version),
        comparison=comparison,
        arms=[_arm(round, name, run) for name, run in arms.items()],
        shares=round.training.shares if round.training else {},
        notes=round.notes,
    )
    with moved(round, to=Round.State.CLOSED, said=report.sentence) as row:
        row.report = to_plain(report)
        row.closed_at = timezone.now()


def spent_on(round: Round) -> Spent:
    """Count what people did for a round, and what that cost."""
    tasks = [task for batch in round.batches.all() for task in batch.tasks.all()]
    labelled = [task.frame_id for task in tasks if task.state == "labelled"]
    boxes = Annotation.objects.filter(frame__in=labelled, label_origin__answer__task__batch__round=round).count()
    answers = Answer.objects.filter(task__batch__round=round, deleted_at=None)
    seconds = answers.aggregate(s=Sum("lead_time_s"))["s"]
    batch = round.batches.order_by("id").first()
    price = batch.cost_per_hour if batch else None
    return Spent(
        frames=len(labelled),
        boxes=boxes,
        skipped=sum(task.state == "skipped" for task in tasks),
        minutes=None if seconds is None else seconds / 60,
        cost=None if seconds is None or price is None else seconds / 3600 * price,
        currency=batch.currency if batch else "",
    )


def _compared(round: Round, retest: TestRun) -> Generator[Progress, None, ComparisonRecord | None]:
    before = round.test_run
    if before.model_id == retest.model_id:
        return None
    job = request_comparison(
        suite=before.suite, model=before.model, other=retest.model, version=before.version, user=round.created_by
    )
    done = yield from done_in_between(job)
    return from_plain(ComparisonRecord, done.result)


def _arm(round: Round, name: str, run: TestRun) -> Arm:
    said = round.arms[name]
    figures = {
        one.name: figure_of(one) for one in record_of(run, is_light=True).scenarios if one.name in round.scenarios
    }
    return Arm(
        name=cast(Literal["strategy", "control"], name),
        labels=int(said["labels"]),
        model=Training.objects.get(pk=said["training"]).name,
        dataset=str(DatasetVersion.objects.select_related("dataset").get(pk=said["version"])),
        test_run=run.pk,
        figures=figures,
    )
