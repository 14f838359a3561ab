"""The arguments of `manage.py rounds` and `manage.py loop`."""

from pathlib import Path
from typing import Any

from activelearning.core.round_reports import ROUND_REPORTS
from activelearning.core.round_states import RERUN
from activelearning.core.shipped import SHIPPED, shipped_text
from activelearning.models import LabelBatch
from curation.core.errors import SpecError
from curation.core.params import parse_text


def add_round_verbs(parser: Any) -> None:
    """Add the verbs of `manage.py rounds`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    start = verbs.add_parser("start", help="Look for the frames that would mend a test run's red scenarios.")
    start.add_argument("--test-run", metavar="N", help="The test run to start from; or --suite and --model.")
    start.add_argument("--suite", help="With --model: its newest test run against this suite.")
    start.add_argument("--model")
    start.add_argument("--budget", type=int, required=True, metavar="FRAMES", help="Frames to label at most.")
    start.add_argument("--auto", action="store_true", help="Go on by itself: nobody looks through candidates.")
    add_settings(start)
    verbs.add_parser("list", help="List rounds, the newest first.")
    verbs.add_parser("strategies", help="List the shipped strategies; with --yaml NAME print one.").add_argument(
        "--yaml", metavar="NAME"
    )
    show = verbs.add_parser("show", help="A round: where it stands, its candidates and why.")
    show.add_argument(
        "--candidates", type=int, default=15, metavar="N", help="So many are listed. Default: %(default)s"
    )
    report = verbs.add_parser("report", help="What a closed round brought.")
    report.add_argument("--kind", choices=sorted(ROUND_REPORTS), default="terminal")
    report.add_argument("--out", type=Path, metavar="FILE", help="Write it there instead of printing it.")
    drop = verbs.add_parser("drop", help="Take candidates out before they are sent.")
    restore = verbs.add_parser("restore", help="Bring dropped candidates back.")
    add = verbs.add_parser("add", help="Put frames in that you chose yourself.")
    for verb in (drop, restore, add):
        verb.add_argument("frames", nargs="*", type=int, metavar="FRAME", help="Frame ids.")
    add.add_argument("--query", default="", help="All frames that match, beside those that are named.")
    for verb in (drop, add):
        verb.add_argument("--note", default="", help="Why.")
    go = verbs.add_parser("go", help="Let a round go on: send its candidates, try a failed step again, read labels.")
    go.add_argument("--via", choices=LabelBatch.Via.values, default="", help="How its frames are labelled.")
    go.add_argument("--early", action="store_true", help="Take out what nobody labelled yet, and go on with the rest.")
    go.add_argument("--wait", action="store_true", help="Wait for the annotators.")
    rerun = verbs.add_parser("rerun", help="Do a step again, and all after it. Labels stay.")
    rerun.add_argument("state", choices=RERUN)
    attach = verbs.add_parser("attach", help="Test a model that was trained elsewhere on the round's dataset.")
    attach.add_argument("model")
    abandon = verbs.add_parser("abandon", help="End a round where it stands. Labels stay.")
    abandon.add_argument("--note", default="")
    for name in ("show", "report", "drop", "restore", "add", "go", "rerun", "attach", "abandon"):
        # The number stands first, as one says it: rounds drop 3 17 18
        _first(verbs.choices[name], "round", metavar="ROUND", help="The round's number.")
    for verb in (start, go, rerun, attach):
        verb.add_argument("--queue", action="store_true", help="Leave the work to the workers.")
    for name, verb in verbs.choices.items():
        if name not in ("report", "strategies"):
            verb.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")


def add_settings(parser: Any) -> None:
    """Add what rounds and loops have in common."""
    parser.add_argument(
        "--scenario", action="append", default=[], metavar="NAME",
        help="A scenario that it is about; repeatable. Default: those that failed or are undecided.",
    )  # fmt: skip
    parser.add_argument(
        "--strategy", default="", metavar="NAME|FILE",
        help=f"A shipped strategy ({', '.join(SHIPPED)}) or a YAML file. Default: default.",
    )  # fmt: skip
    parser.add_argument("--seed", type=int)
    parser.add_argument("--via", choices=LabelBatch.Via.values, default="", help="How its frames are labelled.")
    parser.add_argument("--project", type=int, metavar="N", help="The Label Studio project, by its number here.")
    parser.add_argument("--truth", default="", metavar="NAME", help="With --via truth: whose.")
    parser.add_argument("--dataset", default="", help="The dataset that the labels are added to.")
    parser.add_argument(
        "--base", default="", metavar="NAME@N",
        help="What the next model is trained on besides. Default: what the tested one was trained on.",
    )  # fmt: skip
    parser.add_argument("--trainer", default="", help="The kind of trainer, or `none` to train elsewhere.")
    parser.add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE",
        help="An option of the trainer: epochs=10. Repeatable.",
    )  # fmt: skip
    parser.add_argument(
        "--raise", action="append", default=[], dest="raised", metavar="SCENARIO=SHARE",
        help="Let a scenario's frames be so large a share of the training set: 'partly hidden=0.3'. Repeatable.",
    )  # fmt: skip
    parser.add_argument(
        "--classes", nargs="+", default=[], help="What boxes are drawn of. Default: the project's, or the model's."
    )  # fmt: skip
    parser.add_argument("--factors", nargs="+", default=[], help="Factors that people are asked for as well.")
    parser.add_argument("--least-score", type=float, metavar="S", help="Boxes below it are not pre-annotated.")
    parser.add_argument("--cost-per-hour", type=float, metavar="MONEY", help="Of an annotator, for the report.")


def strategy_text(said: str) -> str:
    """Return the YAML of a shipped strategy or of a file; "" for the default. Raises SpecError."""
    if not said or said in SHIPPED:
        return shipped_text(said) if said else ""
    try:
        return Path(said).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        shipped = ", ".join(SHIPPED)
        raise SpecError(f"{said} is neither a shipped strategy ({shipped}) nor a file that can be read.") from error


def trainer_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return the trainer and its options as a round keeps them. Raises SpecError."""
    chosen = {}
    for setting in options["set"]:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise SpecError(f"--set {setting}: write OPTION=VALUE, for instance epochs=10.")
        chosen[name.strip()] = parse_text(value.strip())
    kind = {"kind": options["trainer"]} if options["trainer"] else {}
    return kind | ({"options": chosen} if chosen else {})


def raised_of(options: dict[str, Any]) -> dict[str, float]:
    """Return the shares to raise. Raises SpecError."""
    shares: dict[str, float] = {}
    for said in options["raised"]:
        name, equals, value = said.rpartition("=")
        try:
            share = float(value)
        except ValueError:
            share = -1
        if not equals or not name.strip() or not 0 < share < 1:
            raise SpecError(f"--raise {said}: write SCENARIO=SHARE with a share between 0 and 1, as in 'rain=0.3'.")
        shares[name.strip()] = share
    return shares


def labelling_of(options: dict[str, Any]) -> dict[str, Any]:
    names = ("project", "truth", "classes", "factors", "least_score", "cost_per_hour")
    return {name: options[name] for name in names if options[name] not in (None, "", [])}


def _first(parser: Any, name: str, **about: Any) -> None:
    """Add a positional argument in front of those that are there."""
    action = parser.add_argument(name, **about)
    positionals = parser._positionals._group_actions
    positionals.insert(0, positionals.pop(positionals.index(action)))
    parser._actions.insert(1, parser._actions.pop(parser._actions.index(action)))
