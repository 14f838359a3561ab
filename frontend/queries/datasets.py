"""Dataset versions, for the pages."""

from collections.abc import Sequence

from curation.models import DataExport, DatasetVersion, HeldFrame, HoldoutUse
from frontend.records import ExportRow, UseRow, VersionDetail, VersionRow

MAX_VERSIONS, MAX_USES, MAX_EXPORTS = 200, 50, 20


def dataset_versions() -> Sequence[VersionRow]:
    """List versions, newest first. One query."""
    rows = DatasetVersion.objects.select_related("dataset", "created_by").order_by("-id")
    return [_row(version) for version in rows[:MAX_VERSIONS]]


def dataset_version(name: str) -> VersionDetail | None:
    """Look up a version by `name@number`. Four queries."""
    dataset, _, number = name.rpartition("@")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    named = DatasetVersion.objects.filter(dataset__name=dataset, number=int(number))
    version = named.select_related("dataset", "created_by", "parent__dataset", "conditions").first()
    if version is None:
        return None
    uses = HoldoutUse.objects.filter(version=version).order_by("-id")[:MAX_USES]
    exports = DataExport.objects.filter(version=version).select_related("job").order_by("-id")[:MAX_EXPORTS]
    return VersionDetail(
        row=_row(version),
        parent=str(version.parent) if version.parent else "",
        conditions=str(version.conditions) if version.conditions else "",
        plan_text=version.plan_text,
        seed=version.seed,
        split_by=version.split_by,
        sha256=version.manifest_sha256,
        report=version.report,
        lock=version.lock,
        held_frames=HeldFrame.objects.filter(version=version).count() if version.is_locked else 0,
        uses=[
            UseRow(use.at, use.by_name, use.get_purpose_display(), use.model, use.metric, use.value, use.note)
            for use in uses
        ],
        exports=[
            ExportRow(one.pk, one.format, one.purpose, one.job.state if one.job else "", one.size_bytes, one.created_at)
            for one in exports
        ],
    )


def _row(version: DatasetVersion) -> VersionRow:
    return VersionRow(
        name=str(version),
        dataset=version.dataset.name,
        frames=version.frame_count,
        annotations=version.annotation_count,
        splits=version.splits,
        created_at=version.created_at,
        created_by=version.created_by.get_username() if version.created_by else "",
        locked_at=version.locked_at,
    )
