"""`manage.py jobs`: what is at work, and what became of it."""

import json
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape

from curation.core.errors import WinnowError
from curation.doorbell import ring_job
from curation.management.tables import plain_table
from curation.models import Job
from curation.services.jobs import cancel_job, resume_job

WRONG = 2
PIPED_COLUMNS = 160
VERBS = {"cancel": cancel_job, "resume": resume_job}


class Command(BaseCommand):
    help = "List imports, exports and other long work; cancel or resume one: manage.py jobs resume 7."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", nargs="?", default="list", choices=("list", "show", *VERBS))
        parser.add_argument("id", nargs="?", type=int, help="The job's number, for show, cancel and resume.")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="List at most so many (20).")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        if options["verb"] == "list":
            jobs = list(Job.objects.order_by("-id")[: max(1, options["limit"])])
        else:
            jobs = [self._one(options["verb"], options["id"])]
        if options["json"]:
            self.stdout.write(json.dumps({"jobs": [_as_json(job) for job in jobs]}))
        elif not jobs:
            self.stdout.write("There are no jobs yet. Imports, exports, retagging and rating are jobs.")
        else:
            self.stdout.write(_table(jobs), ending="")

    def _one(self, verb: str, job_id: int | None) -> Job:
        if job_id is None:
            raise CommandError(
                f"Which job? manage.py jobs {verb} NUMBER; `manage.py jobs` lists them.", returncode=WRONG
            )
        job = Job.objects.filter(pk=job_id).first()
        if job is None:
            raise CommandError(f"There is no job {job_id}; `manage.py jobs` lists them.", returncode=WRONG)
        if verb in VERBS:
            try:
                job = VERBS[verb](job=job)
            except WinnowError as error:
                raise CommandError(str(error), returncode=WRONG) from error
            ring_job(job.pk)
        return job


def _table(jobs: list[Job]) -> str:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
    table = plain_table(">job", "kind", "state", ">done", "what")
    for job in jobs:
        share = f"{job.done}/{job.total}" if job.total else str(job.done or "")
        table.add_row(str(job.pk), job.kind, job.state, share, escape(job.error or job.doing))
    with console.capture() as printed:
        console.print(table)
    return printed.get()


def _as_json(job: Job) -> dict[str, Any]:
    return {
        "id": job.pk, "kind": job.kind, "state": job.state, "done": job.done, "total": job.total, "doing": job.doing,
        "error": job.error or None, "params": job.params, "result": job.result,
    }  # fmt: skip
