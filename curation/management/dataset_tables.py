"""Dataset versions in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from curation.core.leakage import KINDS, Leakage
from curation.core.splits import SPLITS
from curation.management.tables import plain_table
from curation.models import DatasetVersion, HoldoutUse
from curation.services.holdout import Foreseen

INDENT = (0, 0, 0, 2)
MOST_SHIFTS = 8
BECAUSE = {
    "member": "Frames of the version itself",
    "block": "From the same stretches of video, or the same moments",
    "duplicate": "Elsewhere, but look like one of these",
}


def versions_table(versions: Sequence[DatasetVersion]) -> Table:
    """List versions, one line each."""
    table = plain_table("version", ">frames", ">labels", "splits", "made", "hold-out")
    for version in versions:
        table.add_row(
            str(version), f"{version.frame_count:,}", f"{version.annotation_count:,}", splits_text(version.splits),
            f"{version.created_at:%Y-%m-%d %H:%M}", f"since {version.locked_at:%Y-%m-%d}" if version.locked_at else "",
        )  # fmt: skip
    return table


def version_sections(version: DatasetVersion) -> Iterator[RenderableType]:
    """Show a version: what it holds, how it came about, what leaks, and its lock."""
    yield Text.assemble(
        (str(version), "bold"), f": {version.frame_count:,} frames, {version.annotation_count:,} labels"
    )
    facts = {
        "splits": splits_text(version.splits) + (f", by {version.split_by}" if version.split_by else ""),
        "parent": str(version.parent) if version.parent else "none",
        "seed": str(version.seed),
        "made": f"{version.created_at:%Y-%m-%d %H:%M}" + (f" by {version.created_by}" if version.created_by else ""),
        "SHA-256": version.manifest_sha256,
    }
    for name, value in facts.items():
        if value:
            yield Padding(Text(f"{name:8} {value}"), INDENT)
    yield from _report(version.report)
    if version.locked_at:
        yield _heading(f"Hold-out since {version.locked_at:%Y-%m-%d %H:%M}")
        yield from _kept_away(version.lock)


def _report(report: Mapping[str, Any]) -> Iterator[RenderableType]:
    short = [one for one in report.get("strata", []) if one["given"] < one["wanted"]]
    if short:
        yield _heading("What the plan fell short of")
        for one in short:
            yield _said(f"{one['name']}: {one['given']} of {one['wanted']}. {one.get('reason', '')}")
    notes = [*report.get("notes", []), *report.get("split_notes", [])]
    away = [f"{count:,} frames left out: {why}" for why, count in report.get("left_out", {}).items()]
    if notes or away:
        yield _heading("Notes")
        yield from map(_said, [*notes, *away])
    if "leakage" in report:
        yield _heading("Leakage, when it was made")
        yield _said(report["leakage"]["summary"])


def leakage_sections(found: Leakage) -> Iterator[RenderableType]:
    """Show a leakage report, the worst first."""
    yield Text(found.summary())
    if found.between:
        table = plain_table("from", "to", "frames", "look alike", "closest", "near in time", "shared videos")
        for one in found.between:
            closest = f"{one.closest:.3f}" if one.closest is not None else "–"
            table.add_row(
                one.left, one.right, f"{one.frames:,}", f"{one.alike:,} ({one.share:.1%})", closest, f"{one.near:,}",
                f"{one.videos:,}",
            )  # fmt: skip
        yield Text("")
        yield table
    if found.leaks:
        yield _heading(f"Leaks, the worst first: {len(found.leaks)} of {found.found:,}")
        table = plain_table("frame", "and frame", "in", "and", "how near", "why")
        for leak in found.leaks:
            table.add_row(
                str(leak.left), str(leak.right), escape(leak.left_split), escape(leak.right_split), _how_near(leak),
                KINDS[leak.kind],
            )  # fmt: skip
        yield table


def _how_near(leak: Any) -> str:
    if leak.seconds is not None:
        return f"{leak.seconds:.1f} s"
    if leak.similarity is not None:
        return f"{leak.similarity:.3f}"
    return "by hash" if leak.bits is None else f"{leak.bits} bits"


def comparison_sections(said: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show how one version differs from another."""
    frames = said["frames"]
    yield Text.assemble(
        (said["after"], "bold"), " against ", (said["before"], "bold"),
        f": {frames['after']:,} frames against {frames['before']:,}, {frames['in_both']:,} in both.",
    )  # fmt: skip
    for name, what in (("came", "came"), ("went", "went"), ("relabelled", "have other annotations")):
        if said[name]["count"]:
            yield _said(f"{said[name]['count']:,} {what}: frames {_some(said[name]['frames'])}")
    if said["moved"]["count"]:
        moves = ", ".join(f"{count} {move}" for move, count in said["moved"]["moves"].items())
        yield _said(f"{said['moved']['count']:,} changed sides: {moves}")
    if said["retagged"]:
        yield _said("Other tags: " + ", ".join(f"{name} of {count}" for name, count in said["retagged"].items()))
    shifts = [one for one in (said["labels"], *said["shifts"]) if one["divergence"]]
    if not shifts:
        yield _said("No distribution moved.")
        return
    yield _heading("Distributions that moved, the most first")
    shifts.sort(key=lambda one: -one["divergence"])
    for one in shifts[:MOST_SHIFTS]:
        before, after = sum(one["before"]) or 1, sum(one["after"]) or 1
        shares = ", ".join(
            f"{name} {old / before:.0%} → {new / after:.0%}"
            for name, old, new in zip(one["names"], one["before"], one["after"], strict=True)
            if round(100 * old / before) != round(100 * new / after)
        )
        yield _said(f"{one['factor']}, JSD {one['divergence']:.3f}: {shares}")
    if len(shifts) > MOST_SHIFTS:
        yield _said(f"And {len(shifts) - MOST_SHIFTS} more; --json has them all.")


