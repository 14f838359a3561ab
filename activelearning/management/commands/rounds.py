"""`manage.py rounds`: from red scenarios to the frames that mend them, and on to a model that was tested again."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rich.console import RenderableType
from rich.text import Text

from activelearning.core.round_report import RoundReport
from activelearning.core.round_reports import ROUND_REPORTS
from activelearning.core.shipped import shipped_text
from activelearning.management.round_arguments import (
    add_round_verbs,
    labelling_of,
    raised_of,
    strategy_text,
    trainer_of,
)
from activelearning.management.round_json import round_json
from activelearning.management.round_tables import NONE_YET, round_sections, rounds_table, strategies_table
from activelearning.models import Round
from activelearning.services.loops import last_run
from activelearning.services.rounds import (
    RoundError,
    abandon,
    add_candidates,
    attach_model,
    drop_candidates,
    find_round,
    go_on,
    rerun,
    restore_candidates,
    start_round,
)
from curation.core.errors import SpecError, WinnowError
from curation.doorbell import ring_job
from curation.management.progress import run_with_bar
from curation.models import Job
from curation.services.datasets import find_version
from curation.services.filtering import frames_matching
from evaluation.core.record_json import from_plain
from evaluation.management.printing import say
from evaluation.models import TestRun
from evaluation.services.model_registry import find_model
from evaluation.services.suites import find_suite
from evaluation.services.test_records import find_run

WRONG = 2
LISTED = 50
PIPED_COLUMNS, WIDTH = 140, 120
Said = tuple[dict[str, Any], Iterable[RenderableType]]


class Command(BaseCommand):
    help = (
        "Turn a test run's red scenarios into the next labels, the next dataset and the next model: manage.py rounds "
        "start --test-run 12 --budget 100. Each step can be looked at, resumed and done again. Exit status: 0 done; 2 "
        "the command was wrong, it was refused, or a step failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_round_verbs(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verbs: dict[str, Callable[[dict[str, Any]], Said | None]] = {
            "start": self._start, "list": _list, "show": _show, "report": self._report, "drop": _drop,
            "restore": _restore, "add": _add, "go": self._go, "rerun": self._rerun, "attach": self._attach,
            "abandon": _abandon, "strategies": self._strategies,
        }  # fmt: skip
        try:
            said = verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if said is not None:
            say(self.stdout, *said, as_json=options["json"])

    def _start(self, options: dict[str, Any]) -> Said:
        with transaction.atomic():
            made = start_round(
                test_run=_test_run(options),
                budget=options["budget"],
                scenarios=options["scenario"],
                strategy_text=strategy_text(options["strategy"]),
                seed=options["seed"],
                via=options["via"],
                labelling=labelling_of(options),
                dataset=options["dataset"],
                base_version=find_version(options["base"]) if options["base"] else None,
                trainer=trainer_of(options),
                raise_shares=raised_of(options),
                is_automatic=options["auto"],
                here=not options["queue"],
            )
        assert made.job is not None
        return self._done(made.pk, made.job, options)

    def _go(self, options: dict[str, Any]) -> Said:
        round, here = find_round(options["round"]), not options["queue"]
        wait = options["wait"] or not here
        job = go_on(round=round, early=options["early"], wait=wait, via=options["via"], here=here)
        return self._done(round.pk, job, options)

    def _rerun(self, options: dict[str, Any]) -> Said:
        round = find_round(options["round"])
        job = rerun(round=round, state=options["state"], here=not options["queue"])
        return self._done(round.pk, job, options)

    def _attach(self, options: dict[str, Any]) -> Said:
        round = find_round(options["round"])
        job = attach_model(round=round, model=find_model(options["model"]), here=not options["queue"])
        return self._done(round.pk, job, options)

    def _done(self, number: int, job: Job, options: dict[str, Any]) -> Said:
        """Do a round's job here with a bar, or leave it to the workers."""
        if options["queue"]:
            ring_job(job.pk)
        else:
            try:
                run_with_bar(job, self.stderr, show=sys.stderr.isatty())
            except CommandError as error:
                again = f"\nWhat was done is kept. When it is mended: manage.py rounds go {number}"
                raise CommandError(f"{error}{again}", returncode=error.returncode) from error
        return _told(number, shown=10)

    def _report(self, options: dict[str, Any]) -> None:
        text = report_text(find_round(options["round"]), kind=options["kind"], color=self._color(options))
        if options["out"] is not None:
            try:
                options["out"].write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(
                    f"{options['out']} cannot be written: {error.strerror}.", returncode=WRONG
                ) from error
            self.stdout.write(f"Wrote {options['out']}.")
        else:
            self.stdout.write(text, ending="")

    def _strategies(self, options: dict[str, Any]) -> None:
        if options["yaml"]:
            self.stdout.write(shipped_text(options["yaml"]), ending="")
        else:
            options["json"] = False
            say(self.stdout, {}, [strategies_table()], as_json=False)

    def _color(self, options: dict[str, Any]) -> bool:
        return sys.stdout.isatty() and options["out"] is None and not options["no_color"]


