"""`manage.py predict`: what a model sees in frames, looked at here or read in from a file."""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.text import Text

from curation.core.errors import SpecError, WinnowError
from curation.core.query import QueryError, render_error
from curation.doorbell import ring_job
from curation.management.progress import run_with_bar
from curation.models import Job
from curation.services.datasets import find_version
from curation.services.jobs import due_jobs
from evaluation.management.model_json import run_json
from evaluation.management.model_tables import run_sections
from evaluation.management.printing import say
from evaluation.models import PredictionRun
from evaluation.services.model_registry import find_model
from evaluation.services.prediction_import import FORMATS, request_import
from evaluation.services.prediction_request import MAX_BOXES, MIN_SCORE, request_predictions

FAILED, WRONG = 1, 2
LOOK_S = 1.0


class Command(BaseCommand):
    help = (
        "Let a model look at frames: manage.py predict people-v3 --dataset street@4 --wait. Or read in what it found "
        "elsewhere: --import results.json --format coco --truth instances.json --dataset street@4. The same model, "
        "frames and parameters are looked at once. Exit status: 0 asked for, or with --wait done; 1 some rows of a "
        "file were skipped; 2 it was refused or failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", help="Its name: manage.py models list")
        frames = parser.add_mutually_exclusive_group(required=True)
        frames.add_argument("--dataset", metavar="NAME[@N]", help="The frames of a dataset version.")
        frames.add_argument("--query", metavar="Q", help="All frames that match and are not held out; '' is all.")
        parser.add_argument(
            "--min-score", type=float, default=MIN_SCORE, help=f"Boxes below it are not kept ({MIN_SCORE})."
        )  # fmt: skip
        parser.add_argument(
            "--max-boxes", type=int, default=MAX_BOXES, help=f"At most so many a frame, the best ({MAX_BOXES})."
        )  # fmt: skip
        parser.add_argument("--wait", action="store_true", help="Do it here and now, instead of leaving it to workers.")
        parser.add_argument(
            "--import", dest="file", metavar="FILE",
            help="Read predictions in. The file holds all that the model finds in the version: a frame without a row "
            "shows nothing.",
        )  # fmt: skip
        parser.add_argument("--format", choices=FORMATS, help="Of the file; default: by its suffix.")
        parser.add_argument(
            "--truth", default="", metavar="GT.json",
            help="The COCO file whose image and category ids the results use.",
        )  # fmt: skip
        parser.add_argument(
            "--pictures", default="", metavar="FOLDER",
            help="The original picture files, where pictures were imported: names are then found by content.",
        )  # fmt: skip
        parser.add_argument(
            "--final", action="store_true", help="For the final evaluation of a locked version; see scenarios final."
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        try:
            run, is_new = _read_in(options) if options["file"] else _look(options)
            if options["wait"] or options["file"]:
                self._wait(run, is_new=is_new, show=not options["json"])
            elif is_new and run.job is not None:
                ring_job(run.job.pk)
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            where = render_error(options["query"] or "", error)
            raise CommandError(f"The query is wrong.\n{where}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        run = PredictionRun.objects.select_related("model", "version__dataset", "job").get(pk=run.pk)
        sections = [*run_sections(run)]
        if not run.is_done and run.job is not None:
            sections.append(Text(f"Workers do it: manage.py jobs show {run.job.pk}. Or add --wait to do it here."))
        elif not is_new:
            sections.append(Text("It was there already: the same model, frames and parameters are looked at once."))
        say(self.stdout, {**run_json(run), "is_new": is_new}, sections, as_json=options["json"])
        if options["file"] and run.report.get("skipped"):
            sys.exit(FAILED)

    def _wait(self, run: PredictionRun, *, is_new: bool, show: bool) -> None:
        """Do a run's job here, or wait for the worker that has it. Raises CommandError if it fails."""
        if run.is_done or run.job is None:
            return
        if is_new:
            run_with_bar(run.job, self.stderr, show=show and sys.stderr.isatty())
            return
        while True:
            job = Job.objects.get(pk=run.job.pk)
            if not job.is_open:
                break
            if job.pk in due_jobs():
                run_with_bar(job, self.stderr, show=show and sys.stderr.isatty())
                return
            time.sleep(LOOK_S)
        if job.state != Job.State.DONE:
            raise CommandError(f"Job {job.pk} is {job.state}. {job.error}".strip(), returncode=WRONG)


def _look(options: dict[str, Any]) -> tuple[PredictionRun, bool]:
    for name in ("format", "truth", "pictures"):
        if options[name]:
            raise SpecError(f"--{name} belongs to --import FILE.")
    return request_predictions(
        model=find_model(options["model"]),
        version=find_version(options["dataset"]) if options["dataset"] is not None else None,
        query=options["query"] or "",
        min_score=options["min_score"],
        max_boxes=options["max_boxes"],
        here=options["wait"],
        is_final=options["final"],
    )


def _read_in(options: dict[str, Any]) -> tuple[PredictionRun, bool]:
    if options["dataset"] is None:
        raise SpecError(
            "Predictions are read in for a dataset version, so that a frame without a row is known to show nothing: "
            "--dataset NAME@N."
        )
    file = Path(options["file"]).absolute()
    kind = options["format"] or {".json": "coco", ".csv": "csv"}.get(file.suffix.lower())
    if kind is None:
        raise SpecError(f"{file.name} does not say its format by its suffix: add --format {' or '.join(FORMATS)}.")
    return request_import(
        model=find_model(options["model"]),
        version=find_version(options["dataset"]),
        file=str(file),
        format=kind,
        truth=_whole(options["truth"]),
        pictures=_whole(options["pictures"]),
        here=True,
        is_final=options["final"],
    )


def _whole(path: str) -> str:
    """Return a whole path, so that a job can be resumed from elsewhere; "" stays."""
    return str(Path(path).absolute()) if path else ""