def foreseen_sections(foreseen: Foreseen) -> Iterator[RenderableType]:
    """Say exactly what a lock keeps away, and what speaks against it."""
    yield Text.assemble("Locking ", (str(foreseen.version), "bold"), " as a hold-out keeps away, for good:")
    yield from _kept_away(foreseen.to_dict())
    for one in foreseen.overlaps:
        where = ", ".join(f"{count} {split}" for split, count in sorted(one.splits.items()))
        yield _said(f"{one.version} has {one.frames:,} of these frames ({where}): a model may have learnt from them.")
    yield Text(
        "None of these frames comes back from a sampling query, a plan, an export for training, or labelling; frames "
        "that arrive later are judged alike. It cannot be undone."
    )


def _kept_away(lock: Mapping[str, Any]) -> Iterator[RenderableType]:
    for reason, count in lock["frames"].items():
        yield _said(f"{BECAUSE[reason]}: {count:,}")
    yield _said(
        f"Stretches of video: {lock['stretches']:,} (videos: {lock['videos']:,}), {lock['seconds']:,.0f} s together; "
        "frames found there later too"
    )
    by = ", ".join(lock["embedders"]) or "none"
    yield _said(
        f"Look-alikes: from a similarity of {lock['min_similarity']:g} by vectors of: {by}; up to {lock['max_bits']} "
        "bits of the perceptual hash"
    )
    if unseen := lock["uncompared"] + lock["blind"]:
        yield _said(f"Neither vector nor hash, so that nobody can tell whether they look alike: {unseen:,}")


def uses_table(uses: Sequence[HoldoutUse]) -> Table:
    """Show the ledger, the newest line first."""
    table = plain_table("at", "by", "purpose", "model", "metric", "value", "note")
    for use in uses:
        value = f"{use.value:g}" if use.value is not None else ""
        cells = (use.by_name, use.get_purpose_display(), use.model, use.metric, value, use.note)
        table.add_row(f"{use.at:%Y-%m-%d %H:%M}", *map(escape, cells))
    return table


def splits_text(splits: Mapping[str, int]) -> str:
    """Write the sizes of splits in their order: "train 80, val 10, test 10"."""
    order = [*(name for name in SPLITS if name in splits), *sorted(set(splits) - set(SPLITS))]
    return ", ".join(f"{name} {splits[name]:,}" for name in order)


def _heading(text: str) -> Text:
    return Text.assemble("\n", (text, "bold"))


def _said(text: str) -> RenderableType:
    return Padding(Text(text), INDENT)


def _some(ids: Sequence[int], most: int = 8) -> str:
    return ", ".join(map(str, ids[:most])) + (", …" if len(ids) > most else "")
