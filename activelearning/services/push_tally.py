"""What a push has come across; kept in its job's checkpoint, so that it outlives the worker."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from activelearning.services.task_reconciling import Reconciled
from curation.models import Job


@dataclass
class Tally:
    """`failures` counts those in a row. In doubt, an import failed that may have worked, or may yet."""

    failures: int = 0
    is_in_doubt: bool = False
    has_settled: bool = False
    twins_deleted: int = 0
    doubled: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, job: Job) -> Self:
        """Read what a job's checkpoint holds; nothing yet is an empty one."""
        return cls(**{key: job.checkpoint[key] for key in asdict(cls()) if key in job.checkpoint})

    def doubt(self) -> None:
        self.is_in_doubt, self.has_settled = True, False

    def worked(self) -> None:
        self.failures = 0

    def add(self, found: Reconciled) -> None:
        self.twins_deleted += found.deleted
        self.doubled += [task for task in found.doubled if task not in self.doubled]

    def note(self, said: str) -> None:
        if said and said not in self.notes:
            self.notes.append(said)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def to_result(self) -> dict[str, Any]:
        return {"twins_deleted": self.twins_deleted, "answered_twice": self.doubled, "notes": self.notes}
