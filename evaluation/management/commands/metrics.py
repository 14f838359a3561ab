"""`manage.py metrics`: the twelve COCO figures of two files, with nothing stored and nothing started."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from curation.core.errors import WinnowError

WRONG = 2
PIPED_COLUMNS = 120
_MEANINGS = {
    "AP": "average precision, IoU 0.50 to 0.95",
    "AP50": "average precision, IoU 0.50",
    "AP75": "average precision, IoU 0.75",
    "APs": "average precision, small: up to 32 x 32 px",
    "APm": "average precision, medium: 32 x 32 to 96 x 96 px",
    "APl": "average precision, large: from 96 x 96 px",
    "AR1": "average recall, 1 detection of an image and category",
    "AR10": "average recall, 10 detections",
    "AR100": "average recall, 100 detections",
    "ARs": "average recall, small",
    "ARm": "average recall, medium",
    "ARl": "average recall, large",
}


class Command(BaseCommand):
    help = (
        "Show COCO's twelve figures of detections held against truth; -1 where there is no truth to find. Nothing is "
        "stored, and no database is needed. Exit status: 0 measured; 2 a file or the command itself was wrong."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--truth", required=True, metavar="GT.json", type=Path, help="COCO instances.")
        parser.add_argument(
            "--detections", required=True, metavar="DT.json", type=Path, help="Detections: COCO results."
        )
        parser.add_argument("--iou-type", default="bbox", choices=["bbox"], help="What overlaps: boxes.")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object on stdout, and nothing else there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from evaluation.core.coco_figures import twelve  # with it comes what compiles, which takes a second
        from evaluation.core.coco_files import read_coco_files

        try:
            files = read_coco_files(options["truth"], options["detections"])
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        for note in files.notes:
            self.stderr.write(note)
        figures = twelve(files.evidence)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("figure")
        table.add_column("value", justify="right")
        table.add_column("")
        for name, value in figures.items():
            table.add_row(name, f"{value:.3f}", _MEANINGS[name])
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            console.print(table)
        self.stdout.write(printed.get(), ending="")
