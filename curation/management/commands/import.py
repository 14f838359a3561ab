"""`manage.py import`: pictures and labels from files."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from curation.core.errors import WinnowError
from curation.core.params import parse_text
from curation.management.import_tables import foreseen, imported
from curation.management.progress import run_with_bar
from curation.models import DataImport
from curation.services.import_request import ImportRequest, read_request, readable, request_import
from curation.services.importing import foresee_import, report_of

WRONG, SOME_SKIPPED = 2, 1


class Command(BaseCommand):
    help = (
        "Import pictures and their labels: manage.py import DATASET --camera gate. DATASET is a folder, a zip archive "
        "or a file of labels. What cannot be read is skipped, with the reason; the rest goes in. Importing again "
        "changes nothing. Exit status: 0 all of it was read, 1 something was skipped, 2 the command itself was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="DATASET")
        parser.add_argument(
            "--format", default="auto", metavar="NAME", help=f"One of: auto, {', '.join(readable())}; default: auto."
        )
        parser.add_argument("--name", default="", help="What the import is called; default: after DATASET.")
        parser.add_argument(
            "--annotations", default="", metavar="FILE", help="The labels, where they are not in DATASET."
        )  # fmt: skip
        parser.add_argument(
            "--video", default="", metavar="FILE", help="The video that labels by frame number or time are about."
        )
        parser.add_argument("--camera", default="", metavar="NAME", help="Of pictures that name none; default: NAME.")
        parser.add_argument(
            "--camera-from-path", default="", metavar="REGEX", help="Its group is the camera: 'cam-(\\w+)/'."
        )
        parser.add_argument(
            "--on-known", default="replace", choices=("replace", "skip", "add"),
            help="Labels of pictures that are there already: replace those of an earlier import of the same name "
            "(default), leave them as they are, or add to them.",
        )  # fmt: skip
        parser.add_argument(
            "--embedder", default="descriptor", metavar="NAME", help="For search by likeness; '' for none (descriptor)."
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="PARAM=VALUE", help="A parameter of the format; repeatable."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only read the labels and say what would come in.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        try:
            request = read_request(_asked(options))
            if options["dry_run"]:
                report, text = self._foresee(request)
            else:
                report, text = self._do(request, show=not options["json"])
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        self.stdout.write(json.dumps(report) if options["json"] else text)
        if report["skipped"]:
            sys.exit(SOME_SKIPPED)

    def _foresee(self, request: ImportRequest) -> tuple[dict[str, Any], str]:
        with TemporaryDirectory() as work:
            *_, tally = foresee_import(request, Path(work))
        report = {"name": request.title, **{k: v for k, v in tally.as_json().items() if k != "place"}}
        return report, foreseen(report)

    def _do(self, request: ImportRequest, *, show: bool) -> tuple[dict[str, Any], str]:
        row = request_import(request, here=True)
        assert row.job is not None
        run_with_bar(row.job, self.stderr, show=show)
        row = DataImport.objects.get(pk=row.pk)
        report = {"import": row.pk, "name": row.name, **report_of(row)}
        return report, imported(report)


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    """Turn the command line into a request. Files are named by their whole paths, so that a job can be resumed."""
    settings: dict[str, Any] = {}
    for setting in options["set"]:
        name, equals, text = setting.partition("=")
        if not equals:
            raise CommandError(f"--set {setting}: write PARAM=VALUE.", returncode=WRONG)
        settings[name.strip()] = parse_text(text.strip())
    paths = {"root": options["path"], "annotations": options["annotations"], "video": options["video"]}
    return {
        **{name: str(Path(path).absolute()) if path else "" for name, path in paths.items()},
        **{name: options[name] for name in ("format", "name", "camera", "camera_from_path", "on_known", "embedder")},
        "place": "disk",
        "settings": settings,
    }
