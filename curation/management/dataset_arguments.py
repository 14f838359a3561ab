"""What is typed behind `manage.py dataset`, and what it means."""

import re
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from curation.core.params import build
from curation.core.sampling import parse_plan, read_yaml
from curation.core.sides import Asked
from curation.core.splits import SplitSpec
from curation.services.holdout import Reach
from curation.services.sampling import Draw, draw

WRONG = 2
SHARES = ("train", "val", "test")
ASKED, REACH = Asked(), Reach()


def add_arguments(parser: CommandParser) -> None:
    """Describe all verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _create(verbs.add_parser("create", help="Make the next version of a dataset: from a plan, a query or a list."))
    listed = verbs.add_parser("list", help="List versions, the newest first.")
    listed.add_argument("name", nargs="?", help="Of this dataset alone.")
    compared = verbs.add_parser("compare", help="What came, what went, and how distributions moved.")
    compared.add_argument("before", metavar="NAME@N")
    compared.add_argument("after", metavar="NAME@N")
    for verb, about in (
        ("show", "A version: splits, plan, notes, lock."),
        ("leakage", "Look-alikes and neighbours across the splits, and frames like a hold-out."),
        ("lock", "Lock a version as a hold-out, for good."),
        ("uses", "The ledger of a hold-out."),
        ("record", "Write a final evaluation into the ledger."),
        ("verify", "Read the manifest and check its SHA-256 against the rows."),
    ):
        verbs.add_parser(verb, help=about).add_argument("version", metavar="NAME@N", help="No @N: the newest.")
    _leakage(verbs.choices["leakage"])
    _lock(verbs.choices["lock"])
    _record(verbs.choices["record"])
    for one in verbs.choices.values():
        one.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else there.")


def _create(parser: Any) -> None:
    parser.add_argument("name", help="Lower-case letters, digits, '_', '.' and '-'.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--plan", metavar="FILE", help="A sampling plan as YAML; - reads stdin.")
    source.add_argument("--query", metavar="Q", help="Every frame that matches and is not held out.")
    source.add_argument("--ids", metavar="FILE", help="Ids of frames, between blanks, commas or lines; - reads stdin.")
    parser.add_argument(
        "--split-by", choices=("video", "camera", "day", "block", "frame"),
        help="What never stands on both sides (video); block is a minute of video.",
    )  # fmt: skip
    for share in SHARES:
        parser.add_argument(f"--{share}", type=float, metavar="SHARE", help=f"Share of {share}, as 0.8.")
    parser.add_argument("--stratify", metavar="FACTOR", help="Give each split like shares of a factor's values.")
    parser.add_argument("--alike", type=float, metavar="S", help="Keep frames at least this similar on one side.")
    parser.add_argument("--seed", type=int, help="For the splits; the plan's own, or 0, by default.")


def _leakage(parser: Any) -> None:
    parser.add_argument(
        "--min-similarity", type=float, default=ASKED.min_similarity, metavar="S", help="Cosine (0.95)."
    )
    parser.add_argument("--max-bits", type=int, default=ASKED.max_bits, metavar="N", help="Of the hash (6).")
    parser.add_argument(
        "--within", type=float, default=ASKED.within_s, dest="within_s", metavar="S", help="Seconds (10)."
    )
    parser.add_argument("--embedder", default="", metavar="NAME", help="Whose vectors to compare.")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="List so many leaks (20).")


def _lock(parser: Any) -> None:
    parser.add_argument("--yes", action="store_true", help="Do not ask. It cannot be undone.")
    parser.add_argument("--dry-run", action="store_true", help="Only say what it would keep away.")
    parser.add_argument("--block", type=float, default=REACH.block_s, dest="block_s", metavar="S",
                        help="Length of the blocks of video that are taken, in seconds (60).")  # fmt: skip
    parser.add_argument("--margin", type=float, default=REACH.margin_s, dest="margin_s", metavar="S",
                        help="More on both sides of them (5).")  # fmt: skip
    parser.add_argument("--min-similarity", type=float, default=REACH.min_similarity, metavar="S",
                        help="From here on frames look alike (0.95).")  # fmt: skip
    parser.add_argument("--max-bits", type=int, default=REACH.max_bits, metavar="N",
                        help="Up to so many bits of the perceptual hash differ (6).")  # fmt: skip
    parser.add_argument("--allow-overlap", action="store_true",
                        help="Although a model may have learnt from other versions with these frames.")  # fmt: skip
    parser.add_argument("--allow-uncompared", action="store_true",
                        help="Although some frames have neither a vector nor a hash.")  # fmt: skip


def _record(parser: Any) -> None:
    parser.add_argument("--model", required=True, help="The model that was evaluated.")
    parser.add_argument("--metric", default="", help="mAP50, for instance.")
    parser.add_argument("--value", type=float, help="What it came to.")
    parser.add_argument("--note", default="")


def splits_of(options: dict[str, Any]) -> SplitSpec | None:
    """Return the splits that were asked for, None if nothing was said. Raises SpecError.

    Where some shares are given, the others are 0."""
    shares = {name: options[name] for name in SHARES if options[name] is not None}
    values = {"by": options["split_by"], "stratify": options["stratify"], "alike": options["alike"]}
    said = {name: value for name, value in values.items() if value is not None}
    if not shares and not said:
        return None
    return build(SplitSpec, said | (dict.fromkeys(SHARES, 0.0) | shares if shares else {}), where="splits")


def plan_of(name: str | None) -> tuple[str, Draw | None]:
    """Read a plan and draw by it. Raises SpecError, HoldoutError, QueryError."""
    if name is None:
        return "", None
    text = _read(name, "a sampling plan")
    return text, draw(parse_plan(read_yaml(text)))


def frames_of(name: str | None) -> list[int] | None:
    """Read ids of frames from a file."""
    if name is None:
        return None
    words = [word for word in re.split(r"[\s,]+", _read(name, "ids of frames")) if word]
    wrong = [word for word in words if not (word.isascii() and word.isdigit() and 0 < int(word[:20]) < 2**63)]
    if wrong:
        raise CommandError(f"{name}: {wrong[0][:80]!r} is no id of a frame; write numbers.", returncode=WRONG)
    return [int(word) for word in words]


def reach_of(options: dict[str, Any]) -> Reach:
    """Return how far a lock is to reach. Raises SpecError."""
    return Reach(options["block_s"], options["margin_s"], options["min_similarity"], options["max_bits"])


def _read(name: str, what: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read as {what}: {error}", returncode=WRONG) from error
