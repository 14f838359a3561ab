"""The arguments of `manage.py labelling`."""

from pathlib import Path
from typing import Any

from activelearning.core.merging import MERGES
from activelearning.models import LabelBatch
from activelearning.services.batch_export import formats
from activelearning.services.drift import DAYS
from activelearning.services.drift_mending import MENDS
from curation.services.import_request import AUTO, readable


def add_verbs(parser: Any) -> None:
    """Add the verbs of `manage.py labelling`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="List batches, the newest first.")
    make = verbs.add_parser("make", help="Put frames together to be labelled.")
    make.add_argument("--query", required=True, help="The frames that match; held-out ones are left out.")
    make.add_argument("--most", type=int, default=200, metavar="N", help="Frames at most. Default: %(default)s")
    make.add_argument("--name", required=True)
    make.add_argument("--via", choices=LabelBatch.Via.values, default=LabelBatch.Via.LABEL_STUDIO)
    make.add_argument("--project", metavar="N", help="The Label Studio project: see `manage.py labelstudio projects`.")
    make.add_argument("--model", default="", help="Whose boxes annotators start from.")
    make.add_argument("--classes", nargs="+", default=[], help="By default the project's, or the model's.")
    make.add_argument("--factors", nargs="+", default=[], help="Factors that people are asked for.")
    make.add_argument("--merge", choices=list(MERGES), default="newest", help="Which answers count. Default: newest")
    make.add_argument("--truth", default="", help="With --via truth: which of WINNOW_TRUTHS answers.")
    make.add_argument("--cost-per-hour", type=float, help="Of an annotator.")
    make.add_argument("--currency", default="")
    _of_a_batch(verbs, "show", "A batch: how far, how fast, what it costs, how good its pre-annotations were.")
    send = _of_a_batch(verbs, "send", "Send it to Label Studio, or let its known truth answer.")
    pull = _of_a_batch(verbs, "pull", "Read the answers that are in Label Studio now.")
    pull.add_argument("--wait", action="store_true", help="If the server is down, ask until it answers.")
    drift = _of_a_batch(verbs, "drift", "Where the project there and this service no longer agree.")
    drift.add_argument("--days", type=float, default=DAYS, help="Sent longer ago and never labelled. Default: 14")
    mend = _of_a_batch(verbs, "mend", "Mend what the drift report says.")
    mend.add_argument("what", choices=list(MENDS))
    export = _of_a_batch(verbs, "export", "Write its frames into an archive for another labelling tool.")
    export.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
    export.add_argument("--format", choices=list(formats()), default="cvat")
    read = _of_a_batch(verbs, "import", "Read the labels that another tool made of its frames.")
    read.add_argument("file", type=Path, help="An archive, a folder or a file of labels.")
    read.add_argument("--format", choices=[AUTO, *readable()], default=AUTO)
    read.add_argument("--annotator", default="", help="Whose labels they are; by default the file's name.")
    read.add_argument("--skip-empty", action="store_true", help="Pictures without boxes say nothing.")
    _of_a_batch(verbs, "merge", "Merge its answers anew by another policy.").add_argument(
        "policy", choices=list(MERGES)
    )
    _of_a_batch(verbs, "close", "Close it; frames that nobody labelled are taken out.")
    for verb in (send, pull):
        verb.add_argument("--queue", action="store_true", help="Leave the work to the workers.")
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true", help="Print one JSON object on stdout, and nothing else.")


def _of_a_batch(verbs: Any, name: str, help: str) -> Any:
    """Add a verb whose first argument is a batch's number."""
    verb = verbs.add_parser(name, help=help)
    verb.add_argument("batch", metavar="BATCH", help="The batch's number.")
    return verb
