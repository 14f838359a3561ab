"""Frames in which the model errs again, as far as the test tells."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from activelearning.core.mistake_classifier import MistakeClassifier
from activelearning.core.per_frame import best_boxes
from activelearning.core.pool import Pool, Seeds, Vectors
from activelearning.core.ranking import best_first, chances
from activelearning.core.samplers.contract import Need, Part, Proposal, Reason, nothing
from activelearning.core.samplers.fields import SHARE
from curation.core.params import param
from curation.core.types import FloatArray, IntArray

KINDS = ("missed", "false_alarm")


@dataclass(frozen=True)
class LikelyMistakes:
    """Finds frames with boxes that a small classifier takes for mistakes. It learns from the test: which boxes the
    model left on objects that it missed, and which were false alarms, beside all the others.

    A frame counts as its likeliest mistake, where 0.5 is as like the mistakes as like the other boxes. What the model
    does not see at all it cannot find: `similar_frames` beside it may."""

    kind: ClassVar[str] = "likely_mistakes"
    needs: ClassVar[frozenset[Need]] = frozenset({"boxes", "box_vectors", "seeds", "examples"})

    share: float = param(1.0, **SHARE)
    kinds: list[str] = param(list(KINDS), help="Mistakes to look for: missed, false_alarm.")
    least: float = param(0.2, help="Boxes that are less surely mistakes are not wanted.", minimum=0, maximum=1)
    least_examples: int = param(
        5, help="A scenario with fewer boxes of a kind to learn from teaches nothing of it.", minimum=2, maximum=1000
    )
    floor: float = param(0.05, help="Boxes below this score do not count.", minimum=0, maximum=1)

    def __post_init__(self) -> None:
        if not self.kinds or (unknown := [kind for kind in self.kinds if kind not in KINDS]):
            said = repr(unknown[0]) if self.kinds else "empty"
            raise ValueError(f"kinds is {said}; mistakes are of the kinds {', '.join(KINDS)}.")

    def propose(self, pool: Pool, seeds: Seeds, *, seed: int) -> Proposal:
        counts = np.flatnonzero(pool.boxes.score >= self.floor)
        if not len(seeds) or not len(counts):
            return nothing(pool)
        found = [
            lesson
            for scenario in sorted(set(seeds.scenario))
            for kind in dict.fromkeys(self.kinds)
            if (lesson := _Lesson.of(seeds, scenario, kind, least=self.least_examples)) is not None
        ]
        if not found:
            few = f"fewer than {self.least_examples} boxes to learn from"
            return nothing(pool, f"likely_mistakes: the test holds {few} in each of the scenarios.")
        score, chance = np.full(len(pool), np.nan), chances(pool, seed=seed)
        parts, suspects = [], []
        for lesson in found:
            suspect = lesson.suspects(pool, counts, least=self.least)
            score = np.fmax(score, suspect.chance)
            parts.append(Part(best_first(suspect.chance, chance), share=lesson.share, name=lesson.scenario))
            suspects.append(suspect)

        def why(row: int, part: int) -> Reason:
            lesson, box = found[part], int(suspects[part].box[row])
            return lesson.reason(pool, seeds, box, float(suspects[part].chance[row]))

        return Proposal(score, tuple(parts), why)


@dataclass(frozen=True)
class _Suspects:
    """The likeliest mistake of each of (N,) frames: its box, -1 for none, and its chance, NaN for none."""

    box: IntArray
    chance: FloatArray


@dataclass(frozen=True)
class _Lesson:
    """What a scenario teaches of one kind of mistake. rows (K,) are the examples of it."""

    scenario: str
    kind: str
    share: float
    rows: IntArray
    labels: frozenset[str]
    classifier: MistakeClassifier

    @classmethod
    def of(cls, seeds: Seeds, scenario: str, kind: str, *, least: int) -> "_Lesson | None":
        """Learn from the scenario's examples; None where there are too few, or nothing to tell them from."""
        examples = seeds.examples
        mine = np.array([name == scenario for name in examples.scenario], bool)
        kinds = np.array(examples.kind, str)
        rows = np.flatnonzero(mine & (kinds == kind))
        if len(rows) < least:
            return None
        others = mine & (kinds == "other")
        if kind == "false_alarm":  # all of them count, so boxes too weak to count would only teach that
            others &= examples.score >= examples.score[rows].min()
        used = np.concatenate([rows, np.flatnonzero(others)])
        if len(used) - len(rows) < least:
            return None
        classifier = MistakeClassifier.learn(
            examples.score[used], examples.xyxy[used], _some(examples.vectors, used), np.arange(len(used)) < len(rows)
        )
        pairs = list(zip(seeds.scenario, seeds.kind, strict=True))
        share = pairs.count((scenario, kind)) / max(1, sum(name == scenario for name, _ in pairs))
        labels = frozenset(examples.label[row] for row in rows)
        return cls(scenario, kind, max(share, 0.01), rows, labels, classifier)

    def suspects(self, pool: Pool, counts: IntArray, *, least: float) -> _Suspects:
        """Find the likeliest mistake of each frame among the boxes that count."""
        boxes = pool.boxes
        places = [place for place, label in enumerate(pool.labels) if label in self.labels]
        mine = counts[np.isin(boxes.label[counts], places)]
        likely = self.classifier.chance(boxes.score[mine], boxes.xyxy[mine], _some(boxes.vectors, mine))
        best = best_boxes(boxes.frame[mine], likely)
        best = best[likely[best] >= least]
        box, chance = np.full(len(pool), -1), np.full(len(pool), np.nan)
        box[boxes.frame[mine[best]]], chance[boxes.frame[mine[best]]] = mine[best], likely[best]
        return _Suspects(box, chance)

    def reason(self, pool: Pool, seeds: Seeds, box: int, chance: float) -> Reason:
        label, score = pool.labels[pool.boxes.label[box]], pool.boxes.score[box]
        seed, similarity = self._nearest(pool, seeds, box)
        return Reason(
            f"Its {label} at score {score:.2f} is likely {self._in_words(label)}: {chance:.2f}, learned from "
            f"{len(self.rows)} in the test.",
            scenario=self.scenario,
            seed=None if seed < 0 else int(seeds.ids[seed]),
            similarity=similarity,
            box=pool.boxes.corners(box),
        )

    def _in_words(self, label: str) -> str:
        return f"a missed {label}" if self.kind == "missed" else f"a false alarm for {label}"

    def _nearest(self, pool: Pool, seeds: Seeds, box: int) -> tuple[int, float | None]:
        """Return the seed whose example looks most like a box, -1 if that is not known, and how like it is."""
        examples = seeds.examples
        rows = self.rows[examples.seed[self.rows] >= 0]
        if not len(rows) or not len(examples.vectors) or not len(pool.boxes.vectors):
            return -1, None
        alike = examples.vectors[rows].astype(np.float32) @ pool.boxes.vectors[box].astype(np.float32)
        place = int(alike.argmax())
        return int(examples.seed[rows[place]]), float(np.clip(alike[place], 0, 1))


def _some(vectors: Vectors, rows: IntArray) -> Vectors:
    """Return the vectors of some boxes; where there are none at all, as many of no length."""
    return vectors[rows] if len(vectors) else np.zeros((len(rows), 0), np.float32)
