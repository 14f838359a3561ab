"""What came of taking answers in, counted and in sentences."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_PROBLEMS = 50
"""Kinds of problem that are told apart."""


@dataclass
class Taken:
    """counts: tasks, labelled, skipped, reopened (their answers were deleted), unchanged, foreign (no task of the
    batch), answers_new, answers_changed, answers_deleted, labels_new, labels_changed, labels_removed, tags.

    problems counts what could not be read or used, by sentence; notes counts what a reader must know."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: "Taken") -> "Taken":
        self.counts.update(other.counts)
        self.notes.update(other.notes)
        for why, count in other.problems.items():
            self.problem(why, count)
        return self

    def problem(self, why: str, count: int = 1) -> None:
        known = why in self.problems or len(self.problems) < MOST_PROBLEMS
        self.problems[why if known else "other problems"] += count

    def is_changed(self) -> bool:
        """Tell whether anything was written."""
        return any(count for name, count in self.counts.items() if name not in ("tasks", "unchanged", "foreign"))

    def to_dict(self) -> dict[str, Any]:
        return {
            "counts": {name: count for name, count in self.counts.items() if count},
            "problems": dict(self.problems),
            "notes": dict(self.notes),
        }

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> "Taken":
        return cls(*(Counter(told.get(name, {})) for name in ("counts", "problems", "notes")))
