"""Stretches of the calendar, coarse or fine as the range of the frames asks for."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curation.core.operating import MISSING, Codes
from curation.core.types import IntArray

Width: TypeAlias = Literal["hour", "day", "week", "month", "year"]
WIDEST_OF: tuple[tuple[Width, timedelta], ...] = (
    ("hour", timedelta(days=3)),
    ("day", timedelta(days=92)),
    ("week", timedelta(days=2 * 366)),
    ("month", timedelta(days=20 * 366)),
)
"""The longest range that each width is used for, so that there are at most some 240 stretches; then years."""
_EVERY = {"hour": "1h", "day": "1d", "week": "1w", "month": "1mo", "year": "1y"}
_SHOWN = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True)
class Timeline:
    """`codes` sort frames into the stretches that have any, in order of time; weeks are named by their Monday.

    `queries` holds for each stretch the query that shows its frames."""

    width: Width
    codes: Codes
    queries: tuple[str, ...]

    def taken(self, rows: IntArray | slice) -> "Timeline":
        """Return the same stretches over some of the frames."""
        return replace(self, codes=replace(self.codes, codes=self.codes.codes[rows]))


def width_for(first: datetime, last: datetime) -> Width:
    """Choose the width of the stretches for a range: hours up to three days, days up to three months, and so on."""
    return next((width for width, longest in WIDEST_OF if last - first <= longest), "year")


def timeline(recorded_at: pl.Series, *, zone: str = "UTC", width: Width | None = None) -> Timeline:
    """Sort (N,) times (Datetime, UTC; null where it is not known) into stretches of a zone's calendar.

    The width is chosen from the range unless it is given. No stretches where no time is known."""
    first, last = recorded_at.min(), recorded_at.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return Timeline(width or "day", Codes("time", (), np.full(len(recorded_at), MISSING, np.int16)), ())
    chosen = width or width_for(first, last)
    local = recorded_at if zone == "UTC" else recorded_at.dt.convert_time_zone(zone)
    starts = local.dt.truncate(_EVERY[chosen])
    ticks = starts.to_physical()
    known = ticks.unique().drop_nulls().sort()
    codes = _places(ticks, known)
    times = known.cast(pl.Datetime("us", "UTC"))
    listed = (times if zone == "UTC" else times.dt.convert_time_zone(zone)).to_list()
    names = tuple(f"{start:{_SHOWN[chosen]}}" for start in listed)
    return Timeline(chosen, Codes("time", names, codes), tuple(_query(start, chosen) for start in listed))


def _places(ticks: pl.Series, known: pl.Series) -> NDArray[np.int16]:
    found = np.searchsorted(known.to_numpy(), ticks.fill_null(0).to_numpy()).astype(np.int16)
    return np.where(ticks.is_null().to_numpy(), np.int16(MISSING), found)


def _query(start: datetime, width: Width) -> str:
    match width:
        case "day":
            return f"recorded_at:{start:%Y-%m-%d}"
        case "month":
            return f"recorded_at:{start:%Y-%m}"
        case "hour":
            return f"recorded_at:[{start:%Y-%m-%dT%H:%M} TO {start + timedelta(hours=1):%Y-%m-%dT%H:%M}}}"
        case "week":
            return f"recorded_at:[{start:%Y-%m-%d} TO {start + timedelta(days=7):%Y-%m-%d}}}"
    if start.year == datetime.max.year:
        return f"recorded_at:>={start:%Y-%m}"
    return f"recorded_at:[{start:%Y-%m} TO {start.year + 1:04}-01}}"
