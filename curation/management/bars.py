"""Shares and counts, drawn with characters."""

from collections.abc import Sequence

BAR_COLUMNS = 24
LINE_COLUMNS = 80
EIGHTHS = " ▏▎▍▌▋▊▉"
LEVELS = "▁▂▃▄▅▆▇█"


def bar(share: float, *, expected: float | None = None, columns: int = BAR_COLUMNS) -> str:
    """Draw a share as a bar, with a mark where the expected one ends: bar(0.5, expected=1, columns=4) -> "██ ┃"."""
    eighths = round(share * columns * 8)
    drawn = list(("█" * (eighths // 8) + EIGHTHS[eighths % 8] * (eighths % 8 > 0)).ljust(columns))
    if expected is not None:
        drawn[min(columns - 1, max(0, round(expected * columns) - (expected > 0)))] = "┃"
    return "".join(drawn).rstrip()


def sparkline(counts: Sequence[int], *, columns: int = LINE_COLUMNS) -> str:
    """Draw counts as one line of columns; neighbours are added up where there are more counts than columns."""
    step = -(-len(counts) // columns) if counts else 1
    sums = [sum(counts[start : start + step]) for start in range(0, len(counts), step)]
    top = max(sums, default=0) or 1
    return "".join(LEVELS[(count * len(LEVELS) - 1) // top if count else 0] for count in sums)
