"""What a plan would give, for a person to read."""

import shlex
from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from curation.core.sampling import Stratum
from curation.services.sampling import Draw


def sections(draw: Draw, *, limit: int, save_as: str | None = None) -> Iterator[RenderableType]:
    """Yield a headline, the parts, what was left out and ruled out, notes, and how to go on."""
    yield Text(_headline(draw))
    if draw.strata:
        yield _table(_most_telling(draw, limit))
        if len(draw.strata) > limit:
            yield Text(f"… and {len(draw.strata) - limit:,} more parts: --limit {len(draw.strata)}.")
    if draw.left_out:
        yield Text(f"Left out before: {_counted(draw.left_out)}.")
    if draw.ruled_out:
        kept_out = ", ".join(f"{count:,} by {name}" for name, count in draw.ruled_out.items())
        yield Text(f"Kept out by constraints: {kept_out}.")
    for note in draw.notes:
        yield Text(note)
    if len(draw.frame_ids):
        first = "" if save_as else "--save-plan FILE here, then "
        yield Text(
            f"Nothing was made. For a dataset version of it: {first}"
            f"manage.py dataset create NAME --plan {shlex.quote(save_as or 'FILE')}"
        )


def _headline(draw: Draw) -> str:
    given, wanted = len(draw.frame_ids), draw.plan.size
    of = f" of {wanted:,}" if wanted is not None else ""
    noun = "frame" if (given if wanted is None else wanted) == 1 else "frames"
    return (
        f"{given:,}{of} {noun}, drawn from {draw.candidates:,} with seed {draw.plan.seed} ({draw.plan.sampler.kind})."
    )


def _most_telling(draw: Draw, limit: int) -> list[Stratum]:
    """Choose the parts to show: those that fall short though they have frames, then those without, then the others."""
    if len(draw.strata) <= limit:
        return list(draw.strata)
    order = sorted(range(len(draw.strata)), key=lambda i: _telling(draw.strata[i]))
    return [draw.strata[i] for i in sorted(order[:limit])]


def _telling(one: Stratum) -> tuple[bool, bool, int]:
    return (not one.missing, not one.available, -one.missing)


def _table(strata: list[Stratum]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("part", overflow="fold", ratio=None)
    for name in ("wanted", "given", "there are"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why fewer", overflow="fold")
    for one in strata:
        table.add_row(Text(one.name), f"{one.wanted:,}", f"{one.given:,}", f"{one.available:,}", Text(one.reason))
    return table


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {why}" for why, count in counts.items())
