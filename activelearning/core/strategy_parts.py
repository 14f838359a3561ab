"""The parts of a strategy besides its samplers."""

from dataclasses import dataclass

from curation.core.params import param
from curation.core.sampling import Constraints


@dataclass(frozen=True)
class SeedCounts:
    """How many seeds of each kind a scenario gives at most."""

    missed: int = param(300, help="Objects that the model missed.", minimum=0, maximum=10_000)
    false_alarms: int = param(100, help="Boxes where nothing is.", minimum=0, maximum=10_000)
    low_confidence: int = param(100, help="Boxes that the model is unsure of.", minimum=0, maximum=10_000)


@dataclass(frozen=True)
class Diversity:
    """Of the frames that a sampler wants most, those that cover them best: k-center greedy on the frames' vectors."""

    oversample: float = param(
        3.0, help="The picks come from so many times as many frames, the most wanted ones.", minimum=1, maximum=100
    )


@dataclass(frozen=True)
class Limits:
    """Limits on all that is chosen. What is not given does not limit; imported pictures have no video or time."""

    max_per_interval: int | None = param(None, help="At most so many frames of one interval of a video.", minimum=1)
    interval_s: float = param(60.0, help="How long such an interval is.", unit="s", minimum=0.001, maximum=1e7)
    max_per_video: int | None = param(None, help="At most so many frames of one video.", minimum=1)
    max_per_camera: int | None = param(None, help="At most so many frames of one camera.", minimum=1)
    min_gap_s: float | None = param(
        1.0, help="Least time between two frames of a video.", unit="s", minimum=0, maximum=1e7
    )
    max_similarity: float | None = param(
        0.998,
        help="No frame whose vector is more like a labelled one's, or a chosen one's (cosine).",
        minimum=0,
        maximum=1,
    )

    def constraints(self) -> Constraints:
        """Say the same in the words of sampling plans."""
        return Constraints(
            max_per_video=self.max_per_video,
            max_per_camera=self.max_per_camera,
            max_per_interval=self.max_per_interval,
            interval_s=self.interval_s,
            min_gap_s=self.min_gap_s,
            max_similarity=self.max_similarity,
        )
