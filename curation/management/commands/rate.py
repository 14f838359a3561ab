"""`manage.py rate`: what each frame is like beside the others."""

import json
import math
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from curation.core.errors import WinnowError
from curation.core.rating import Nearness
from curation.management.progress import run_with_bar
from curation.models import Job
from curation.services.rating import start_rating
from curation.services.rating_rows import OUTLIER

WRONG = 2
SHOWN = 5
PIPED_COLUMNS = 120
USUAL = Nearness()


class Command(BaseCommand):
    help = (
        "Rate all frames beside each other: near-duplicates, outliers, uniqueness and typicality. Frames that come "
        "later have no ratings until it is done again. Exit status: 0 rated; 2 the command itself was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--embedder", metavar="NAME", help="Whose vectors to compare. Default: those of the most frames."
        )
        parser.add_argument(
            "--min-similarity", type=float, metavar="X",
            help=f"Frames as alike as this are near-duplicates; 1 is the same ({USUAL.min_similarity}).",
        )  # fmt: skip
        parser.add_argument(
            "--max-bits", type=int, metavar="N",
            help="Or a little less alike, with perceptual hashes that differ in at most so many of 64 bits "
            f"({USUAL.max_bits}).",
        )  # fmt: skip
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object on stdout, and nothing else there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        try:
            job = start_rating(
                embedder=options["embedder"],
                min_similarity=options["min_similarity"],
                max_bits=options["max_bits"],
                here=True,
            )
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        done = run_with_bar(job, self.stderr)
        if options["json"]:
            self.stdout.write(json.dumps({"job": done.pk, **done.params, **done.result}))
            return
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            for line in _summary(done):
                console.print(line, markup=False)
        self.stdout.write(printed.get(), ending="")


def _summary(job: Job) -> list[str]:
    """Say what came of it and how to see it."""
    rated = job.result
    if not rated["frames"]:
        return ["There are no frames yet. Take footage in: manage.py ingest PATH --wait"]
    return [*_compared(rated), *_duplicates(rated), *_outliers(rated), *_unreadable(rated)]


def _compared(rated: dict[str, Any]) -> list[str]:
    without = rated["frames"] - rated["compared"]
    if not rated["compared"]:
        why = "None has a vector, so only equal-looking pictures were found; run a cascade with an embed stage."
        return [f"{rated['frames']} frames. {why}"]
    rest = f"; {without} have no vector and were compared by their perceptual hash alone" if without else ""
    return [f"{rated['compared']} frames compared by {rated['embedder']}{rest}."]


def _duplicates(rated: dict[str, Any]) -> list[str]:
    if not rated["duplicates"]:
        return ["No near-duplicates."]
    return [
        f"{rated['duplicates']} are near-duplicates of {rated['groups']} others. "
        "See them: manage.py search 'duplicate:true'",
        "Without them: manage.py search 'duplicate:false'",
    ]


def _outliers(rated: dict[str, Any]) -> list[str]:
    farthest = rated["farthest"][:SHOWN]
    if not farthest:
        return []
    named = ", ".join(f"{one['frame']} ({one['outlier_score']:.1f})" for one in farthest)
    # Where none stands out, a lower score shows those that are named.
    least = OUTLIER if rated["outliers"] else math.floor(10 * farthest[-1]["outlier_score"]) / 10
    return [
        f"{rated['outliers'] or 'No'} outliers (score above {OUTLIER}). Least like the rest: frames {named}. "
        f"See them: manage.py search 'outlier_score:>{least}'"
    ]


def _unreadable(rated: dict[str, Any]) -> list[str]:
    if not rated["unreadable"]:
        return []
    named = ", ".join(map(str, rated["unreadable_frames"][:SHOWN]))
    more = ", …" if rated["unreadable"] > min(SHOWN, len(rated["unreadable_frames"])) else ""
    return [
        f"{rated['unreadable']} pictures are missing or damaged, so they have no hash: frames {named}{more}. "
        "Do the runs or imports that keep them again."
    ]
