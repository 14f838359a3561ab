"""`manage.py conditions`: where the model should work."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console, RenderableType

from curation.core.errors import WinnowError
from curation.management.conditions_shown import (
    calibration_table,
    conditions_json,
    conditions_table,
    history_table,
    retag_table,
)
from curation.management.progress import run_with_bar
from curation.models import Job, OperatingConditions
from curation.services.calibration import calibrate_factor
from curation.services.conditions import current, save_conditions
from curation.services.retagging import start_retag

WRONG = 2
PIPED_COLUMNS = 160
VERBS = ("show", "set", "history", "retag", "calibrate")
NEEDS = {
    "set": "Which file? manage.py conditions set FILE; `-` reads stdin. "
    "`manage.py conditions show --yaml` prints the conditions in force, to begin with.",
    "calibrate": "Which factor? manage.py conditions calibrate FACTOR; it must be one with `from: prompts`.",
}


class Command(BaseCommand):
    help = (
        "Operating conditions: the factors that matter, their expected shares, and where their values come from. "
        "`show [VERSION]` (the default), `set FILE` brings other ones into force and tags frames anew, `history` lists "
        "versions, `retag` tags frames anew from what is stored, `calibrate FACTOR` learns from tags that people set. "
        "Exit status: 0 done, 2 the request was wrong and nothing was changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", nargs="?", default="show", choices=VERBS)
        parser.add_argument("what", nargs="?", help="show: a version's number; set: a YAML file; calibrate: a factor.")
        parser.add_argument("--yaml", action="store_true", help="show: print the text as it was written, to edit it.")
        parser.add_argument("--no-retag", action="store_true", help="set, calibrate: leave the frames as they are.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verb, what = options["verb"], options["what"]
        if verb in NEEDS and not what:
            raise CommandError(NEEDS[verb], returncode=WRONG)
        if verb in ("history", "retag") and what:
            raise CommandError(f"`conditions {verb}` takes nothing more, but {what!r} was given.", returncode=WRONG)
        try:
            getattr(self, f"_{verb}")(what, options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error

    def _show(self, what: str | None, options: dict[str, Any]) -> None:
        row = self._version(what) if what else current()
        if options["yaml"]:
            self.stdout.write(row.text)
        else:
            self._say(options, {"conditions": conditions_json(row)}, conditions_table(row))

    def _history(self, what: None, options: dict[str, Any]) -> None:
        rows = list(OperatingConditions.objects.select_related("created_by").order_by("-version"))
        self._say(options, {"versions": [_brief(row) for row in rows]}, history_table(rows))

    def _set(self, what: str, options: dict[str, Any]) -> None:
        row, is_new = save_conditions(text=_read(what))
        job = self._retagged(options) if is_new and not options["no_retag"] else None
        said = f"{row} is in force." if is_new else f"This is what {row} says, which is in force already."
        plain = {"conditions": _brief(row), "is_new": is_new, "retag": job.result if job else None}
        self._say(options, plain, said, *([retag_table(job)] if job else []))

    def _retag(self, what: None, options: dict[str, Any]) -> None:
        job = self._retagged(options)
        self._say(options, {"retag": job.result}, retag_table(job))

    def _calibrate(self, what: str, options: dict[str, Any]) -> None:
        learnt = calibrate_factor(factor=what)
        job = None if options["no_retag"] else self._retagged(options)
        plain = {"factor": what, "calibration": learnt, "retag": job.result if job else None}
        self._say(options, plain, calibration_table(what, learnt), *(["", retag_table(job)] if job else []))

    def _retagged(self, options: dict[str, Any]) -> Job:
        return run_with_bar(start_retag(here=True), self.stderr, show=not options["json"])

    def _version(self, what: str) -> OperatingConditions:
        number = what.rpartition("@")[2]
        row = OperatingConditions.objects.filter(version=int(number)).first() if number.isdecimal() else None
        if row is None:
            raise CommandError(f"There is no version {what!r}; `conditions history` lists them.", returncode=WRONG)
        return row

    def _say(self, options: dict[str, Any], plain: dict[str, Any], *shown: RenderableType) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(plain))
            return
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            for one in shown:
                console.print(one, markup=not isinstance(one, str))
        self.stdout.write(printed.get(), ending="")


def _brief(row: OperatingConditions) -> dict[str, Any]:
    return {"id": row.pk, "version": row.version, "name": row.name, "created_at": row.created_at.isoformat()}


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}", returncode=WRONG) from error
