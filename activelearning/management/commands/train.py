"""`manage.py train`: teach a model on a dataset version, and register it."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.text import Text

from activelearning.backends.training import TRAINERS
from activelearning.management.training_json import training_json
from activelearning.management.training_tables import NO_TRAINING, training_sections, trainings_table
from activelearning.models import Training
from activelearning.services.training_files import export_files
from activelearning.services.training_moves import cancel_training, resume_training
from activelearning.services.trainings import VAL_SHARE, find_training, request_training
from curation.core.errors import SpecError, WinnowError
from curation.core.params import parse_text
from curation.doorbell import ring_job
from curation.management.progress import run_with_bar
from curation.services.datasets import find_version
from evaluation.management.printing import say
from evaluation.services.model_registry import find_model

WRONG = 2
LISTED = 50


class Command(BaseCommand):
    help = (
        "Teach a model on a dataset version, and register it: manage.py train --dataset street@4 --base people-v3 "
        "--name people-v4 --set epochs=20. Exit status: 0 it is done; 2 it could not be done, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = ("start", "list", "show", "cancel", "resume", "export")
        parser.add_argument("verb", nargs="?", choices=verbs, default="start")
        parser.add_argument("training", nargs="?", metavar="NAME", help="Of show, cancel, resume and export.")
        parser.add_argument("--dataset", metavar="NAME@N", help="What to learn from.")
        parser.add_argument("--base", metavar="MODEL", help="The model to begin with; without, a new network.")
        parser.add_argument("--name", help="Of the model that comes of it.")
        parser.add_argument("--trainer", default="ultralytics", choices=list(TRAINERS), help="Default: %(default)s.")
        parser.add_argument(
            "--set", action="append", default=[], metavar="OPTION=VALUE",
            help="An option of the trainer, as epochs=20 or imgsz=320; may be given several times: docs/registries.md.",
        )  # fmt: skip
        parser.add_argument(
            "--raise", action="append", default=[], dest="raised", metavar="QUERY=SHARE",
            help="Repeat pictures so that a query's are this share: 'lighting:dark=0.3'. Without a share (QUERY=) it "
            "is only shown what becomes of it.",
        )  # fmt: skip
        parser.add_argument("--seed", type=int, default=0, help="The same seed and data give the same order.")
        parser.add_argument(
            "--val-share", type=float, default=VAL_SHARE, help="Put aside where there is no split val: %(default)s."
        )
        parser.add_argument("--to", type=Path, default=Path("."), help="Of export: the folder for the weights.")
        parser.add_argument("--queue", action="store_true", help="Leave the work to a training worker.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "start": self._start, "list": self._list, "show": self._show, "cancel": self._cancel,
            "resume": self._resume, "export": self._export,
        }  # fmt: skip
        verb = options["verb"]
        if verb not in ("start", "list") and not options["training"]:
            raise CommandError(f"Name the training: manage.py train {verb} NAME", returncode=WRONG)
        call_command("prepare")
        try:
            verbs[verb](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error

    def _start(self, options: dict[str, Any]) -> None:
        for needed in ("dataset", "name"):
            if not options[needed]:
                raise CommandError(f"--{needed} is missing. {self.help}", returncode=WRONG)
        training = request_training(
            name=options["name"],
            version=find_version(options["dataset"]),
            base=find_model(options["base"]) if options["base"] else None,
            trainer=options["trainer"],
            options=dict(_pair(text, "--set") for text in options["set"]),
            seed=options["seed"],
            shares=dict(_share(text) for text in options["raised"]),
            val_share=options["val_share"],
            here=not options["queue"],
        )
        self._do(training, options)

    def _list(self, options: dict[str, Any]) -> None:
        trainings = list(Training.objects.select_related("version__dataset", "base", "model", "job")[:LISTED])
        sections = [trainings_table(trainings)] if trainings else [Text(NO_TRAINING)]
        self._say({"trainings": [training_json(one) for one in trainings]}, sections, options)

    def _show(self, options: dict[str, Any]) -> None:
        self._tell(find_training(options["training"]), options)

    def _cancel(self, options: dict[str, Any]) -> None:
        training = cancel_training(find_training(options["training"]))
        self._tell(training, options)

    def _resume(self, options: dict[str, Any]) -> None:
        self._do(resume_training(find_training(options["training"])), options)

    def _export(self, options: dict[str, Any]) -> None:
        copied = export_files(find_training(options["training"]), options["to"])
        lines = [Text(f"{path}  ({path.stat().st_size / 1e6:.1f} MB)") for path in copied]
        self._say({"files": [str(path) for path in copied]}, lines, options)

    def _do(self, training: Training, options: dict[str, Any]) -> None:
        assert training.job is not None
        if options["queue"]:
            ring_job(training.job.pk)
        else:
            run_with_bar(training.job, self.stderr, show=not options["json"] and sys.stderr.isatty())
        self._tell(find_training(training.name), options)

    def _tell(self, training: Training, options: dict[str, Any]) -> None:
        self._say(training_json(training), list(training_sections(training)), options)

    def _say(self, plain: dict[str, Any], sections: Sequence[Any], options: dict[str, Any]) -> None:
        say(self.stdout, plain, sections, as_json=options["json"])


def _pair(text: str, option: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise SpecError(f"{option} {text[:100]!r} is not of the form NAME=VALUE, such as {option} epochs=20.")
    return name.strip(), parse_text(value.strip())


def _share(text: str) -> tuple[str, float | None]:
    """Take a query and its share apart at the last `=`."""
    query, equals, share = text.rpartition("=")
    if not (query.strip() and equals):
        raise SpecError(f"--raise {text[:100]!r} is not of the form QUERY=SHARE, such as --raise 'lighting:dark=0.3'.")
    try:
        return query.strip(), float(share) if share.strip() else None
    except ValueError as error:
        raise SpecError(f"--raise {text[:100]!r}: {share[:40]!r} is no share; write 0.3 for 30%.") from error
