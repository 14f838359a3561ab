"""`manage.py costs`: what it would cost to label the frames of a query."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from curation.core.costs import CostLine, PriceList, read_prices
from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.core.sampling import parse_plan, read_yaml
from curation.models import Frame
from curation.services.costs import USUAL, CostEstimate, estimate, estimate_plan

WRONG = 2
PIPED_COLUMNS = 120


class Command(BaseCommand):
    help = (
        "Price the labelling of a query's frames: manage.py costs 'lighting:dark' --frames 2000. "
        "Exit status: 0 priced; 2 the command itself was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", nargs="?", default="", help="Lucene syntax; none is every frame.")
        parser.add_argument("--frames", type=int, metavar="N", help="Price N pictures like those of the query.")
        parser.add_argument("--plan", metavar="FILE", help="Price what a sampling plan (YAML) would draw.")
        parser.add_argument("--boxes", type=float, metavar="N", help="Boxes a picture, where you know better.")
        parser.add_argument("--prices", metavar="FILE", help=f"A price list as YAML. Default: {_short(USUAL)}.")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object on stdout, and nothing else there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        query: str = options["query"]
        try:
            prices = None if options["prices"] is None else read_prices(_text(options["prices"]))
            found = _found(query, options, prices)
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            raise CommandError(f"The query is wrong.\n{render_error(query, error)}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if options["json"]:
            self.stdout.write(json.dumps(found.to_dict()))
        else:
            self._print(found, is_usual=prices is None)

    def _print(self, found: CostEstimate, *, is_usual: bool) -> None:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            console.print(_headline(found), markup=False)
            if found.work.pictures:
                console.print(_work(found), markup=False)
                console.print(_table(found.lines, found.currency))
                console.print("\n".join(["", *found.notes, *_models(found), *_source(is_usual)]), markup=False)
        # Tables fill their lines up with blanks.
        self.stdout.write("\n".join(line.rstrip() for line in printed.get().splitlines()))


def _found(query: str, options: dict[str, Any], prices: PriceList | None) -> CostEstimate:
    if options["plan"] is None:
        return estimate(query, frames=options["frames"], boxes_per_picture=options["boxes"], prices=prices)
    if query.strip() or options["frames"] is not None:
        raise CommandError("A plan has a query and a size of its own: give --plan alone.", returncode=WRONG)
    plan = parse_plan(read_yaml(_text(options["plan"])))
    return estimate_plan(plan, boxes_per_picture=options["boxes"], prices=prices)


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}", returncode=WRONG) from error


def _headline(found: CostEstimate) -> str:
    if not found.matching and not found.work.pictures:
        if not Frame.objects.exists():
            return "There are no frames yet. Take footage in: manage.py ingest PATH --wait"
        if found.is_drawn:
            return "The plan draws no frame: manage.py sample says why."
        return "No frame matches. Loosen a condition, or price pictures to come: --frames N"
    whose = f"the {found.matching:,} frames that match {found.query}"
    if found.is_drawn:
        whose = f"the {found.matching:,} frames that the plan draws"
    elif not found.query.strip():
        whose = f"all {found.matching:,} frames"
    rest = [
        f"{count:,} {what}"
        for count, what in ((found.labelled, "labelled already"), (found.held_out, "held out"))
        if count
    ]
    left = f"{found.to_label:,} of {whose} are left to label"
    return f"{left} ({', '.join(rest)})." if rest else f"{left}."


def _work(found: CostEstimate) -> str:
    how = {
        "given": "as you say",
        "annotations": f"the mean of {found.boxes_seen_in:,} labelled frames",
        "detections": f"the mean of what detectors saw in {found.boxes_seen_in:,} frames",
        "unknown": "nobody looked",
    }[found.boxes_from]
    tags = f"{found.work.tags:,.0f} tags ({', '.join(found.tag_factors)})" if found.tag_factors else "no tags"
    return (
        f"Priced: {found.work.pictures:,} pictures; {found.work.boxes:,.0f} boxes, {found.boxes_per_picture:.2f} a "
        f"picture ({how}); {tags} from people, as the operating conditions say.\n"
    )


def _table(lines: tuple[CostLine, ...], currency: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("service", currency, "work", "done in", ""):
        table.add_column(escape(name), justify="left" if name in ("service", "") else "right", no_wrap=bool(name))
    for line in lines:
        table.add_row(
            escape(line.service),
            f"{line.money:,.2f}",
            _hours(line.work_hours),
            _hours(line.wait_hours),
            escape(line.help),
        )
    return table


def _models(found: CostEstimate) -> list[str]:
    """Say what the tags cost that models give, and what people would take for them."""
    models = found.models
    if not models.factors:
        return []
    said = [f"Tags from models and rules: {models.tags:,} ({', '.join(models.factors)})."]
    if models.cpu_s_per_frame is None or models.cpu_hours is None:
        said.append("No run is done yet, so their cost in CPU time is not known.")
    else:
        whole = models.cpu_s_per_footage_hour
        per_hour = f", {whole:,.0f} s an hour of footage" if whole else ""
        over = f"mean of {models.runs:,} {'run' if models.runs == 1 else 'runs'}, boxes included"
        said.append(
            f"  by models: {_hours(models.cpu_hours)} of CPU, {_money(models.money or 0.0)} {found.currency} "
            f"({models.cpu_s_per_frame:.2f} s a kept frame{per_hour}; {over})"
        )
    for line in models.by_people:
        said.append(f"  by {line.service}: {_hours(line.work_hours)} of work, {line.money:,.2f} {found.currency}")
    return said


def _source(is_usual: bool) -> list[str]:
    if not is_usual:
        return []
    return ["", f"Prices are usual ones, not offers: copy {_short(USUAL)}, edit it, and pass it with --prices."]


def _money(money: float) -> str:
    return "less than 0.01" if 0 < money < 0.005 else f"{money:,.2f}"


def _hours(hours: float) -> str:
    if hours < 1 / 60:
        return f"{3600 * hours:.0f} s"
    return f"{60 * hours:.0f} min" if hours < 2 else f"{hours:,.1f} h"


def _short(path: Path) -> str:
    """Name a file of the code from the folder that manage.py is in."""
    return str(path.relative_to(path.parents[2]))
