"""What detectors saw, in the words of a manifest: labels of a model, where nobody has labelled yet."""

from collections.abc import Sequence
from typing import Any

from curation.models import Detection, Keep


def boxes_seen(frame_ids: Sequence[int], *, min_score: float) -> dict[int, list[dict[str, Any]] | None]:
    """Return what the newest run with a detector saw in each frame; None where none looked. Three queries at most."""
    newest: dict[int, int] = {}
    looking: dict[int, bool] = {}
    keeps = Keep.objects.filter(frame__in=frame_ids, run__isnull=False).order_by("run_id")
    for frame_id, run_id, spec in keeps.values_list("frame_id", "run_id", "run__spec"):
        if looking.setdefault(run_id, _looks(spec)):
            newest[frame_id] = run_id
    found: dict[int, list[dict[str, Any]] | None] = {pk: [] if pk in newest else None for pk in frame_ids}
    for row in Detection.objects.filter(frame__in=list(newest), score__gte=min_score).order_by(
        "frame_id", "-score", "id"
    ):
        boxes = found[row.frame_id]
        if boxes is not None and newest[row.frame_id] == row.run_id:
            boxes.append(_box(row))
    return found


def _looks(spec: Any) -> bool:
    return any(stage.get("detector") for stage in spec.get("stages") or ())


def _box(row: Detection) -> dict[str, Any]:
    return {
        "label": row.label, "box": [row.x1, row.y1, row.x2, row.y2], "is_crowd": False, "track_id": None,
        "area_px2": None, "segmentation": None, "attributes": {"score": round(row.score, 4)},
    }  # fmt: skip
