"""The vectors that a plan compares frames by, read when they are first needed."""

from dataclasses import dataclass

import numpy as np

from curation.core.diversity import Vectors as VectorArray
from curation.core.errors import SpecError
from curation.core.frame_table import FrameTable
from curation.core.sampling import Plan
from curation.core.sampling.growing import Growing
from curation.core.sampling.selection import Likeness
from curation.core.types import BoolArray, IntArray
from curation.models import Embedder
from curation.services.vectors import default_embedder, frame_vectors

NEVER_READ = -1


@dataclass
class Vectors:
    """Vectors of (n,) candidates: each is read once."""

    table: FrameTable
    rows: IntArray
    embedder: Embedder
    place: IntArray
    """(n,) where in `read` a candidate's vector is."""
    read: Growing
    lacking: int = 0

    @classmethod
    def of(cls, plan: Plan, table: FrameTable, rows: IntArray) -> "Vectors | None":
        """Return the vectors that a plan needs, None where it needs none. Raises SpecError where there are none."""
        if plan.diversity is None and plan.constraints.max_similarity is None:
            return None
        embedder = _embedder(plan.diversity.embedder if plan.diversity else "")
        nothing = Growing(np.zeros((0, embedder.dimension), np.float32))
        return cls(table, rows, embedder, np.full(len(rows), NEVER_READ, np.int64), nothing)

    def __call__(self, candidates: IntArray) -> VectorArray:
        """Return the vectors of some candidates, (m, D)."""
        new = np.unique(candidates[self.place[candidates] == NEVER_READ])
        if len(new):
            vectors, has = self.of_frames(self.table.ids[self.rows[new]])
            self.lacking += int((~has).sum())
            self.place[new] = len(self.read) + np.arange(len(new))
            self.read.add(vectors)
        found: VectorArray = self.read.all[self.place[candidates]]
        return found

    def of_frames(self, frame_ids: IntArray) -> tuple[VectorArray, BoolArray]:
        if not len(frame_ids):
            return np.zeros((0, self.embedder.dimension), np.float32), np.zeros(0, bool)
        return frame_vectors(frame_ids, embedder=self.embedder)

    def notes(self) -> list[str]:
        """Say how many frames could not be compared."""
        if not self.lacking:
            return []
        have = "frame has" if self.lacking == 1 else "frames have"
        return [
            f"{self.lacking:,} {have} no vector of {self.embedder.name}, so likeness says nothing of them, and for "
            "diversity they come last. Run the embed stage for them."
        ]


def likeness_of(plan: Plan, vectors: Vectors | None, beside: BoolArray) -> Likeness | None:
    """Say how a plan compares frames, None if it does not; beside, (N,), marks rows of the table that are there."""
    if vectors is None:
        return None
    others, has = vectors.of_frames(vectors.table.ids[beside])
    most = plan.constraints.max_similarity
    covers = plan.diversity.candidates if plan.diversity else 0
    return Likeness(vectors, others[has], 1.0 if most is None else most, covers)


def _embedder(name: str) -> Embedder:
    found = Embedder.objects.filter(name=name).order_by("-pk").first() if name else default_embedder()
    if found is None:
        known = ", ".join(sorted(set(Embedder.objects.values_list("name", flat=True))))
        there = f"There are: {known}." if known else "Run a cascade with an embed stage first."
        what = f"There is no embedder {name!r}." if name else "No frame has a vector."
        raise SpecError(f"diversity and max_similarity compare vectors. {what} {there}")
    return found
