"""`manage.py reviews`: labels that several signals contradict, and what people say of them."""

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.text import Text

from curation.core.errors import WinnowError
from curation.core.query import QueryError, render_error
from curation.services.datasets import find_version
from evaluation.management.printing import say
from evaluation.management.review_tables import (
    review_json,
    review_sections,
    review_table,
    suspect_json,
    suspect_table,
)
from evaluation.models import LabelReview, TestRun
from evaluation.services.label_reviews import ReviewError, decide_review, find_review, open_reviews
from evaluation.services.model_registry import find_model
from evaluation.services.suspect_labels import LEAST_WITNESSES, NEAR_S, Witnesses, find_suspects, witnesses_of
from evaluation.services.test_records import find_run

WRONG = 2
NONE = "No label reviews here. manage.py reviews open --dataset NAME@N --model MODEL looks for suspect labels."


class Command(BaseCommand):
    help = (
        "Labels that several signals contradict. `reviews open --dataset street@4 --model people-v3` looks for them "
        "and sends them to review; while a review is open, or its label was found wrong, tests leave that object out. "
        "`list`, `show N`, `decide N right|wrong|open`. Exit status: 0 done, 2 refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|open|decide|show")
        listed = verbs.add_parser("list", help="List reviews, most suspect first.")
        listed.add_argument("--state", choices=LabelReview.State.values, help="Only these.")
        listed.add_argument("--kind", choices=LabelReview.Kind.values, help="Only these.")
        listed.add_argument("--frame", type=int, metavar="ID", help="Only of this frame.")
        listed.add_argument("--limit", type=int, default=50, metavar="N", help="List at most so many (50).")
        opened = verbs.add_parser("open", help="Look for suspect labels and send them to review.")
        opened.add_argument("--run", type=int, metavar="N", help="Where a test run was: its version, model, baseline.")
        opened.add_argument("--scenario", default="", metavar="NAME", help="Only the frames of the run's scenario.")
        opened.add_argument("--dataset", metavar="NAME[@N]", help="Whose labels, where not a run's.")
        opened.add_argument(
            "--model", dest="models", action="append", default=[], metavar="NAME",
            help="A model that has predicted it; several see more than one.",
        )  # fmt: skip
        opened.add_argument("--query", default="", metavar="Q", help="Only these frames of it.")
        opened.add_argument("--near-s", type=float, default=NEAR_S, metavar="S", help=f"Neighbours in time ({NEAR_S}).")
        opened.add_argument("--min-suspicion", type=float, default=0.5, metavar="P", help="0 to 1 (0.5).")
        opened.add_argument(
            "--least-witnesses", type=int, default=LEAST_WITNESSES, metavar="N",
            help=f"So many models, or the frames before and after, must contradict a label ({LEAST_WITNESSES}). "
            "With 1, what the model under test fails at may be taken for a wrong label.",
        )  # fmt: skip
        opened.add_argument("--limit", type=int, default=100, metavar="N", help="At most the N most suspect (100).")
        opened.add_argument("--dry-run", action="store_true", help="Only list them.")
        decided = verbs.add_parser("decide", help="Say whether labels are right.")
        decided.add_argument("numbers", nargs="+", type=int, metavar="N", help="Numbers of reviews.")
        decided.add_argument("state", choices=LabelReview.State.values)
        decided.add_argument("--note", default="", help="Why.")
        shown = verbs.add_parser("show", help="Show a review.")
        shown.add_argument("number", type=int, metavar="N")
        for verb in (listed, opened, decided, shown):
            verb.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list, "open": self._open, "decide": self._decide, "show": self._show,
        }  # fmt: skip
        call_command("prepare")
        try:
            verbs[options["verb"]](options)
        except QueryError as error:
            shown = render_error(options["query"], error)
            raise CommandError(f"The query is wrong.\n{shown}", returncode=WRONG) from error
        except WinnowError as error:
            raise CommandError(str(error), returncode=WRONG) from error

    def _list(self, options: dict[str, Any]) -> None:
        asked = {name: options[name] for name in ("state", "kind", "frame") if options[name] is not None}
        rows = LabelReview.objects.filter(**asked).select_related("decided_by").order_by("-suspicion", "-id")
        reviews = list(rows[: max(1, options["limit"])])
        plain = {"reviews": [review_json(one) for one in reviews]}
        say(self.stdout, plain, [review_table(reviews) if reviews else Text(NONE)], as_json=options["json"])

    def _open(self, options: dict[str, Any]) -> None:
        run, where = _asked(options)
        found = find_suspects(
            version=where.version,
            models=where.models,
            query=where.query,
            near_s=options["near_s"],
            min_suspicion=options["min_suspicion"],
            least_witnesses=options["least_witnesses"],
            limit=max(1, options["limit"]),
        )
        count = len(found.suspects)
        plain = {"suspects": [suspect_json(one, found.frame_ids) for one in found.suspects], "known": found.known}
        if options["dry_run"]:
            said = f"{count} suspect labels; nothing was sent to review."
        else:
            opened = open_reviews(suspects=found.suspects, frame_ids=found.frame_ids, test_run=run)
            plain["opened"] = opened.new
            said = f"{opened.new} labels were sent to review: manage.py reviews list --state open."
        if found.known:
            said += f" {found.known} others were sent before."
        table = [suspect_table(found.suspects, found.frame_ids)] if count else []
        say(self.stdout, plain, [*table, Text(said)], as_json=options["json"])

    def _decide(self, options: dict[str, Any]) -> None:
        reviews = [find_review(number) for number in options["numbers"]]
        done = [decide_review(review=one, state=options["state"], note=options["note"]) for one in reviews]
        plain = {"reviews": [review_json(one) for one in done]}
        say(self.stdout, plain, [review_table(done)], as_json=options["json"])

    def _show(self, options: dict[str, Any]) -> None:
        review = find_review(options["number"])
        say(self.stdout, {"review": review_json(review)}, review_sections(review), as_json=options["json"])


def _asked(options: dict[str, Any]) -> tuple[TestRun | None, Witnesses]:
    """Read where to look: either a test run, or a version and models."""
    if options["run"] is None:
        if options["scenario"] or not options["dataset"] or not options["models"]:
            raise ReviewError("Where? reviews open --dataset NAME@N --model MODEL, or --run N [--scenario NAME].")
        models = tuple(find_model(name) for name in options["models"])
        return None, Witnesses(find_version(options["dataset"]), models, options["query"])
    if options["dataset"] or options["query"]:
        raise ReviewError("--run says where; --dataset and --query do not go with it.")
    run = find_run(options["run"])
    where = witnesses_of(run, scenario=options["scenario"])
    named = {model.name: model for model in (*where.models, *(find_model(name) for name in options["models"]))}
    return run, Witnesses(where.version, tuple(named.values()), where.query)
