"""Numbers and times as people write them."""

from datetime import UTC, datetime
from typing import overload


def count(number: int) -> str:
    """Write 1234567 as 1,234,567."""
    return f"{number:,}"


@overload
def percent(share: float) -> str: ...
@overload
def percent(share: None) -> None: ...
def percent(share: float | None) -> str | None:
    """Write 0.083 as 8.3%, 0.0004 as <0.1%; what is neither nothing nor all is never written as 0% or 100%."""
    if share is None:
        return None
    points = share * 100
    if 0 < points < 0.1:
        return "<0.1%"
    if 99.5 <= points < 100:
        return ">99%"
    return f"{points:.0f}%" if points >= 9.95 or points == 0 else f"{points:.1f}%"


def duration(seconds: float) -> str:
    """Write 4512.3 as 1 h 15 min, 75 as 1 min 15 s, 12.34 as 12 s, 0.8 as 0.8 s."""
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds > 0 else "0 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours >= 100:
        return f"{hours:,} h"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(seconds: float) -> str:
    """Write a moment of a video, 72.46, as 1:12.4, cut and not rounded, so that it never lies behind the frame."""
    tenths = int(seconds * 10 + 1e-6)
    hours, rest = divmod(tenths, 36000)
    minutes, rest = divmod(rest, 600)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{rest // 10:02}.{rest % 10}"


def speed(times: float) -> str:
    """Write how many seconds of footage pass in one: 3.21 as 3.2×, 24.4 as 24×."""
    return f"{times:.1f}×" if times < 9.95 else f"{times:,.0f}×"


def size(size_bytes: int) -> str:
    """Write 1536000 as 1.5 MB."""
    value = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit == "bytes" or value >= 9.95 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def moment(when: datetime) -> str:
    """Write a time in UTC, as 3 Jan 2026, 14:05:07 UTC."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"


def some(number: int, noun: str) -> str:
    """Write 1 frame, 2 frames."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"
