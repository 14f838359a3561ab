"""What `manage.py labelling` prints for people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from activelearning.core.answer_changes import WORDS
from activelearning.models import LabelBatch
from activelearning.services.batch_progress import BatchProgress
from activelearning.services.drift import Drift
from curation.management.tables import plain_table
from evaluation.core.reports.words import clean

NONE_YET = "There are no batches yet: manage.py labelling make --name NAME --query QUERY --via files"
LISTED = 5


def batches_table(batches: Sequence[LabelBatch], counts: Mapping[int, Mapping[str, int]]) -> Table:
    table = plain_table("batch", "name", "via", "state", "labelled", "skipped", "open", "gone")
    for one in batches:
        count = counts[one.pk]
        table.add_row(
            str(one.pk), clean(one.name), one.via, one.state, str(count["labelled"]), str(count["skipped"]),
            str(count["waiting"] + count["sent"]), str(count["gone"]),
        )  # fmt: skip
    return table


def batch_sections(batch: LabelBatch, found: BatchProgress) -> Iterable[RenderableType]:
    """Tell how far a batch is, and what to do next."""
    yield Text.assemble((f"Batch {batch.pk}: {clean(batch.name)}", "bold"), f" ({batch.get_via_display()})")
    yield Text(f"{batch.state}: {batch.get_state_display()}")
    yield (
        f"{found.labelled} labelled, {found.skipped} skipped, {found.sent} with the annotators, "
        f"{found.waiting} not sent, {found.gone} deleted there, {found.dropped} taken out; {found.share_done:.0%} done"
    )
    if found.answers:
        lead = "" if found.lead_time_s is None else f", half of them within {found.lead_time_s:.0f} s"
        yield f"{found.answers} answers by {found.annotators} people{lead}"
    if found.labels_per_hour is not None and found.left_s is not None:
        left = timedelta(seconds=round(found.left_s))
        yield f"{found.labels_per_hour:.0f} an hour; {left} of work are left at that pace"
    if found.cost_so_far is not None and found.cost_expected is not None:
        yield f"Cost: {found.cost_so_far:.2f} {found.currency} so far, {found.cost_expected:.2f} expected".rstrip()
    if found.agreement is not None:
        yield f"Annotators of the same frame agree to {found.agreement:.0%}"
    if found.compared:
        said = ", ".join(f"{found.changes[word]} {word}" for word in WORDS)
        yield f"Pre-annotations of {found.compared} frames: {said}"
        yield _classes(found)


def drift_sections(found: Drift) -> Iterable[RenderableType]:
    """Tell what drifted, and which call mends it."""
    n = found.batch
    if found.is_clean:
        yield f"Batch {n} and {clean(found.project)} agree."
        return
    table = plain_table("what drifted", "how much", "mend it by")
    if found.is_project_gone:
        table.add_row("the project was deleted there", "", f"labelling mend {n} project")
    lists = (
        (
            "deleted there before they were labelled",
            () if found.is_project_gone else found.deleted,
            f"labelling mend {n} deleted",
        ),
        ("skipped", found.skipped, f"labelling mend {n} skipped-back | skipped-drop"),
        ("sent long ago, never labelled", found.never_labelled, f"labelling mend {n} never-drop"),
        ("picture links that end soon", found.links, f"labelling mend {n} links"),
        ("tasks there that are none of ours", found.unknown_there, "nobody but who made them"),
    )
    for what, rows, how in lists:
        if rows:
            table.add_row(what, str(len(rows)), how)
    if found.stale is not None:
        said = f"pre-annotations of {found.stale.model}; {found.stale.newer} was tested since"
        table.add_row(clean(said), str(len(found.stale.tasks)), f"labelling mend {n} predictions")
    if found.config.is_changed:
        table.add_row(clean(_config(found)), "", f"labelling mend {n} config-restore | config-adopt")
    yield table
    if found.deleted_labelled:
        yield f"{len(found.deleted_labelled)} labelled tasks were deleted there; their labels are kept."


def taken_sections(told: Mapping[str, Any]) -> Iterable[RenderableType]:
    """Tell what came of taking answers in: counts, what a reader must know, what could not be used."""
    counts = told.get("counts", {})
    shown = ("labelled", "skipped", "reopened", "returned", "gone", "answers_new", "answers_changed", "answers_deleted",
             "labels_new", "labels_removed", "tags", "unknown_there")  # fmt: skip
    said = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in shown if counts.get(name))
    yield said or "Nothing is new."
    for note, count in told.get("notes", {}).items():
        yield Text(clean(f"{count} {note}"))
    for why, count in told.get("problems", {}).items():
        yield Text(clean(f"{count} x {why}"), style="yellow")


def _classes(found: BatchProgress) -> Table:
    table = plain_table("class", "pre-annotated", "there", "precision", "recall", "left alone")
    for label, one in found.classes.items():
        shares = ("–" if share is None else f"{share:.0%}" for share in (one.precision, one.recall, one.share_kept))
        table.add_row(clean(label), str(one.pre_annotated), str(one.there), *shares)
    return table


def _config(found: Drift) -> str:
    parts = (
        ("lacks", (*found.config.classes_missing, *found.config.factors_missing, *found.config.values_missing)),
        ("has besides", (*found.config.classes_new, *found.config.factors_new)),
    )
    said = "; ".join(f"{verb} {', '.join(names[:LISTED])}" for verb, names in parts if names)
    return f"the configuration there {said or 'was changed, and offers the same'}"
