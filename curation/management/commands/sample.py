"""`manage.py sample`: what a sampling plan would give, and why a part falls short. It makes nothing."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.text import Text

from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.core.sampling import parse_plan
from curation.management.sample_arguments import add_arguments, plain_plan
from curation.management.sample_tables import sections
from curation.models import Frame
from curation.services.sampling import Draw, preview

SHORT, WRONG = 1, 2
PIPED_COLUMNS = 120


class Command(BaseCommand):
    help = (
        "Show what a sampling plan would give: manage.py sample 'camera:gate' --size 500 --quota '40% lighting:dark'. "
        "Exit status: 0 drawn as asked; 1 drawn, but something fell short; 2 the plan or the command was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        if options["limit"] < 1:
            raise CommandError(f"--limit is {options['limit']}; it must be at least 1.", returncode=WRONG)
        try:
            plain = plain_plan(options)
            plan = parse_plan(plain)
            drawn = preview(plan)
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            raise CommandError(f"A query is wrong.\n{_shown(error, options)}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if options["save_plan"]:
            _save(options["save_plan"], plain)
        if options["json"]:
            self.stdout.write(
                json.dumps({**drawn.to_dict(), "plan": plan.to_dict(), "frames": drawn.frame_ids.tolist()})
            )
        elif options["ids"]:
            self.stdout.write("\n".join(map(str, drawn.frame_ids.tolist())))
        else:
            self._print(drawn, limit=options["limit"], save_as=options["save_plan"] or options["plan"])
        if drawn.is_short:
            sys.exit(SHORT)

    def _print(self, drawn: Draw, *, limit: int, save_as: str | None) -> None:
        if not drawn.candidates and not Frame.objects.exists():
            self.stdout.write("There are no frames yet. Take footage in: manage.py ingest PATH --wait")
            return
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            for section in sections(drawn, limit=limit, save_as=save_as):
                console.print(section, soft_wrap=isinstance(section, Text))
        # Tables fill their lines up with blanks.
        self.stdout.write("\n".join(line.rstrip() for line in printed.get().splitlines()))


def _shown(error: QueryError, options: dict[str, Any]) -> str:
    """Point at the fault where the query that was typed is the only one there is."""
    typed = options["query"]
    return render_error(typed, error) if typed and not options["beside"] else str(error)


def _save(name: str, plain: dict[str, Any]) -> None:
    try:
        Path(name).write_text(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The plan cannot be written to {name}: {error}", returncode=WRONG) from error
