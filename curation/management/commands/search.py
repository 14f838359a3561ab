"""`manage.py search`: kept frames by condition and by likeness."""

import json
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.models import Frame
from curation.services.search import MAX_LIMIT, Hit, SearchPage, search

MAIN_TAGS = ("lighting", "blurriness", "motion", "people", "objects", "time_of_day", "indoor")
WRONG = 2
PIPED_COLUMNS = 160


class Command(BaseCommand):
    help = (
        "Find kept frames: manage.py search 'people:>0 AND lighting:dark AND camera:lobby'. "
        "Exit status: 0 searched, whether or not something was found; 2 the search itself was wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", nargs="?", default="", help="Lucene syntax; none finds every frame.")
        like = parser.add_mutually_exclusive_group()
        like.add_argument("--like", type=int, metavar="FRAME_ID", help="Order by likeness to this frame.")
        like.add_argument("--like-box", type=int, metavar="DETECTION_ID", help="Boxes alike, one line a box.")
        like.add_argument("--text", help="Order by likeness to a description; wants a CLIP embedder.")
        parser.add_argument("--embedder", metavar="NAME", help="Whose vectors to compare. Default: those made last.")
        parser.add_argument(
            "--limit", type=int, default=20, metavar="N", help=f"At most so many, 1 to {MAX_LIMIT} (20)."
        )
        parser.add_argument("--cursor", help="The cursor that the page before ended with.")
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object on stdout, and nothing else there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare")
        query: str = options["query"]
        try:
            page = search(
                query,
                like_frame_id=options["like"],
                like_detection_id=options["like_box"],
                text=options["text"],
                embedder=options["embedder"],
                limit=options["limit"],
                cursor=options["cursor"],
            )
        except QueryError as error:
            # On lines of its own: Django puts words before the first line, which would shift the carets.
            raise CommandError(f"The query is wrong.\n{render_error(query, error)}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(page)))
        else:
            self._print(page)

    def _print(self, page: SearchPage) -> None:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
        with console.capture() as printed:
            if page.hits:
                console.print(_table(page.hits))
            console.print(escape(_below(page)), soft_wrap=True)
        self.stdout.write(printed.get(), ending="")


def _table(hits: list[Hit]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    scored, boxed = hits[0].score is not None, hits[0].detection is not None
    columns = ("frame", *(["box"] if boxed else []), *(["score"] if scored else []), "camera", "video", "at", "tags")
    for name in columns:
        right = name in ("frame", "box", "score", "at")
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "tags", overflow="ellipsis")
    for hit in hits:
        box = hit.detection
        table.add_row(
            str(hit.frame.pk),
            *([f"{box.pk} {box.label}" if box else ""] if boxed else []),
            *([f"{hit.score:.3f}"] if hit.score is not None else []),
            escape(hit.frame.camera.name),
            escape(hit.frame.video.name),
            f"{hit.frame.pts_s:.2f} s",
            escape(_main_tags(hit.frame.tags)),
        )
    return table


def _main_tags(tags: dict[str, Any]) -> str:
    return " ".join(f"{name}:{_shown(tags[name])}" for name in MAIN_TAGS if tags.get(name) not in (None, []))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, list) else str(value)


def _below(page: SearchPage) -> str:
    """Say how much was found and how to go on; if nothing was, what to do."""
    if page.hits:
        shown = f"{len(page.hits)} shown" if page.next_cursor or len(page.hits) < page.count else "all shown"
        more = f"\nNext page: --cursor {page.next_cursor}" if page.next_cursor else ""
        return f"{page.count} frames match, {shown}.{more}"
    if page.count:
        return f"{page.count} frames match, and nothing that can be compared is among them: run the embed stage."
    if not Frame.objects.exists():
        return "There are no frames yet. Take footage in: manage.py ingest PATH --wait"
    tried = " ".join(page.hints) or "Loosen a condition, or leave the query empty to see what there is."
    return f"No frame matches. {tried}"


def _as_json(page: SearchPage) -> dict[str, Any]:
    return {"count": page.count, "frames": [_hit_as_json(hit) for hit in page.hits]}


def _hit_as_json(hit: Hit) -> dict[str, Any]:
    frame = hit.frame
    shown: dict[str, Any] = {
        "id": frame.pk,
        "video": frame.video.name,
        "pts_s": frame.pts_s,
        "score": hit.score,
        "tags": frame.tags,
    }
    if hit.detection is not None:
        box = hit.detection
        shown["detection"] = {
            **{"id": box.pk, "label": box.label, "score": box.score},
            "xyxy": [box.x1, box.y1, box.x2, box.y2],
        }
    return shown
