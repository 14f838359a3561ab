"""A profile in a terminal: sentences first, then bars."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from curation.core.coverage import Coverage
from curation.core.gaps import percent
from curation.core.profile import Distribution
from curation.management.bars import BAR_COLUMNS, bar, sparkline
from curation.services.footage_shares import FootageShare, FootageShares
from curation.services.profiles import Profile

MATRIX_COLUMNS = 90
INDENT = (0, 0, 0, 2)
NO_EXPECTED = (
    "No factor has expected shares, so nothing says how much of each value is enough. Give them in the operating "
    "conditions, as in `expected: {dark: 0.3, bright: 0.7}`: manage.py conditions show --yaml > mine.yaml, edit it, "
    "manage.py conditions set mine.yaml"
)
JSD = "JSD is the Jensen-Shannon divergence in bits: 0 is the same, 1 nothing in common."


def sections(found: Profile, footage: FootageShares, *, limit: int) -> Iterator[RenderableType]:
    """Yield what a person reads of a profile: at most `limit` gaps, and values of each factor. Texts must not wrap."""
    yield from _lacking(found, limit)
    yield from _factors(found, limit)
    for matrix in found.pairs:
        yield from _matrix(matrix, limit)
    if found.critical:
        yield _heading("Critical combinations")
        yield Padding(_critical(found), INDENT)
    yield from _where(found, limit)
    yield from _footage(footage, limit)
    yield from _rating(found)


def _said(text: str) -> RenderableType:
    return Padding(Text(text), INDENT)


def _heading(text: str) -> Text:
    return Text.assemble("\n", (text, "bold"))


def _lacking(found: Profile, limit: int) -> Iterator[RenderableType]:
    yield _heading("What is lacking, the worst first")
    said = [(gap.text, gap.query) for gap in found.gaps]
    yield from _sentences(said, limit, none="Nothing that the operating conditions tell of.")
    if not found.has_expected:
        yield _said(NO_EXPECTED)
    if found.against:
        yield _heading(f"How it differs from {found.against}, the most first")
        yield from _sentences([(one.text, one.query) for one in found.differences], limit, none="It does not.")


def _sentences(said: Sequence[tuple[str, str]], limit: int, *, none: str) -> Iterator[RenderableType]:
    if not said:
        yield _said(none)
    for number, (text, query) in enumerate(said[:limit], start=1):
        row = Table.grid(padding=(0, 1), pad_edge=True)
        row.add_column(justify="right", width=3)
        row.add_column()
        row.add_row(f"{number}.", Text(text))
        yield row
        # Whole on one line, however long: it is there to be copied.
        yield Text(f"      manage.py search {_shell(query)}", "dim")
    if len(said) > limit:
        yield _said(f"… and {len(said) - limit} more: --limit {len(said)}")


def _shell(query: str) -> str:
    return "'" + query.replace("'", "'\\''") + "'"


def _factors(found: Profile, limit: int) -> Iterator[RenderableType]:
    yield _heading(f"Factors of the operating conditions {found.conditions}")
    mark = " ┃ marks the expected share." if found.has_expected else ""
    figure = f" {JSD}" if found.has_expected or found.against else ""
    yield _said(f"Shares are of the frames of which the value is known.{mark}{figure}")
    order = sorted(found.factors, key=lambda one: -max(one.divergence or 0.0, one.other_divergence or 0.0))
    yield Padding(_distributions(order, found, limit), INDENT)


def _distributions(listed: Sequence[Distribution], found: Profile, limit: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("factor and value", max_width=40, overflow="ellipsis", no_wrap=True)
    for name in ("frames", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", min_width=BAR_COLUMNS, no_wrap=True)
    if found.has_expected:
        table.add_column("expected", justify="right", no_wrap=True)
        table.add_column("JSD", justify="right", no_wrap=True)
    if found.against:
        table.add_column(escape(found.against), justify="right", no_wrap=True)
        table.add_column("JSD", justify="right", no_wrap=True)
    for one in listed:
        _add_distribution(table, one, found, limit)
    return table


def _add_distribution(table: Table, one: Distribution, found: Profile, limit: int) -> None:
    unknown = f"{one.missing:,} not known" if one.missing else ""
    columns = _columns(found, ("", _figure(one.divergence)), ("", _figure(one.other_divergence)))
    table.add_row(f"[bold]{escape(one.factor)}[/bold]", "", "", f"[dim]{unknown}[/dim]", *columns)
    if not one.known and not one.other_divergence:
        return
    shown = sorted(sorted(one.values, key=lambda value: -value.frames)[:limit], key=one.values.index)
    for value in shown:
        table.add_row(
            f"  {escape(value.value)}",
            f"{value.frames:,}",
            "" if value.share is None else percent(value.share),
            f"[cyan]{bar(value.share or 0.0, expected=value.expected)}[/cyan]",
            *_columns(found, (_share(value.expected), ""), (_share(value.other_share), "")),
        )
    if more := len(one.values) - len(shown) + one.values_left_out:
        table.add_row(f"  [dim]… and {more:,} more[/dim]")


def _columns(found: Profile, expected: tuple[str, str], against: tuple[str, str]) -> list[str]:
    return [*(expected if found.has_expected else ()), *(against if found.against else ())]


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def _figure(divergence: float | None) -> str:
    return "" if divergence is None else f"{divergence:.3f}"


def _matrix(matrix: Coverage, limit: int) -> Iterator[RenderableType]:
    yield _heading(f"{matrix.first} and {matrix.second}: {matrix.known:,} frames")
    if not matrix.known:
        yield _said("No frame has a value for both.")
        return
    down, across, counts = matrix.first_values, matrix.second_values, np.array(matrix.counts)
    if sum(map(len, across)) + 2 * len(across) > MATRIX_COLUMNS and len(down) < len(across):
        down, across, counts = across, down, counts.T  # the longer side runs down the page
    widths = np.cumsum([max(len(name), 7) + 2 for name in across])
    columns = max(1, int(np.searchsorted(widths, MATRIX_COLUMNS)))
    shown = counts[: 4 * limit, :columns]
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in across[:columns]:
        table.add_column(escape(name), justify="right", no_wrap=True, overflow="ellipsis")
    for name, row in zip(down, shown.tolist(), strict=False):
        table.add_row(f"[bold]{escape(name)}[/bold]", *(f"{n:,}" if n else "[red]none[/red]" for n in row))
    yield Padding(table, INDENT)
    yield from _below(matrix, cut=counts.size - shown.size)


def _below(matrix: Coverage, *, cut: int) -> Iterator[RenderableType]:
    total = len(matrix.first_values) * len(matrix.second_values)
    if cut:
        yield _said(f"{cut:,} of {total:,} combinations do not fit here; --json has all of them.")
    if matrix.absent_count:
        how = "expected" if matrix.weights_are_expected else "likely by their shares"
        worst = "; ".join(f"{one.query} ({percent(one.weight)} {how})" for one in matrix.absent[:3])
        yield _said(f"{matrix.absent_count:,} of {total:,} combinations have no frame. The weightiest: {worst}.")
    if matrix.unknown:
        yield _said(f"{matrix.unknown:,} frames lack a value for one of the two.")


def _critical(found: Profile) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "left", "left"):
        table.add_column(justify=justify)
    for one in found.critical:
        met = f"[red]{one.short_by:,} short[/red]" if one.short_by else "[green]met[/green]"
        table.add_row(escape(one.name), f"{one.frames:,}", f"of at least {one.least_frames:,}", met)
    return table


def _where(found: Profile, limit: int) -> Iterator[RenderableType]:
    yield _heading("Cameras and time")
    rest = [found.cameras] if found.cameras.values else []
    if found.against and found.time is not None:
        rest.append(found.time)
    yield Padding(_distributions(rest, found, limit), INDENT)
    if found.time is not None and found.time.values:
        first, last = found.time.values[0].value, found.time.values[-1].value
        line = sparkline([value.frames for value in found.time.values])
        yield _said(f"{first} {line} {last}; {len(found.time.values)} {found.time_width}s have frames")
    if found.time is not None and found.time.missing:
        yield _said(f"Of {found.time.missing:,} frames the time is not known.")


def _footage(footage: FootageShares, limit: int) -> Iterator[RenderableType]:
    yield _heading("The whole footage, not only kept frames")
    if not footage.done_videos:
        yield _said("No cascade was run to its end yet: manage.py ingest PATH --wait")
        return
    yield _said(f"{_hours(footage.total_s)}, of which a cascade was run over {_hours(footage.done_s)}.")
    shares = [share for share in (footage.motion, *footage.classes[:limit]) if share is not None]
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for share in shares:
        table.add_row(escape(share.name), _share(share.share), f"[cyan]{bar(share.share or 0.0)}[/cyan]", _of(share))
    yield Padding(table, INDENT)
    yield from _notes(footage, limit)


def _of(share: FootageShare) -> str:
    if share.by_the_way:
        return "at least: no cascade looks for it, it was seen by the way"
    return f"{_hours(share.seconds)} of {_hours(share.footage_s)}"


def _notes(footage: FootageShares, limit: int) -> Iterator[RenderableType]:
    if len(footage.classes) > limit:
        yield _said(f"… and {len(footage.classes) - limit} more classes: --limit {len(footage.classes)}")
    if footage.runs_to_count:
        yield _said(f"{footage.runs_to_count:,} older runs are still to be worked out: ask again.")


def _hours(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"


def _rating(found: Profile) -> Iterable[RenderableType]:
    yield _heading("Duplicates and outliers")
    rating = found.rating
    if not rating.rated:
        yield _said("No frame is rated yet: manage.py rate")
        return
    uniqueness = "" if rating.mean_uniqueness is None else f" Mean uniqueness {rating.mean_uniqueness:.2f}."
    rest = "" if rating.rated == found.frames else f" {found.frames - rating.rated:,} are not rated: manage.py rate"
    yield _said(
        f"Of {rating.rated:,} rated frames {rating.duplicates or 0:,} are duplicates (duplicate:true) and"
        f" {rating.outliers or 0:,} outliers (outlier_score:>=3.5).{uniqueness}{rest}"
    )
