"""`manage.py export`: frames or a dataset version as an archive."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.markup import escape

from curation.core.errors import WinnowError
from curation.core.params import parse_text
from curation.core.query import QueryError, render_error
from curation.management.import_tables import counted, printed
from curation.management.progress import run_with_bar
from curation.models import DataExport
from curation.services.export_request import ExportRequest, file_name_of, read_request, request_export, writable
from curation.services.exporting import archive_path, result_of
from curation.services.handing_out import check_target, hand_out, shell_account

WRONG = 2


class Command(BaseCommand):
    help = (
        "Export frames: manage.py export 'lighting:dark AND annotated:true' --format yolo --out dark.zip, or a dataset "
        "version: --dataset gates@3. The archive is checked before it is written to its place. Exit status: 0 it is "
        "there, 2 it is not, and the message says why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", nargs="?", default="", metavar="QUERY", help="Which frames; none is all of them.")
        parser.add_argument("--dataset", default="", metavar="NAME[@N]", help="A dataset version instead of a query.")
        parser.add_argument("--format", required=True, metavar="NAME", help=f"One of: {', '.join(writable())}.")
        parser.add_argument(
            "--out", required=True, type=Path, metavar="PATH", help="The archive, or a folder to put it into."
        )
        parser.add_argument(
            "--unpack", action="store_true", help="Unpack it into --out, a folder that is empty or not there yet."
        )
        parser.add_argument(
            "--classes", default="", metavar="A,B", help="Only boxes of these labels, numbered in this order."
        )  # fmt: skip
        parser.add_argument(
            "--labels", default="annotations", choices=("annotations", "detections"),
            help="What people say (default), or what the newest run with a detector saw.",
        )  # fmt: skip
        parser.add_argument("--min-score", type=float, default=0.0, help="Leave out detections below this score.")
        parser.add_argument(
            "--no-pictures", action="store_true", help="Leave the pictures out, and list where they are stored."
        )  # fmt: skip
        parser.add_argument(
            "--allow-missing", action="store_true", help="Leave out pictures that are gone, instead of failing."
        )
        parser.add_argument(
            "--purpose", default="training", choices=("training", "evaluation"),
            help="evaluation opens a locked version, and is written into its ledger.",
        )  # fmt: skip
        parser.add_argument("--model", default="", help="The model to be evaluated, for the ledger.")
        parser.add_argument("--note", default="", help="What else the ledger should say.")
        parser.add_argument(
            "--set", action="append", default=[], metavar="PARAM=VALUE", help="A parameter of the format; repeatable."
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        try:
            request, version = read_request(_asked(options))
            check_target(options["out"], unpack=options["unpack"])
            row = request_export(request, version, by_name=shell_account(), here=True)
            assert row.job is not None
            run_with_bar(row.job, self.stderr, show=not options["json"])
            row = DataExport.objects.select_related("version__dataset").get(pk=row.pk)
            place = hand_out(
                archive_path(row), options["out"], name=file_name_of(row), sha256=row.sha256, unpack=options["unpack"]
            )
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            raise CommandError(
                f"The query is wrong.\n{render_error(options['query'], error)}", returncode=WRONG
            ) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if options["json"]:
            self.stdout.write(json.dumps({"path": str(place), **result_of(row)}))
        else:
            self.stdout.write(_told(row, request, place))


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for setting in options["set"]:
        name, equals, text = setting.partition("=")
        if not equals:
            raise CommandError(f"--set {setting}: write PARAM=VALUE.", returncode=WRONG)
        settings[name.strip()] = parse_text(text.strip())
    taken = ("query", "dataset", "format", "labels", "min_score", "allow_missing", "purpose", "model", "note")
    return {
        **{name: options[name] for name in taken},
        "classes": [name.strip() for name in options["classes"].split(",") if name.strip()],
        "pictures": not options["no_pictures"],
        "settings": settings,
    }


def _told(row: DataExport, request: ExportRequest, place: Path) -> str:
    report = row.report
    what = f"[bold]{escape(str(row.version))}[/bold]" if row.version else "The frames"
    lines = [
        f"{what} as {row.format}: {counted(report['pictures'], 'picture')}, {counted(report['boxes'], 'box', 'boxes')}"
        f" of {counted(len(report['classes']), 'label')}.",
        f"  {escape(str(place))} ({row.size_bytes / 1e6:,.1f} MB in {counted(row.file_count, 'file')})",
        f"  SHA-256 {row.sha256}",
    ]
    if report["splits"]:
        lines.append("  Splits: " + ", ".join(f"{escape(split)} {n:,}" for split, n in report["splits"].items()) + ".")
    if report["unlabelled"]:
        lines.append(
            f"  {counted(report['unlabelled'], 'picture')} without labels: nobody said what is in them. To leave them "
            "out, add `annotated:true` to the query."
        )
    lines += [f"  Left out: {count:,} {escape(why)}." for why, count in report["left_out"].items()]
    if report["missing"]["count"]:
        lines.append(f"  Left out: {counted(report['missing']['count'], 'picture')} that are gone from the storage.")
    if report["remade"]:
        lines.append(f"  {counted(report['remade'], 'picture')} were gone, and made again from their videos.")
    if not request.pictures:
        lines.append("  pictures.tsv says where each picture is in the storage.")
    if report["lost"]:
        lost = "; ".join(f"{escape(what)} ({count:,})" for what, count in report["lost"].items())
        lines.append(f"{row.format} has no place for: {lost}.")
    return printed(lines)
