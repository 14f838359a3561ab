"""`manage.py labelling`: batches of frames sent to people, and what they say of them."""

import dataclasses
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rich.console import RenderableType

from activelearning.management.labelling_arguments import add_verbs
from activelearning.management.labelling_json import batch_json
from activelearning.management.labelling_tables import (
    NONE_YET,
    batch_sections,
    batches_table,
    drift_sections,
    taken_sections,
)
from activelearning.models import LabelBatch
from activelearning.services.answers import merge_again
from activelearning.services.batch_export import export_batch
from activelearning.services.batch_import import import_answers
from activelearning.services.batch_progress import counts_of, progress_of
from activelearning.services.batches import find_batch, make_batch
from activelearning.services.closing import close_batch
from activelearning.services.drift import drift_of
from activelearning.services.drift_mending import mend
from activelearning.services.known_truth import answer_by_truth
from activelearning.services.label_projects import find_label_project
from activelearning.services.pulling import request_pull
from activelearning.services.pushing import request_push
from curation.core.errors import WinnowError
from curation.doorbell import ring_job
from curation.management.progress import run_with_bar
from curation.models import Job
from curation.services.filtering import frames_matching
from evaluation.management.printing import say
from evaluation.services.model_registry import find_model

WRONG = 2
LISTED = 100
Said = tuple[dict[str, Any], Iterable[RenderableType]]


class Command(BaseCommand):
    help = (
        "Batches of frames that people label: manage.py labelling make --name night --query lighting:dark --via files; "
        "labelling export 3 --out night.zip; labelling import 3 night-labelled.xml; labelling show 3. Exit status: 0 "
        "done; 2 the command was wrong, was refused, or the work failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_verbs(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verbs: dict[str, Callable[[dict[str, Any]], Said]] = {
            "list": _list, "make": _make, "show": _show, "send": self._send, "pull": self._pull, "drift": _drift,
            "mend": self._mend, "export": _export, "import": _import, "merge": _merge, "close": _close,
        }  # fmt: skip
        try:
            plain, sections = verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        say(self.stdout, plain, sections, as_json=options["json"])

    def _send(self, options: dict[str, Any]) -> Said:
        batch = find_batch(options["batch"])
        if batch.via == LabelBatch.Via.TRUTH:
            told = answer_by_truth(batch=batch).to_dict()
            return told, taken_sections(told)
        with transaction.atomic():
            job = request_push(batch=batch, here=not options["queue"])
        return self._done(job, options, lambda: _show(options))

    def _pull(self, options: dict[str, Any]) -> Said:
        with transaction.atomic():
            job = request_pull(batch=find_batch(options["batch"]), wait=options["wait"], here=not options["queue"])
        return self._done(job, options, lambda: (job.result, taken_sections(job.result)))

    def _mend(self, options: dict[str, Any]) -> Said:
        done = mend(batch=find_batch(options["batch"]), what=options["what"])
        if done.job is not None:
            ring_job(done.job.pk)
        left = f" {done.left} are left: say it again." if done.left else ""
        plain = {**dataclasses.asdict(dataclasses.replace(done, job=None)), "job": done.job.pk if done.job else None}
        return plain, [done.said + left]

    def _done(self, job: Job, options: dict[str, Any], then: Callable[[], Said]) -> Said:
        """Do a job here with a bar, or leave it to the workers."""
        if options["queue"]:
            ring_job(job.pk)
            return {"job": job.pk}, [f"Job {job.pk} is with the workers: manage.py jobs show {job.pk}"]
        run_with_bar(job, self.stderr, show=not options["json"] and sys.stderr.isatty())
        job.refresh_from_db()
        return then()


def _list(options: dict[str, Any]) -> Said:
    batches = list(LabelBatch.objects.order_by("-id")[:LISTED])
    counts = counts_of(batches)
    plain = {"batches": [batch_json(one, counts[one.pk]) for one in batches]}
    return plain, [batches_table(batches, counts)] if batches else [NONE_YET]


def _make(options: dict[str, Any]) -> Said:
    found = frames_matching(options["query"]).filter(held_out=False).order_by("pk").values_list("pk", flat=True)
    merge = {"policy": options["merge"]} | ({"truth": options["truth"]} if options["truth"] else {})
    batch = make_batch(
        name=options["name"],
        frame_ids=list(found[: options["most"]]),
        via=options["via"],
        project=find_label_project(options["project"]) if options["project"] else None,
        model=find_model(options["model"]) if options["model"] else None,
        classes=options["classes"],
        factors=options["factors"],
        merge=merge,
        cost_per_hour=options["cost_per_hour"],
        currency=options["currency"],
    )
    return _show({"batch": batch.pk})


def _show(options: dict[str, Any]) -> Said:
    batch = find_batch(options["batch"])
    found = progress_of(batch)
    return batch_json(batch, dataclasses.asdict(found)), batch_sections(batch, found)


def _drift(options: dict[str, Any]) -> Said:
    found = drift_of(find_batch(options["batch"]), days=options["days"])
    return found.to_dict(), drift_sections(found)


def _export(options: dict[str, Any]) -> Said:
    made = export_batch(batch=find_batch(options["batch"]), path=options["out"], format=options["format"])
    lost = [f"{options['format']} cannot say: {count} x {what}" for what, count in made.lost.items()]
    said = f"{options['out']}: {made.pictures} pictures, {made.boxes} pre-annotated boxes, {made.size_bytes:,} bytes"
    return {"file": str(options["out"]), **dataclasses.asdict(made)}, [said, *lost]


def _import(options: dict[str, Any]) -> Said:
    read = import_answers(
        batch=find_batch(options["batch"]),
        path=options["file"],
        format=options["format"],
        annotator=options["annotator"],
        empty_is_answer=not options["skip_empty"],
    )
    return read.to_dict(), _read_sections(read.to_dict())


def _read_sections(told: dict[str, Any]) -> Iterable[RenderableType]:
    counted = f"{told['pictures']} pictures, {told['matched']} of this batch, {told['unlabelled']} unlabelled"
    yield f"{told['format']}: {counted}"
    yield from taken_sections(told)
    for why, count in told["skipped"].items():
        yield f"{count} x not read: {why}"
    if told["unmatched_count"]:
        yield f"{told['unmatched_count']} pictures are of no frame of this batch: {', '.join(told['unmatched'][:5])}"
    if told["missing"]:
        yield f"{told['missing']} frames are still to be labelled."


def _merge(options: dict[str, Any]) -> Said:
    told = merge_again(batch=find_batch(options["batch"]), merge={"policy": options["policy"]}).to_dict()
    return told, taken_sections(told)


def _close(options: dict[str, Any]) -> Said:
    close_batch(batch=find_batch(options["batch"]))
    return _show(options)
