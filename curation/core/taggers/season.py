"""Which season it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs
from curation.core.taggers.time_of_day import zone
from curation.core.types import Tag

SEASONS = ("spring", "summer", "autumn", "winter")
_HEMISPHERES = {"n": "northern", "north": "northern", "s": "southern", "south": "southern"}


@dataclass(frozen=True)
class Season:
    """Spring, summer, autumn or winter by the month, as meteorologists count; nothing if the time is unknown."""

    factors: ClassVar[tuple[Factor, ...]] = (Factor("season", "text", "Season of the year.", SEASONS),)
    needs: ClassVar[Needs] = "nothing"

    hemisphere: Literal["northern", "southern"] = param(
        "northern", help="Half of the earth, where the camera has no `hemisphere` or `latitude` attribute."
    )

    def tag(self, view: FrameView) -> list[Tag]:
        half = self._half(view)
        if view.recorded_at is None or half is None:
            return []
        months = _local(view.recorded_at, view.tags.get("timezone")).month + (6 if half == "southern" else 0)
        season = SEASONS[(months - 3) % 12 // 3]  # March is the first month of spring in the north
        return [Tag("season", season, "tagger", "season", detail={"hemisphere": half})]

    def _half(self, view: FrameView) -> str | None:
        """Tell the half of the earth; None where the camera's attribute, which is free text, cannot be read."""
        said, latitude = view.tags.get("hemisphere"), view.tags.get("latitude")
        if said is not None:
            word = str(said).strip().casefold()
            known = _HEMISPHERES.get(word, word)
            return known if known in _HEMISPHERES.values() else None
        if isinstance(latitude, int | float) and not isinstance(latitude, bool):
            return "southern" if latitude < 0 else "northern"
        return self.hemisphere


def _local(at: datetime, timezone: object) -> datetime:
    try:
        return at.astimezone(zone(str(timezone or "UTC")))
    except ValueError:
        return at.astimezone(UTC)  # a few hours hardly ever change the month
