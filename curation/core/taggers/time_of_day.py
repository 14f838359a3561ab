"""Which part of the day it is."""

from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from curation.core.params import param
from curation.core.taggers.contract import Factor, FrameView, Needs
from curation.core.types import Tag

PARTS = ("night", "morning", "afternoon", "evening")


@dataclass(frozen=True)
class TimeOfDay:
    """Night, morning, afternoon or evening by the clock where the camera hangs; nothing if time or zone is unknown."""

    factors: ClassVar[tuple[Factor, ...]] = (Factor("time_of_day", "text", "Part of the day.", PARTS),)
    needs: ClassVar[Needs] = "nothing"

    morning_from: int = param(6, help="First hour of the morning.", unit="h", minimum=0, maximum=23)
    afternoon_from: int = param(12, help="First hour of the afternoon.", unit="h", minimum=0, maximum=23)
    evening_from: int = param(18, help="First hour of the evening.", unit="h", minimum=0, maximum=23)
    night_from: int = param(22, help="First hour of the night.", unit="h", minimum=0, maximum=24)
    timezone: str = param("UTC", help="Time zone of the clock, where the camera has no `timezone` attribute.")

    def __post_init__(self) -> None:
        if not self.morning_from <= self.afternoon_from <= self.evening_from <= self.night_from:
            raise ValueError("morning_from, afternoon_from, evening_from and night_from must rise.")
        zone(self.timezone)

    def tag(self, view: FrameView) -> list[Tag]:
        if view.recorded_at is None:
            return []
        name = str(view.tags.get("timezone") or self.timezone)
        try:
            hour = view.recorded_at.astimezone(zone(name)).hour
        except ValueError:  # a camera's attributes are free text
            return []
        edges = (self.morning_from, self.afternoon_from, self.evening_from, self.night_from)
        part = (*PARTS, "night")[sum(hour >= edge for edge in edges)]
        return [Tag("time_of_day", part, "tagger", "time_of_day", detail={"timezone": name})]


def zone(name: str) -> ZoneInfo:
    """Return a time zone by name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder, such as Europe
        raise ValueError(f"timezone {name!r} is not known; use a name such as Europe/Vienna.") from error
