"""Comparing two dataset versions, as they were frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from curation.core.comparison import Changes, as_plain, compare
from curation.models import DatasetVersion
from curation.services.in_force import current_spec
from curation.services.manifests import identity_of, read_manifest

NAMED = 100


@dataclass(frozen=True)
class Comparison:
    before: DatasetVersion
    after: DatasetVersion
    changes: Changes
    frame_ids: Mapping[str, int]

    def to_dict(self, *, limit: int = NAMED) -> dict[str, Any]:
        """Write it out; of each kind at most `limit` frames are named, all are counted."""
        changes = self.changes
        return {
            "before": str(self.before),
            "after": str(self.after),
            "frames": {"before": self.before.frame_count, "after": self.after.frame_count, "in_both": changes.same},
            "came": self._listed(changes.came, limit),
            "went": self._listed(changes.went, limit),
            "relabelled": self._listed(changes.relabelled, limit),
            "moved": self._listed(changes.moved, limit) | {"moves": changes.moves_by_name()},
            "retagged": dict(sorted(changes.retagged.items())),
            "splits": {"before": self.before.splits, "after": self.after.splits},
            "labels": as_plain(changes.labels()),
            "shifts": [as_plain(shift) for shift in changes.shifts],
        }

    def _listed(self, identities: Iterable[str], limit: int) -> dict[str, Any]:
        ids = sorted(self.frame_ids[identity] for identity in identities if identity in self.frame_ids)
        return {"count": len(ids), "frames": ids[:limit]}


def compare_versions(before: DatasetVersion, after: DatasetVersion) -> Comparison:
    """Say what came, what went, which annotations, tags and splits changed, and how each factor's distribution moved.

    The factors are those of the operating conditions in force. Raises ManifestError."""
    changes = compare(read_manifest(before), read_manifest(after), factors=current_spec().factors)
    named: dict[str, int] = {}
    for version in (before, after):
        rows = version.members.order_by("frame_id").values_list(
            "frame_id", "frame__picture_sha256", "frame__video__sha256", "frame__pts_us"
        )
        named |= {identity_of(picture, video, pts_us): pk for pk, picture, video, pts_us in rows.iterator()}
    return Comparison(before, after, changes, named)
