"""The arguments of `manage.py scenarios`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

REPORT_FILES = ("junit", "html", "markdown", "json")


def add_arguments(parser: CommandParser) -> None:
    """Add the verbs, each with its arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    save = verbs.add_parser("save", help="Check a suite's YAML and store it as the suite's next version.")
    save.add_argument("file", type=Path, metavar="FILE.yaml")
    verbs.add_parser("list", help="List suites, and the newest test runs.")
    show = verbs.add_parser("show", help="Print a suite's YAML.")
    show.add_argument("suite", metavar="SUITE[@N]")
    run = verbs.add_parser("run", help="Hold a model against a suite. Predictions that are not there are made first.")
    _run(run)
    final = verbs.add_parser(
        "final", help="The final evaluation on a locked hold-out. Each use is written in its ledger, for good."
    )
    _run(final)
    final.add_argument("--yes", action="store_true", help="Do not ask whether the hold-out is to be used.")
    report = verbs.add_parser("report", help="Report a stored test run again, byte for byte.")
    report.add_argument("run", metavar="RUN", help="Its number.")
    _reports(report)
    compare = verbs.add_parser("compare", help="Compare two models on exactly the same frames.")
    compare.add_argument("before", metavar="MODEL", help="The model that came before.")
    compare.add_argument("after", metavar="MODEL", help="The model that is to be better.")
    _suite(compare)
    compare.add_argument("--margin", type=float, default=0.01, help="Smaller differences are none (0.01).")
    _options(compare)
    _forms(compare)
    discover = verbs.add_parser("discover", help="Look for slices in which a model is worst, whatever the suites say.")
    _discover(discover)
    trend = verbs.add_parser("trend", help="Show each scenario of a suite over model versions.")
    trend.add_argument("suite", metavar="SUITE[@N]")
    trend.add_argument("--dataset", default="", metavar="NAME@N", help="Only runs on this version.")
    _forms(trend)


def _run(parser: Any) -> None:
    parser.add_argument("--model", required=True, metavar="NAME", help="A registered model: manage.py models list.")
    _suite(parser)
    parser.add_argument("--baseline", default="", metavar="NAME", help="The model that relative scenarios refer to.")
    _options(parser)
    _reports(parser)


def _suite(parser: Any) -> None:
    parser.add_argument(
        "--suite", required=True, metavar="NAME[@N]|FILE", help="A stored suite, or a YAML file, which is stored."
    )
    parser.add_argument("--dataset", default="", metavar="NAME@N", help="Default: the version that the suite names.")


def _options(parser: Any) -> None:
    parser.add_argument("--mode", choices=("interval", "simple"), help="simple: the figure alone decides.")
    parser.add_argument("--confidence", type=float, metavar="X", help="Of the intervals (0.95).")
    parser.add_argument("--replicates", type=int, metavar="N", help="Draws of groups (1000).")
    parser.add_argument("--seed", type=int, metavar="N", help="Same seed, same intervals (0).")


def _reports(parser: Any) -> None:
    parser.add_argument("--junit", metavar="FILE", help="Write JUnit XML, which CI systems show.")
    parser.add_argument("--html", metavar="FILE", help="Write one HTML page with curves and pictures.")
    parser.add_argument("--markdown", metavar="FILE", help="Write Markdown, for a pull request.")
    parser.add_argument("--json", metavar="FILE", help="Write JSON; '-' prints it, and nothing else, on stdout.")
    parser.add_argument("--base-url", default="", metavar="URL", help="The dashboard's address, for links in reports.")


def _forms(parser: Any) -> None:
    parser.add_argument("--markdown", metavar="FILE", help="Write Markdown.")
    parser.add_argument("--json", metavar="FILE", help="Write JSON; '-' prints it, and nothing else, on stdout.")


def _discover(parser: Any) -> None:
    parser.add_argument("--model", required=True, metavar="NAME")
    parser.add_argument("--dataset", required=True, metavar="NAME@N")
    parser.add_argument("--labels", default="", metavar="A,B", help="Only these labels.")
    parser.add_argument("--factors", default="", metavar="A,B", help="Only these factors. Default: all.")
    parser.add_argument("--query", default="", metavar="QUERY", help="Only frames of the version that match.")
    parser.add_argument("--most-factors", type=int, default=3, choices=(1, 2, 3), help="Combined at most (3).")
    parser.add_argument("--least-images", type=int, default=20, help="Smaller slices are left out (20).")
    parser.add_argument("--least-groups", type=int, default=5, help="Slices of fewer groups are left out (5).")
    parser.add_argument("--limit", type=int, default=20, help="List at most so many (20).")
    parser.add_argument("--clusters", type=int, default=0, metavar="N", help="Also N clusters of frames by likeness.")
    parser.add_argument("--json", metavar="FILE", help="Write JSON; '-' prints it, and nothing else, on stdout.")
    parser.add_argument("--out", type=Path, metavar="FILE.yaml", help="Write the scenarios that it would take.")
