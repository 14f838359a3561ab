"""`manage.py scenarios`: unit tests for a model."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from curation.core.errors import WinnowError
from curation.management.progress import run_with_bar
from curation.models import DatasetVersion, Job
from curation.services.datasets import find_version
from curation.services.handing_out import shell_account
from evaluation.core.comparison_record import ComparisonRecord
from evaluation.core.record_json import from_plain
from evaluation.core.reports.comparison import COMPARISON_REPORTS
from evaluation.core.reports.trend import TREND_REPORTS
from evaluation.core.results import RunRecord
from evaluation.management.scenario_arguments import REPORT_FILES, add_arguments
from evaluation.management.scenario_tables import discovery_text, list_text
from evaluation.models import SuiteVersion
from evaluation.services.comparing import request_comparison
from evaluation.services.discovery import request_discovery, suite_text
from evaluation.services.model_registry import find_model
from evaluation.services.reporting import rendered
from evaluation.services.suites import find_suite, save_suite
from evaluation.services.test_records import find_run, record_of
from evaluation.services.testing import request_test
from evaluation.services.trends import trend_of

READY, FAILED, COULD_NOT, UNDECIDED = 0, 1, 2, 3
STATUS = {"ready": READY, "failed": FAILED, "undecided": UNDECIDED}
PIPED_COLUMNS = 120


class Command(BaseCommand):
    help = (
        "Hold models against suites of scenarios: manage.py scenarios run --model people-v3 --suite street.yaml "
        "--dataset street@4. Exit status of run, final and report: 0 ready; 1 a critical scenario failed; "
        "3 not enough evidence to decide; 2 it could not be run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], int]] = {
            "save": self._save, "list": self._list, "show": self._show, "run": self._run, "final": self._run,
            "report": self._report, "compare": self._compare, "discover": self._discover, "trend": self._trend,
        }  # fmt: skip
        call_command("prepare")
        try:
            status = verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=COULD_NOT) from error
        if status:
            sys.exit(status)

    def _save(self, options: dict[str, Any]) -> int:
        version, is_new = save_suite(text=_read(options["file"]))
        count = len(version.spec["scenarios"])
        said = "stored" if is_new else "was stored already"
        self.stdout.write(f"{version} {said}: {count} scenario{'' if count == 1 else 's'}.")
        return READY

    def _list(self, options: dict[str, Any]) -> int:
        self._say(list_text(width=_width(), color=self._color()))
        return READY

    def _show(self, options: dict[str, Any]) -> int:
        self.stdout.write(find_suite(options["suite"]).text)
        return READY

    def _run(self, options: dict[str, Any]) -> int:
        is_final = options["verb"] == "final"
        version = find_version(options["dataset"]) if options["dataset"] else None
        _check_files(options)
        suite = _suite(options["suite"])
        if is_final:
            version = version or (find_version(suite.spec["dataset"]) if suite.spec["dataset"] else None)
            self._confirm(version, options)
        run = request_test(
            suite=suite,
            model=find_model(options["model"]),
            version=version,
            baseline=find_model(options["baseline"]) if options["baseline"] else None,
            options=_chosen(options),
            by_name=shell_account(),
            here=True,
            is_final=is_final,
        )
        self._do(run.job, options)
        return self._told(record_of(find_run(run.pk)), options)

    def _report(self, options: dict[str, Any]) -> int:
        _check_files(options)
        return self._told(record_of(find_run(options["run"])), options)

    def _compare(self, options: dict[str, Any]) -> int:
        job = request_comparison(
            suite=_suite(options["suite"]),
            model=find_model(options["before"]),
            other=find_model(options["after"]),
            version=find_version(options["dataset"]) if options["dataset"] else None,
            margin=options["margin"],
            options=_chosen(options),
            here=True,
        )
        done = self._do(job, options)
        record = from_plain(ComparisonRecord, done.result)
        self._forms(options, lambda kind: COMPARISON_REPORTS[kind](record, width=_width(), color=self._color()))
        return READY

    def _trend(self, options: dict[str, Any]) -> int:
        records = trend_of(options["suite"], dataset=options["dataset"])
        self._forms(options, lambda kind: TREND_REPORTS[kind](records, width=_width(), color=self._color()))
        return READY

    def _discover(self, options: dict[str, Any]) -> int:
        named = ("query", "most_factors", "least_images", "least_groups", "limit", "clusters")
        job = request_discovery(
            model=find_model(options["model"]),
            version=find_version(options["dataset"]),
            labels=_listed(options["labels"]),
            factors=_listed(options["factors"]),
            here=True,
            **{name: options[name] for name in named},
        )
        done = self._do(job, options)
        if options["json"]:
            _write(options["json"], json.dumps(done.result, indent=2) + "\n", self.stdout)
        if options["json"] != "-":
            self._say(discovery_text(done.result, width=_width(), color=self._color()))
        if options["out"]:
            _write(str(options["out"]), suite_text(done.result), self.stdout)
        return READY

    def _do(self, job: Job | None, options: dict[str, Any]) -> Job:
        assert job is not None
        return run_with_bar(job, self.stderr, show=options["json"] != "-" and sys.stderr.isatty())

    def _told(self, record: RunRecord, options: dict[str, Any]) -> int:
        for kind in REPORT_FILES:
            if options[kind]:
                _write(options[kind], rendered(record, kind, base_url=options["base_url"]), self.stdout)
        if options["json"] != "-":
            self._say(rendered(record, "terminal", width=_width(), color=self._color()))
        return STATUS[record.verdict]

    def _forms(self, options: dict[str, Any], render: Callable[[str], str]) -> None:
        for kind in ("markdown", "json"):
            if options[kind]:
                _write(options[kind], render(kind), self.stdout)
        if options["json"] != "-":
            self._say(render("terminal"))

    def _confirm(self, version: DatasetVersion | None, options: dict[str, Any]) -> None:
        """Say how often the hold-out was used, and ask. Each look at it makes its next figure worth less."""
        if version is None or not version.is_locked:
            return  # request_test says what is wrong
        uses = version.uses.filter(purpose="evaluation").count()
        known = f"{uses} time{'' if uses == 1 else 's'}" if uses else "never"
        self.stderr.write(f"{version} was used for a final evaluation {known} before. This use goes into its ledger.")
        if options["yes"]:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to answer; --yes says that it is meant.", returncode=COULD_NOT)
        if input("Use it now? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was done.", returncode=COULD_NOT)

    def _say(self, text: str) -> None:
        self.stdout.write(text.rstrip("\n"))

    def _color(self) -> bool:
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _width() -> int:
    if not sys.stdout.isatty():
        return PIPED_COLUMNS
    return shutil.get_terminal_size((PIPED_COLUMNS, 40)).columns


def _suite(name: str) -> SuiteVersion:
    """Take a YAML file as the suite that it is, or find a stored one."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return save_suite(text=_read(path))[0]
    return find_suite(name)


def _chosen(options: dict[str, Any]) -> dict[str, Any]:
    names = ("mode", "confidence", "replicates", "seed")
    return {name: options[name] for name in names if options[name] is not None}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", returncode=COULD_NOT) from error


def _check_files(options: dict[str, Any]) -> None:
    """See before the work whether the reports can be written."""
    for kind in REPORT_FILES:
        if options[kind] and options[kind] != "-" and not Path(options[kind]).absolute().parent.is_dir():
            raise CommandError(f"--{kind} {options[kind]}: there is no such folder.", returncode=COULD_NOT)


def _write(place: str, text: str, stdout: Any) -> None:
    if place == "-":
        stdout.write(text.rstrip("\n"))
        return
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{place} cannot be written: {error}", returncode=COULD_NOT) from error
