"""What is typed behind `manage.py sample`, and the plan that it makes."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from curation.core.sampling import read_yaml

WRONG = 2
CONSTRAINTS = ("max_per_video", "max_per_camera", "max_per_interval", "interval_s", "min_gap_s", "max_similarity")


def add_arguments(parser: CommandParser) -> None:
    """Describe the plan and what to print."""
    parser.add_argument("query", nargs="?", default="", help="Draw from the frames that match; none is every frame.")
    parser.add_argument("--plan", metavar="FILE", help="A sampling plan as YAML; - reads stdin.")
    parser.add_argument("--size", type=int, metavar="N", help="So many frames.")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--quota", action="append", metavar="'40% QUERY'",
        help="A share of the frames; '>=40%% …' is at least, '50 frames …' a number. Repeatable; quotas may overlap.",
    )  # fmt: skip
    how.add_argument("--uniform", nargs="+", metavar="FACTOR", help="Every combination of their values alike.")
    how.add_argument(
        "--undersample", nargs="+", metavar="FACTOR",
        help="All of the rarest class, of the others no more than of the next rarest. `objects`: what is seen.",
    )  # fmt: skip
    how.add_argument("--weighted-by", metavar="NUMBER", help="The likelier the higher it is: uniqueness, for instance.")
    how.add_argument("--random", action="store_true", help="Every frame alike; so it is if nothing else is said.")
    parser.add_argument("--seed", type=int, help="Another seed draws other frames (0).")
    parser.add_argument("--diverse", action="store_true", help="Of each part those frames that cover it best.")
    parser.add_argument("--embedder", metavar="NAME", help="By whose vectors; implies --diverse.")
    parser.add_argument("--beside", metavar="QUERY", help="Frames that are there already, as dataset:roads@1.")
    _add_constraints(parser)
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="List so many parts (20), the short first.")
    parser.add_argument("--save-plan", metavar="FILE", help="Write the plan, for manage.py dataset create --plan FILE.")
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--ids", action="store_true", help="Print the frames' ids, one a line, and nothing else.")
    printed.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else there.")


def _add_constraints(parser: CommandParser) -> None:
    for name in ("video", "camera", "interval"):
        parser.add_argument(f"--max-per-{name}", type=int, metavar="N", help=f"At most so many of one {name}.")
    parser.add_argument("--interval", type=float, dest="interval_s", metavar="S", help="Its length in seconds (60).")
    parser.add_argument(
        "--min-gap", type=float, dest="min_gap_s", metavar="S", help="Least seconds between two frames of a video."
    )
    parser.add_argument("--max-similarity", type=float, metavar="S", help="No two frames more alike (cosine).")
    parser.add_argument("--no-duplicates", action="store_true", help="Leave out what is marked as a duplicate.")


def plain_plan(options: dict[str, Any]) -> dict[str, Any]:
    """Return the plan as plain values: the file's with size and seed replaced, or what was typed. Raises SpecError."""
    if options["plan"] is None:
        return _typed(options)
    if others := sorted(set(_typed(options)) - {"size", "seed"}):
        raise CommandError(
            f"--plan says it all; leave {', '.join(others)} out, or write it into the file.", returncode=WRONG
        )
    return read_yaml(_read(options["plan"])) | _said(options, ("size", "seed"))


def _typed(options: dict[str, Any]) -> dict[str, Any]:
    plan = _said(options, ("query", "size", "seed", "beside", "uniform", "undersample"))
    if options["quota"]:
        plan["quotas"] = options["quota"]
    if options["weighted_by"]:
        plan["sampler"] = {"kind": "weighted", "field": options["weighted_by"]}
    if options["random"]:
        plan["sampler"] = "random"
    constraints = _said(options, CONSTRAINTS) | ({"leave_out_duplicates": True} if options["no_duplicates"] else {})
    if constraints:
        plan["constraints"] = constraints
    if options["diverse"] or options["embedder"]:
        plan["diversity"] = {"embedder": options["embedder"]} if options["embedder"] else True
    return plan


def _said(options: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: options[name] for name in names if options[name] not in (None, "")}


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read as a sampling plan: {error}", returncode=WRONG) from error