def report_text(round: Round, *, kind: str, color: bool = False, width: int = WIDTH) -> str:
    """Write a closed round's report. Raises RoundError if it is not closed."""
    if not round.report:
        raise RoundError("not_closed", f"Round {round.pk} is at {round.state!r}; its report comes when it is closed.")
    return ROUND_REPORTS[kind](from_plain(RoundReport, round.report), width=width, color=color)


def _list(options: dict[str, Any]) -> Said:
    rounds = list(Round.objects.select_related("test_run__model", "test_run__suite__suite", "job")[:LISTED])
    return {"rounds": list(map(round_json, rounds))}, [rounds_table(rounds) if rounds else Text(NONE_YET)]


def _show(options: dict[str, Any]) -> Said:
    return _told(options["round"], shown=options["candidates"])


def _drop(options: dict[str, Any]) -> Said:
    drop_candidates(round=find_round(options["round"]), frame_ids=_frames(options), note=options["note"])
    return _told(options["round"], shown=0)


def _restore(options: dict[str, Any]) -> Said:
    restore_candidates(round=find_round(options["round"]), frame_ids=_frames(options))
    return _told(options["round"], shown=0)


def _add(options: dict[str, Any]) -> Said:
    add_candidates(round=find_round(options["round"]), frame_ids=_frames(options), note=options["note"])
    return _told(options["round"], shown=0)


def _abandon(options: dict[str, Any]) -> Said:
    abandon(round=find_round(options["round"]), note_text=options["note"])
    return _told(options["round"], shown=0)


def _told(number: int | str, *, shown: int) -> Said:
    round = find_round(number)
    return round_json(round), round_sections(round, shown=shown)


def _frames(options: dict[str, Any]) -> list[int]:
    ids = list(options["frames"])
    if query := options.get("query"):
        ids += frames_matching(query).filter(held_out=False).values_list("id", flat=True)
    if not ids:
        raise SpecError(
            "Name at least one frame." if "query" not in options else "Name a frame, or a --query that matches."
        )
    return ids


def _test_run(options: dict[str, Any]) -> TestRun:
    if options["test_run"]:
        return find_run(options["test_run"])
    if not (options["suite"] and options["model"]):
        raise SpecError("Say what to start from: --test-run N, or --suite NAME --model NAME for its newest test run.")
    return newest_run(options["suite"], options["model"])


def newest_run(suite: str, model: str) -> TestRun:
    """Find a model's newest test run against a suite. Raises RoundError."""
    run = last_run(suite=find_suite(suite), model=find_model(model))
    if run is None:
        raise RoundError(
            "no_run",
            f"{model} was not tested against {suite} yet: manage.py scenarios run --model {model} --suite {suite}",
        )
    return run


__all__ = ["Command", "newest_run", "report_text"]
