"""`manage.py events`: truth over time, and what models see of it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from curation.core.errors import WinnowError
from curation.doorbell import ring_job
from curation.management.progress import run_with_bar
from curation.models import Job
from evaluation.core.event_figures import event_figures
from evaluation.management.event_tables import figures_text, list_text, show_text
from evaluation.models import EventSet
from evaluation.services.events import find_events, import_events, read_event_files, truth_of, with_counts
from evaluation.services.footage import FPS, MIN_SCORE, footage_evidence, looks_at, videos_of
from evaluation.services.looking_through import request_looks
from evaluation.services.model_registry import find_model

WRONG = 2
PIPED_COLUMNS = 120


class Command(BaseCommand):
    help = (
        "Truth over time: `import NAME FILE…` takes in who was in view when, `list` and `show NAME` tell what there "
        "is, `look MODEL --events NAME` has a model look through the same videos, and `measure MODEL --events NAME` "
        "says how many events it finds, how often it is wrong and how soon it sees them. Exit status: 0 done; 2 the "
        "request was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        take = verbs.add_parser("import", help="Make a set of events of JSON and CSV files. A set never changes.")
        take.add_argument("name", metavar="NAME", help="The set's name.")
        take.add_argument("files", metavar="FILE", nargs="+", type=Path, help="docs/events.md shows both forms.")
        take.add_argument("--video", default="", metavar="NAME", help="The video of files that name none.")
        take.add_argument("--note", default="", metavar="TEXT", help="Where it is from.")
        all_sets = verbs.add_parser("list", help="List the sets of events.")
        show = verbs.add_parser("show", help="Show a set's videos and events.")
        show.add_argument("name", metavar="NAME")
        look = verbs.add_parser("look", help="Have a model look through the videos of a set of events.")
        _model(look)
        look.add_argument(
            "--min-score", type=float, default=MIN_SCORE, metavar="X", help=f"Boxes from it on are kept ({MIN_SCORE})."
        )
        look.add_argument("--wait", action="store_true", help="Look here and now; without it workers do it.")
        measure = verbs.add_parser("measure", help="Say what a model that looked sees of the events.")
        _model(measure)
        measure.add_argument("--score", type=float, default=0.5, metavar="X", help="Score that counts as seen (0.5).")
        for verb in (take, all_sets, show, look, measure):
            verb.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "import": self._import, "list": self._list, "show": self._show, "look": self._look,
            "measure": self._measure,
        }  # fmt: skip
        call_command("prepare")
        try:
            verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error

    def _import(self, options: dict[str, Any]) -> None:
        told = read_event_files(options["files"], video=options["video"])
        made, is_new = import_events(name=options["name"], told=told, note=options["note"])
        counted = with_counts(EventSet.objects.filter(pk=made.pk)).get()
        said = "stored" if is_new else "was there already"
        plain = _brief(counted)
        self._say(
            options, {**plain, "is_new": is_new},
            f"{made} {said}: {plain['events']} events in {plain['videos']} videos.\n",
        )  # fmt: skip

    def _list(self, options: dict[str, Any]) -> None:
        sets = list(with_counts(EventSet.objects.all()).order_by("name"))
        plain = [_brief(one) for one in sets]
        self._say(options, {"event_sets": plain}, list_text(plain, width=_width()))

    def _show(self, options: dict[str, Any]) -> None:
        found = with_counts(EventSet.objects.filter(pk=find_events(options["name"]).pk)).get()
        truth = truth_of(found)
        self._say(
            options, {**_brief(found), "truth": truth}, show_text(_brief(found), truth, width=_width())
        )  # fmt: skip

    def _look(self, options: dict[str, Any]) -> None:
        model, events = find_model(options["model"]), find_events(options["events"])
        job = request_looks(
            model=model,
            videos=videos_of(events),
            fps=options["fps"],
            min_score=options["min_score"],
            here=options["wait"],
        )
        if options["wait"]:
            done = run_with_bar(job, self.stderr, show=not options["json"])
            self._say(options, {"job": done.pk, **done.result}, _looked(done))
        else:
            ring_job(job.pk)
            said = f"Job {job.pk} has {model} look; workers do it (make up). See it: manage.py jobs show {job.pk}\n"
            self._say(options, {"job": job.pk}, said)
        labels = set(events.stretches.order_by().values_list("label", flat=True).distinct())
        unseen = sorted(labels - {model.label_of(own) for own in model.labels}) if model.labels else []
        if unseen:
            self.stderr.write(
                f"{model} has no class that stands for {', '.join(unseen)}, so it will find none. "
                "Its label map says what its classes stand for: manage.py models."
            )

    def _measure(self, options: dict[str, Any]) -> None:
        model, events = find_model(options["model"]), find_events(options["events"])
        evidence = footage_evidence(events, model, fps=options["fps"])
        figures = event_figures(evidence, score=options["score"])
        looks = looks_at(videos_of(events), model=model, fps=options["fps"])
        plain = {
            "model": model.name, "events": events.name, "score": options["score"], "fps": options["fps"],
            "looks": sum(look.look_count for look in looks.values()), "groups": evidence.group_count,
            "figures": [figure.to_dict() for figure in figures],
        }  # fmt: skip
        self._say(options, plain, figures_text(plain, width=_width()))

    def _say(self, options: dict[str, Any], plain: dict[str, Any], text: str) -> None:
        self.stdout.write(json.dumps(plain) + "\n" if options["json"] else text, ending="")


def _model(parser: Any) -> None:
    parser.add_argument("model", metavar="MODEL", help="A registered model: manage.py models.")
    parser.add_argument("--events", required=True, metavar="NAME", help="A set of events: manage.py events list.")
    parser.add_argument("--fps", type=float, default=FPS, metavar="X", help=f"Looks each second of video ({FPS:g}).")


def _looked(job: Job) -> str:
    done = job.result
    again = f" {done['reused']} of them it had looked through before." if done["reused"] else ""
    return f"{done['model']} looked through {done['videos']} videos, {done['looks']} looks.{again}\n"


def _brief(event_set: Any) -> dict[str, Any]:
    return {
        "name": event_set.name, "note": event_set.note, "sha256": event_set.sha256,
        "videos": event_set.video_count, "events": event_set.event_count,
        "looked_s": event_set.looked_us / 1e6, "created_at": event_set.created_at.isoformat(),
    }  # fmt: skip


def _width() -> int | None:
    return None if sys.stdout.isatty() else PIPED_COLUMNS
