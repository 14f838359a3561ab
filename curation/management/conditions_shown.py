"""Operating conditions, what a retag changed and what was learnt, as tables and as plain values."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape

from curation.core.operating import FactorSpec
from curation.management.tables import plain_table
from curation.models import Job, OperatingConditions
from curation.services.factor_states import factor_states
from curation.services.in_force import conditions_of

MAX_SORTS = 8
"""So many sorts of change of a factor are listed, the most frequent first."""


def conditions_table(row: OperatingConditions) -> RenderableType:
    """Lay out factors, critical combinations and thresholds of stored conditions."""
    conditions = conditions_of(row)
    factors = plain_table("factor", "from", "values (expected share)", "state")
    for one in factor_states(row):
        factors.add_row(escape(one.factor.name), one.factor.origin, escape(_values(one.factor)), escape(one.state))
    below: list[RenderableType] = []
    if conditions.critical:
        critical = plain_table("critical combination", "when", "least frames")
        for each in conditions.critical:
            when = ", ".join(f"{factor}: {value}" for factor, value in each.when.items())
            critical.add_row(escape(each.name), escape(when), str(each.least_frames))
        below += ["", critical]
    for tagger, values in conditions.tags.items():
        set_to = ", ".join(f"{name} = {value}" for name, value in values.items())
        below.append(f"Tagger {tagger} of every cascade: {escape(set_to)}")
    return Group(f"[bold]{escape(str(row))}[/]  {escape(conditions.description)}", "", factors, *below)


def history_table(rows: list[OperatingConditions]) -> RenderableType:
    """Lay out versions, newest first."""
    table = plain_table("version", "stored", "by", "factors", "critical")
    for row in rows:
        conditions = conditions_of(row)
        by = row.created_by.get_username() if row.created_by else ""
        at = f"{row.created_at:%Y-%m-%d %H:%M}"
        table.add_row(escape(str(row)), at, escape(by), str(len(conditions.factors)), str(len(conditions.critical)))
    return table


def retag_table(job: Job) -> RenderableType:
    """Say what a retag changed."""
    result = job.result
    notes = [f"[yellow]{escape(note)}[/]" for note in result["notes"]]
    said = f"{result['frames']} frames tagged anew, {result['frames_changed']} have other tags now."
    if not result["changes"]:
        return Group(said, *notes)
    table = plain_table("factor", "change", ">frames")
    for factor, sorts in sorted(result["changes"].items()):
        ranked = sorted(sorts.items(), key=lambda item: (-item[1], item[0]))
        for place, (sort, count) in enumerate(ranked[:MAX_SORTS]):
            table.add_row(escape(factor) if place == 0 else "", escape(sort), str(count))
        if rest := ranked[MAX_SORTS:]:
            table.add_row("", f"{len(rest)} other changes", str(sum(count for _, count in rest)))
    return Group(said, *notes, "", table)


def calibration_table(factor: str, learnt: Mapping[str, Any]) -> RenderableType:
    """Say what was learnt from labels, and what it is worth."""
    before, after = learnt["before"], learnt["after"]
    table = plain_table("", "before", "after")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("right answers", f"{before['accuracy']:.1%}", f"{after['accuracy']:.1%}")
    table.add_row("log-loss", f"{before['log_loss']:.3f}", f"{after['log_loss']:.3f}")
    table.add_row("threshold", f"{learnt['threshold_before']:g}", f"{learnt['threshold']:g}")
    table.add_row("sharpness", "1", f"{learnt['sharpness']:.3g}")
    for value, bias in learnt["biases"].items():
        table.add_row(f"bias of {escape(value)}", "0", f"{bias:+.2f}")
    labels = ", ".join(f"{value} {count}" for value, count in learnt["labels_by_value"].items())
    told = f"{escape(factor)} by {escape(learnt['embedder'])}: {learnt['labels']} labels of people ({escape(labels)})."
    how = f"Figures after are of labels that were left out of the learning, a {learnt['folds']}th at a time."
    if learnt["strength"] is None:
        how += " Nothing that could be learnt held on those, so the model's own scores stand."
    return Group(told, how, "", table)


def conditions_json(row: OperatingConditions) -> dict[str, Any]:
    """Write stored conditions out as plain values."""
    states = factor_states(row)
    return {
        "id": row.pk, "version": row.version, "name": row.name, "spec": row.spec, "calibration": row.calibration,
        "factors": [{"name": s.factor.name, "from": s.factor.origin, "state": s.state} for s in states],
        "created_at": row.created_at.isoformat(),
    }  # fmt: skip


def _values(factor: FactorSpec) -> str:
    if not factor.values:
        return "whatever is found"
    shares = {name: f" {share:.0%}" for name, share in factor.expected.items()}
    return ", ".join(f"{name}{shares.get(name, '')}" for name in factor.values)
