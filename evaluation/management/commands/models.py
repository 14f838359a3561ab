"""`manage.py models`: the registry of models."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from rich.console import RenderableType
from rich.text import Text

from curation.core.errors import SpecError, WinnowError
from curation.services.datasets import find_version
from evaluation.management.model_json import model_json, run_json
from evaluation.management.model_tables import model_sections, models_table
from evaluation.management.printing import say
from evaluation.models import ModelVersion
from evaluation.services.model_registry import As, edit_model, find_model, register_model

WRONG = 2
ROOT = Path(__file__).resolve().parents[3]
"""Weights are looked for here too, wherever a process runs."""
LISTED, RUNS = 200, 20
NONE_YET = "There are no models yet: manage.py models add people-v1 yolox_onnx:weights/people.onnx?classes=person"
Said = tuple[dict[str, Any], Iterable[RenderableType]]


class Command(BaseCommand):
    help = (
        "Register models and look after what is known of them: manage.py models add people-v3 "
        "yolox_onnx:weights/people.onnx --parent people-v2 --trained-on street@4. Weights are known by their SHA-256, "
        "and changed ones are never used. Exit status: 0 done; 2 the command was wrong, or it was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        add = verbs.add_parser("add", help="Register a model.")
        add.add_argument("name", help="Lower-case letters, digits, '_', '.' and '-'.")
        add.add_argument(
            "detector", nargs="?", default="", metavar="KIND:WEIGHTS",
            help="As in a cascade: ultralytics:yolo11n.pt, yolox_onnx:people.onnx?classes=person,jacket. None: the "
            "model is known only by predictions that are imported.",
        )  # fmt: skip
        add.add_argument("--labels", default="", metavar="A,B", help="Of a model without weights: what it can find.")
        verbs.add_parser("list", help="List models, the newest first.")
        show = verbs.add_parser("show", help="A model and its predictions.")
        edit = verbs.add_parser("edit", help="Change what is said of a model; its weights never change.")
        for verb in (show, edit):
            verb.add_argument("name")
        for verb in (add, edit):
            verb.add_argument(
                "--map", action="append", default=None, metavar="OWN=LABEL",
                help="The dataset's label for one of the model's; OWN= drops it. Repeatable; of edit, all of them, and "
                "--map '' none.",
            )  # fmt: skip
            verb.add_argument("--trained-on", default=None, metavar="NAME@N", help="A dataset version; '' is none.")
            verb.add_argument("--parent", default=None, metavar="MODEL", help="What it was made from; '' is none.")
            verb.add_argument("--notes", default=None)
        for one in verbs.choices.values():
            one.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        verbs: dict[str, Callable[[dict[str, Any]], Said]] = {
            "add": _add, "list": _list, "show": _show, "edit": _edit,
        }  # fmt: skip
        try:
            plain, sections = verbs[options["verb"]](options)
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        say(self.stdout, plain, sections, as_json=options["json"])


def _add(options: dict[str, Any]) -> Said:
    model = register_model(
        name=options["name"],
        detector=_placed(options["detector"]),
        labels=[label.strip() for label in options["labels"].split(",") if label.strip()],
        label_map=_mapping(options["map"] or []),
        trained_on=find_version(options["trained_on"]) if options["trained_on"] else None,
        parent=find_model(options["parent"]) if options["parent"] else None,
        notes=options["notes"] or "",
    )
    return model_json(model), model_sections(model, [])


def _list(options: dict[str, Any]) -> Said:
    rows = ModelVersion.objects.select_related("trained_on__dataset", "parent")
    models = list(rows.annotate(run_count=Count("prediction_runs")).order_by("-id")[:LISTED])
    return {"models": list(map(model_json, models))}, [models_table(models) if models else Text(NONE_YET)]


def _show(options: dict[str, Any]) -> Said:
    model = find_model(options["name"])
    runs = list(model.prediction_runs.select_related("model", "version__dataset", "job").order_by("-id")[:RUNS])
    return {**model_json(model), "prediction_runs": list(map(run_json, runs))}, model_sections(model, runs)


def _edit(options: dict[str, Any]) -> Said:
    model = find_model(options["name"])
    trained_on, parent = options["trained_on"], options["parent"]
    if not any(options[name] is not None for name in ("map", "trained_on", "parent", "notes")):
        raise SpecError("Nothing to change: give --map, --trained-on, --parent or --notes.")
    edit_model(
        model,
        label_map=None if options["map"] is None else _mapping(options["map"]),
        trained_on=As.IT_IS if trained_on is None else find_version(trained_on) if trained_on else None,
        parent=As.IT_IS if parent is None else find_model(parent) if parent else None,
        notes=options["notes"],
    )
    return model_json(model), model_sections(model, [])


def _placed(detector: str) -> str:
    """Name weights that lie below the folder we are in by their whole path: workers run elsewhere."""
    kind, colon, rest = detector.partition(":")
    weights, mark, tail = rest.partition("?")
    here = Path.cwd() / weights
    if not weights or Path(weights).is_absolute() or not here.is_file() or Path.cwd() == ROOT:
        return detector
    return f"{kind}{colon}{here}{mark}{tail}"


def _mapping(said: list[str]) -> dict[str, str | None]:
    mapping: dict[str, str | None] = {}
    for one in filter(None, said):
        own, equals, label = one.partition("=")
        if not (own.strip() and equals):
            raise SpecError(f"--map {one}: write OWN=LABEL, or OWN= to drop it.")
        mapping[own.strip()] = label.strip() or None
    return mapping
