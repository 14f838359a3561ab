"""`manage.py profile`: what there is among the frames of a query, and what is lacking."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.text import Text

from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.management.profile_tables import sections
from curation.models import Frame
from curation.services.datasets import find_version
from curation.services.filtering import parse_query
from curation.services.footage_shares import footage_shares
from curation.services.profiles import Profile, profile
from curation.services.query_hints import hints

WRONG = 2
PIPED_COLUMNS = 120


class Command(BaseCommand):
    help = (
        "Show what there is: manage.py profile 'camera:gate' --pair lighting weather --against roads@2. "
        "Exit status: 0 shown, whatever there is; 2 the command itself was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", nargs="?", default="", help="Lucene syntax; none is every frame.")
        parser.add_argument("--against", metavar="DATASET@N", help="Compare with a dataset version; no @N: its newest.")
        parser.add_argument(
            "--pair",
            nargs=2,
            action="append",
            default=[],
            metavar=("FACTOR", "FACTOR"),
            help="Show which combinations of two factors there are. `camera` and `time` are factors too. Repeatable.",
        )
        parser.add_argument("--limit", type=int, default=10, metavar="N", help="At most so many gaps and values (10).")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object on stdout, and nothing else there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        query: str = options["query"]
        if options["limit"] < 1:
            raise CommandError(f"--limit is {options['limit']}; it must be at least 1.", returncode=WRONG)
        try:
            against = find_version(options["against"]) if options["against"] else None
            pairs = [(first, second) for first, second in options["pair"]]
            found = profile(query, against=against, pairs=pairs)
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            raise CommandError(f"The query is wrong.\n{render_error(query, error)}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if options["json"]:
            self.stdout.write(json.dumps({**found.to_dict(), "footage": asdict(footage_shares())}))
        else:
            self._print(found, limit=options["limit"])

    def _print(self, found: Profile, *, limit: int) -> None:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            console.print(_headline(found), markup=False)
            if found.frames:
                for section in sections(found, footage_shares(), limit=limit):
                    console.print(section, soft_wrap=isinstance(section, Text))
        # Tables fill their lines up with blanks.
        self.stdout.write("\n".join(line.rstrip() for line in printed.get().splitlines()))


def _headline(found: Profile) -> str:
    """Say how many frames there are; if there are none, what to do."""
    if found.frames:
        frames, match = ("frame", "matches") if found.frames == 1 else ("frames", "match")
        whose = f"{match} {found.query}" if found.query.strip() else "in the collection"
        held = f", {found.held_out:,} held out" if found.held_out else ""
        return f"{found.frames:,} {frames} {whose}: {found.annotated:,} labelled{held}."
    if not Frame.objects.exists():
        return "There are no frames yet. Take footage in: manage.py ingest PATH --wait"
    tried = " ".join(hints(parse_query(found.query))) or "Loosen a condition, or leave the query empty."
    return f"No frame matches. {tried}"
