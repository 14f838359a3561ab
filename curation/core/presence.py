"""For how long each class was in view, told from the looks of an objects stage."""

from collections.abc import Mapping, Sequence

import numpy as np

from curation.core import spans
from curation.core.types import Observations, Span


def class_seconds(
    track: Observations, settled: Sequence[Span], *, score: float, stop_score: float
) -> Mapping[str, float]:
    """Tell for how many seconds each class was seen within the stage's settled stretches: label -> s, by label.

    A look stands until the next one, the last one until the end of the stretch. As with the stage's own stretches, a
    look counts from `stop_score` on, in a stretch in which at least one look at the class reached `score`. So a class
    is never seen for longer than the stretches last, and classes that are in view together count for the same time
    each. Nothing is seen where the stage did not look, nor outside its stretches: of a class that is not among those
    the stage looks for, it is the time in which one of those was in view too.

    class_seconds(looks at 0 s: person, 2 s: nothing, 3 s: person; settled 1 to 5 s) -> {"person": 3.0}"""
    seen_us: dict[str, int] = {}
    for stretch in spans.union(settled):
        for label, time_us in _in_stretch(track, stretch, score=score, stop_score=stop_score).items():
            seen_us[label] = seen_us.get(label, 0) + time_us
    return {label: round(seen_us[label] / 1e6, 3) for label in sorted(seen_us)}


def _in_stretch(track: Observations, stretch: Span, *, score: float, stop_score: float) -> dict[str, int]:
    # The look before the stretch stands into it.
    first = max(0, int(np.searchsorted(track.pts_us, stretch.start_us, side="right")) - 1)
    last = int(np.searchsorted(track.pts_us, stretch.end_us))
    starts = np.maximum(track.pts_us[first:last], stretch.start_us)
    stood_us = np.diff(starts, append=stretch.end_us)
    seen_us: dict[str, int] = {}
    best: dict[str, float] = {}
    for time_us, boxes in zip(stood_us.tolist(), track.boxes[first:last], strict=True):
        for label in {box.label for box in boxes if box.score >= stop_score}:
            seen_us[label] = seen_us.get(label, 0) + time_us
        for box in boxes:
            best[box.label] = max(best.get(box.label, 0.0), box.score)
    return {label: time_us for label, time_us in seen_us.items() if time_us and best[label] >= score}
