"""What stages wrote, over any stretch of a run."""

from collections.abc import Mapping

import numpy as np

from curation.core import track_format
from curation.core.stages.contract import EVER
from curation.core.types import Signals, Span, Track
from curation.models import Run
from curation.models import Track as TrackRow


def load(*, run: Run, stage_index: int, span: Span = EVER) -> Track | None:
    """Load what a stage wrote within a stretch; None where it wrote nothing."""
    rows = TrackRow.objects.filter(
        chunk__run=run, chunk__stage_index=stage_index, chunk__start_us__lt=span.end_us
    ).exclude(chunk__end_us__lte=span.start_us)
    blobs = rows.order_by("chunk__index").values_list("arrays", flat=True)
    parts = [track_format.decode(bytes(blob)) for blob in blobs]
    return track_format.clip(track_format.join(parts), span) if parts else None


def signals(
    *, run: Run, start_s: float = 0.0, end_s: float | None = None, points: int = 1000
) -> dict[str, list[float] | dict[str, list[float]]]:
    """Return a run's dense signals, thinned to at most `points` buckets: {"pts_s": [...], name: {"min", "max"}}.

    Lowest and highest of each bucket, so that no peak is lost. Empty lists where no dense stage ran."""
    span = Span(max(0, round(start_s * 1e6)), round(end_s * 1e6) if end_s is not None else EVER.end_us)
    track = load(run=run, stage_index=0, span=span)
    if not isinstance(track, Signals) or not len(track.pts_us):
        return {"pts_s": []}
    starts = np.unique(np.linspace(0, len(track.pts_us), min(points, len(track.pts_us)), endpoint=False).astype(int))
    columns: Mapping[str, dict[str, list[float]]] = {
        ("motion" if name == "score" else name): {
            "min": np.minimum.reduceat(values, starts).astype(float).round(4).tolist(),
            "max": np.maximum.reduceat(values, starts).astype(float).round(4).tolist(),
        }
        for name, values in track.values.items()
    }
    return {"pts_s": (track.pts_us[starts] / 1e6).tolist(), **columns}
