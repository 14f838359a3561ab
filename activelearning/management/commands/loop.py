"""`manage.py loop`: rounds, one after another, until the suite is green."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import RenderableType
from rich.text import Text

from activelearning.management.commands.rounds import newest_run, report_text
from activelearning.management.round_arguments import (
    add_settings,
    labelling_of,
    raised_of,
    strategy_text,
    trainer_of,
)
from activelearning.management.round_json import loop_json
from activelearning.management.round_tables import NO_LOOP, loop_sections, loops_table
from activelearning.models import Loop, Round
from activelearning.services.loops import LoopOptions, find_loop, resume_loop, start_loop, stop_loop
from curation.core.errors import WinnowError
from curation.doorbell import ring_job
from curation.management.progress import run_with_bar
from evaluation.management.printing import say
from evaluation.models import TestRun
from evaluation.services.suites import save_suite
from evaluation.services.test_records import find_run

DONE, NOT_READY, WRONG = 0, 1, 2
LISTED = 50
Said = tuple[dict[str, Any], Iterable[RenderableType]]


class Command(BaseCommand):
    help = (
        "Run rounds until a suite is green, the labels are spent or nothing gets better, and say which: manage.py loop "
        "--suite street --model people-v3 --budget 300 --rounds 3 --via label_studio --project 1. Exit status: 0 the "
        "suite is ready; 1 it is not; 2 the command was wrong, it was refused, or a step failed (loop resume N)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", nargs="?", choices=("start", "list", "show", "resume", "stop"), default="start")
        parser.add_argument("loop", nargs="?", metavar="LOOP", help="The loop's number: of show, resume and stop.")
        parser.add_argument("--suite", help="A suite's name, or its YAML file.")
        parser.add_argument("--model", help="The model to begin with; it must have been tested against the suite.")
        parser.add_argument("--test-run", metavar="N", help="The test run to begin with, in place of both.")
        parser.add_argument("--budget", type=int, default=0, metavar="FRAMES", help="Frames to label at most, in all.")
        parser.add_argument("--rounds", type=int, default=3, help="Rounds at most. Default: %(default)s")
        parser.add_argument("--patience", type=int, default=2, help="Rounds without progress before it gives up.")
        parser.add_argument(
            "--from-last", action="store_true", help="Teach each model further instead of the first one anew."
        )
        add_settings(parser)
        parser.add_argument("--queue", action="store_true", help="Leave the work to the workers.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verbs: dict[str, Callable[[dict[str, Any]], int]] = {
            "start": self._start, "list": self._list, "show": self._show, "resume": self._resume, "stop": self._stop,
        }  # fmt: skip
        if options["verb"] in ("show", "resume", "stop") and not options["loop"]:
            raise CommandError(f"Name the loop: manage.py loop {options['verb']} LOOP", returncode=WRONG)
        try:
            status = verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if status:
            sys.exit(status)

    def _start(self, options: dict[str, Any]) -> int:
        loop = start_loop(
            first_run=_first(options),
            budget=options["budget"],
            rounds=options["rounds"],
            options=LoopOptions(
                scenarios=options["scenario"],
                strategy_text=strategy_text(options["strategy"]),
                seed=options["seed"] or 0,
                via=options["via"] or "label_studio",
                labelling=labelling_of(options),
                dataset=options["dataset"],
                base=options["base"],
                trainer=trainer_of(options),
                raise_shares=raised_of(options),
                patience=options["patience"],
                from_first=not options["from_last"],
            ),
            here=not options["queue"],
        )
        return self._done(loop, options)

    def _resume(self, options: dict[str, Any]) -> int:
        return self._done(resume_loop(loop=find_loop(options["loop"]), here=not options["queue"]), options)

    def _done(self, loop: Loop, options: dict[str, Any]) -> int:
        assert loop.job is not None
        if options["queue"]:
            ring_job(loop.job.pk)
            return self._told(loop, options)
        try:
            run_with_bar(loop.job, self.stderr, show=sys.stderr.isatty())
        except CommandError as error:
            again = f"\nWhat was done is kept. When it is mended: manage.py loop resume {loop.pk}"
            raise CommandError(f"{error}{again}", returncode=error.returncode) from error
        loop = find_loop(loop.pk)
        if not options["json"]:
            for round in loop.rounds.filter(state=Round.State.CLOSED).order_by("number"):
                self.stdout.write(report_text(round, kind="terminal", color=sys.stdout.isatty()))
        return self._told(loop, options)

    def _told(self, loop: Loop, options: dict[str, Any]) -> int:
        say(self.stdout, loop_json(loop), loop_sections(loop), as_json=options["json"])
        return DONE if loop.ended in ("", Loop.Ended.READY) else NOT_READY

    def _list(self, options: dict[str, Any]) -> int:
        loops = list(Loop.objects.select_related("suite__suite", "first_run__model", "job")[:LISTED])
        plain = {"loops": list(map(loop_json, loops))}
        say(self.stdout, plain, [loops_table(loops) if loops else Text(NO_LOOP)], as_json=options["json"])
        return DONE

    def _show(self, options: dict[str, Any]) -> int:
        return self._told(find_loop(options["loop"]), options)

    def _stop(self, options: dict[str, Any]) -> int:
        loop = stop_loop(loop=find_loop(options["loop"]))
        say(self.stdout, loop_json(loop), loop_sections(loop), as_json=options["json"])
        return DONE


def _first(options: dict[str, Any]) -> TestRun:
    if options["test_run"]:
        return find_run(options["test_run"])
    if not (options["suite"] and options["model"]):
        raise CommandError("Say what to begin with: --suite NAME --model NAME, or --test-run N.", returncode=WRONG)
    suite = options["suite"]
    if suite.endswith((".yaml", ".yml")):
        try:
            suite = str(save_suite(text=Path(suite).read_text(encoding="utf-8"))[0])
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{suite} cannot be read: {error}", returncode=WRONG) from error
    return newest_run(suite, options["model"])
