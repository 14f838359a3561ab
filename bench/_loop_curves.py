"""What bench/loop.py found, as a table and as curves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from bench._loop_exam import Mark, bar


@dataclass(frozen=True)
class Line:
    """One training. worth: how many of its labels show what the scenario is about."""

    seed: int
    strategy: str
    labels: int
    worth: int
    mark: Mark
    seconds: float


@dataclass(frozen=True)
class Picked:
    """A choice of so many frames. worth: how many of them show what the scenario is about."""

    seed: int
    strategy: str
    labels: int
    worth: int


def picks_table(picks: Iterable[Picked]) -> str:
    """Write how many of so many frames are worth a label, in Markdown: the mean over seeds, and beside random's."""
    found: dict[str, dict[int, list[int]]] = {}
    for pick in picks:
        found.setdefault(pick.strategy, {}).setdefault(pick.labels, []).append(pick.worth)
    counts = sorted({labels for of_labels in found.values() for labels in of_labels})
    rows = ["| strategy | " + " | ".join(f"of {count}" for count in counts) + " |", "|---" * (len(counts) + 1) + "|"]
    for strategy, of_labels in found.items():
        shown = []
        for count in counts:
            own, chance = mean(of_labels[count]), mean(found["random"][count]) if "random" in found else 0.0
            ratio = f", {own / chance:.1f} x" if chance and strategy != "random" else ""
            shown.append(f"{own:.1f} ({min(of_labels[count])} to {max(of_labels[count])}){ratio}")
        rows.append(f"| {strategy} | " + " | ".join(shown) + " |")
    return "\n".join(rows)


def needed(lines: Sequence[Line], *, most: int) -> dict[str, dict[int, int | None]]:
    """Return by strategy and seed the fewest labels that turned the scenario green; None: not with `most`.

    Seeds that are not decided yet are left out."""
    found: dict[str, dict[int, int | None]] = {}
    for strategy in dict.fromkeys(line.strategy for line in lines):
        by_seed: dict[int, int | None] = {}
        for seed in sorted({line.seed for line in lines if line.strategy == strategy}):
            mine = sorted(
                (line for line in lines if (line.strategy, line.seed) == (strategy, seed)), key=lambda line: line.labels
            )
            green = [line.labels for line in mine if line.mark.verdict == "pass"]
            if green or mine[-1].labels >= most:
                by_seed[seed] = green[0] if green else None
        found[strategy] = by_seed
    return found


def table(lines: Sequence[Line], *, most: int) -> str:
    """Write the labels needed, in Markdown: each seed's, their median, and how that compares with random's."""
    by_strategy = needed(lines, most=most)
    chance = _median(by_strategy.get("random", {}), most)
    rows = [
        "| strategy | labels until green, by seed | median | beside random | worth a label |",
        "|---|---|---|---|---|",
    ]
    for strategy, by_seed in sorted(by_strategy.items(), key=lambda item: _median(item[1], most) or 1e9):
        middle = _median(by_seed, most)
        shown = ", ".join(f"> {most}" if count is None else str(count) for count in by_seed.values()) or "–"
        ratio = f"{middle / chance:.2f}" if middle and chance else "–"
        share = mean(line.worth / line.labels for line in lines if line.strategy == strategy)
        rows.append(f"| {strategy} | {shown} | {_shown(middle, most)} | {ratio} | {share:.0%} |")
    return "\n".join(rows)


def plot(lines: Sequence[Line], path: Path) -> None:
    """Draw recall over labels: a thin line a seed, a thick one for the mean where every seed was trained."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.5, 4.5))
    for at, strategy in enumerate(dict.fromkeys(line.strategy for line in lines)):
        mine = [line for line in lines if line.strategy == strategy]
        seeds = sorted({line.seed for line in mine})
        colour = f"C{at}"
        for seed in seeds:
            of_seed = sorted((line for line in mine if line.seed == seed), key=lambda line: line.labels)
            axes.plot([x.labels for x in of_seed], [x.mark.recall for x in of_seed], color=colour, alpha=0.25, lw=0.8)
        counts = [
            count
            for count in sorted({line.labels for line in mine})
            if {line.seed for line in mine if line.labels == count} == set(seeds)
        ]
        means = [mean(line.mark.recall for line in mine if line.labels == count) for count in counts]
        axes.plot(counts, means, color=colour, lw=2.2, marker="o", ms=4, label=strategy)
    axes.axhline(bar(), color="0.4", ls="--", lw=1)
    axes.set(xscale="log", xlabel="labelled frames", ylabel="recall of people on the ground", ylim=(0, 1))
    ticks = sorted({line.labels for line in lines})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, loc="lower right")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def _median(by_seed: dict[int, int | None], most: int) -> float | None:
    """Return the median; what was not reached counts as twice the most."""
    return median(count if count is not None else 2 * most for count in by_seed.values()) if by_seed else None


def _shown(middle: float | None, most: int) -> str:
    return "–" if middle is None else f"> {most}" if middle > most else f"{middle:g}"
