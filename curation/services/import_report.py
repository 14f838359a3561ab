"""What an import has read, made and skipped so far. It is stored with each batch, so it is true of what is there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from curation.core.formats import Skips

EXAMPLES = 5
MOST_REASONS = 100
OTHER = "other reasons"
When: TypeAlias = Literal["reading", "taking"]


@dataclass
class Reason:
    """How often something was skipped for one reason, and the first that were."""

    when: When
    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """at: pictures that are behind, of total. counts: what the report calls them, see `COUNTED`."""

    at: int = 0
    total: int = 0
    format: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Reason] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)
    """How far the video at work was read: {"file": "a.mp4", "index": 900, "pts_us": 30000000}."""

    def skip(self, what: str, why: str, *, count: int = 1, when: When = "taking") -> None:
        """Note something that was skipped. Nothing is ever skipped without this."""
        if why not in self.reasons and len(self.reasons) >= MOST_REASONS:
            why = OTHER
        reason = self.reasons.setdefault(why, Reason(when))
        reason.count += count
        if len(reason.examples) < EXAMPLES:
            reason.examples.append(what[:300])

    def note(self, text: str, *, count: int = 1) -> None:
        """Note something that a person should know, though nothing was skipped for it."""
        self.notes[text] = self.notes.get(text, 0) + count

    def take_skips(self, skips: Skips) -> None:
        """Take over what reading the annotations skipped, in place of what an earlier reading did."""
        self.reasons = {why: reason for why, reason in self.reasons.items() if reason.when != "reading"}
        first: dict[str, list[str]] = {}
        for what, why in skips.first:
            first.setdefault(why, []).append(what)
        for why, count in sorted(skips.counts.items()):
            for what in first.get(why, [""])[:EXAMPLES]:
                self.skip(what, why, count=0, when="reading")
            self.reasons[why if why in self.reasons else OTHER].count += count

    @property
    def skipped(self) -> int:
        return sum(reason.count for reason in self.reasons.values())

    def as_json(self) -> dict[str, Any]:
        """Write it down as it is stored, and shown."""
        return {
            "at": self.at,
            "total": self.total,
            "format": self.format,
            **{name: self.counts[name] for name in COUNTED},
            "labels": dict(self.labels.most_common(200)),
            "skipped": [
                {"why": why, "count": r.count, "when": r.when, "examples": r.examples}
                for why, r in sorted(self.reasons.items(), key=lambda item: (-item[1].count, item[0]))
            ],
            "notes": [{"text": text, "count": count} for text, count in self.notes.items()],
            "place": self.place,
        }

    def become(self, stored: Mapping[str, Any]) -> None:
        """Be what was stored again, after a try that failed."""
        self.__dict__.update(Tally.from_json(stored).__dict__)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Tally":
        """Read what `as_json` wrote; {} is an import that has not begun."""
        tally = cls(stored.get("at", 0), stored.get("total", 0), stored.get("format", ""))
        tally.counts.update({name: stored.get(name, 0) for name in COUNTED})
        tally.labels.update(stored.get("labels", {}))
        skipped: Iterable[Mapping[str, Any]] = stored.get("skipped", ())
        for one in skipped:
            tally.reasons[one["why"]] = Reason(one["when"], one["count"], list(one["examples"]))
        tally.notes = {one["text"]: one["count"] for one in stored.get("notes", ())}
        tally.place = dict(stored.get("place", {}))
        return tally


COUNTED = (
    "pictures",
    "pictures_new",
    "pictures_known",
    "boxes_stored",
    "boxes_removed",
    "boxes_known",
    "tags",
    "labelled",
    "unlabelled",
    "held_out",
)
"""pictures are all that the files speak of; pictures_known were there already; boxes_known are where ones of the same
label were; boxes_removed were of an earlier import of the same name; tags were said by the files; labelled have all
objects marked; held_out are a hold-out's."""
