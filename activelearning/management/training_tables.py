"""Trainings in a terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from activelearning.models import Training
from curation.management.bars import LEVELS
from curation.management.tables import plain_table

INDENT = (0, 0, 0, 2)
NO_TRAINING = "There is no training yet. manage.py train --dataset NAME@N --base MODEL --name NAME begins one."
FIRST, LAST = 3, 12
SHORT = {"map50": "mAP50", "map50_95": "mAP50-95"}


def trainings_table(trainings: Iterable[Training]) -> Table:
    """List trainings, one a line."""
    table = plain_table("name", "state", ">epochs", ">mAP50", "dataset", "base", "trainer")
    for one in trainings:
        map50 = one.figures.get("map50")
        table.add_row(
            one.name, state_of(one), str(len(one.epochs)), "–" if map50 is None else f"{map50:.3f}",
            str(one.version), str(one.base or "–"), one.trainer,
        )  # fmt: skip
    return table


def state_of(training: Training) -> str:
    """Tell a training's state in a word: its job's, done where the job was removed."""
    return training.job.state if training.job else "done" if training.model else "stopped"


def training_sections(training: Training) -> Iterator[RenderableType]:
    """Lay a training out: what it read, its epochs, where the weights are, what to do next."""
    base = f", from {training.base}" if training.base else ""
    device = f", on {training.device}" if training.device else ""
    yield Text(f"{training.name}: {state_of(training)}. {training.trainer} on {training.version}{base}{device}.")
    if training.data.get("pictures"):
        yield from _read(training.data)
    if training.shares.get("achieved"):
        yield _shares(training.shares["achieved"])
    if training.epochs:
        yield Text("")
        yield _epochs(training.epochs)
        yield from _curves(training.epochs)
    if training.figures:
        yield from _figures(training.figures)
    yield Text("")
    yield from _next(training)


def _read(data: Mapping[str, Any]) -> Iterator[RenderableType]:
    pictures, boxes = data["pictures"], data["boxes"]
    said = f"Learnt from {pictures['train']} pictures with {boxes['train']} boxes, measured on {pictures['val']}"
    length = data.get("list_length", pictures["train"])
    yield Text(f"{said} with {boxes['val']}." + (f" Repeats make {length}." if length != pictures["train"] else ""))
    for why, count in data.get("left_out", {}).items():
        yield _line(f"left out: {count} {why}")
    for note in data.get("notes", ()):
        yield _line(note)


def _shares(shares: Sequence[Mapping[str, Any]]) -> Table:
    table = plain_table("share of the training set", ">pictures", ">before", ">asked", ">after")
    for one in shares:
        asked = "–" if one["asked"] is None else f"{one['asked']:.1%}"
        table.add_row(one["query"], str(one["pictures"]), f"{one['before']:.1%}", asked, f"{one['after']:.1%}")
    return table


def _epochs(epochs: Sequence[Mapping[str, Any]]) -> Table:
    losses = list(epochs[-1]["losses"])
    figures = [name for name in ("map50", "map50_95", "precision", "recall") if name in epochs[-1]["figures"]]
    table = plain_table(
        ">epoch", *(f">{n} loss" for n in losses), *(f">{SHORT.get(n, n)}" for n in figures), ">rate", ">time"
    )
    shown = list(epochs) if len(epochs) <= FIRST + LAST + 1 else [*epochs[:FIRST], None, *epochs[-LAST:]]
    for row in shown:
        if row is None:
            table.add_row("…")
            continue
        table.add_row(
            str(row["epoch"]),
            *(_number(row["losses"].get(name), 4) for name in losses),
            *(_number(row["figures"].get(name), 3) for name in figures),
            f"{row['learning_rate']:.2g}",
            f"{row['seconds']:.1f} s",
        )
    return table


def _curves(epochs: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    names = list(epochs[-1]["losses"])
    total = [sum(row["losses"].get(name, 0.0) for name in names) for row in epochs]
    for title, values in (("loss", total), ("mAP50", [row["figures"].get("map50") for row in epochs])):
        known = [value for value in values if value is not None]
        if len(known) > 1:
            yield _line(f"{title:<6}{curve(known)}  {known[0]:.3f} → {known[-1]:.3f}")


def curve(values: Sequence[float], *, columns: int = 60) -> str:
    """Draw values as one line, from the least to the greatest; of many, evenly spaced ones.

    >>> curve([0.0, 0.5, 1.0])
    '▁▅█'
    """
    step = max(1, -(-len(values) // columns))
    chosen = [*values[:-1:step], values[-1]] if values else []
    low, high = min(chosen, default=0.0), max(chosen, default=0.0)
    span = (high - low) or 1.0
    return "".join(LEVELS[round((value - low) / span * (len(LEVELS) - 1))] for value in chosen)


def _figures(figures: Mapping[str, Any]) -> Iterator[RenderableType]:
    whole = ", ".join(
        f"{SHORT.get(name, name)} {figures[name]:.3f}"
        for name in ("map50", "map50_95", "precision", "recall")
        if isinstance(figures.get(name), int | float)
    )
    which = f"{figures['taken']} weights, of epoch {figures['epoch']}" if "taken" in figures else "weights"
    if whole:
        yield Text(f"The {which}, on the split val: {whole}.")


def _next(training: Training) -> Iterator[RenderableType]:
    if training.error:
        yield Text(training.error)
        return
    model = training.model
    if model is None:
        verbs = {"queued": "waits for a worker", "running": "is under way", "cancelled": "was cancelled"}
        yield Text(f"It {verbs.get(state_of(training), 'has not ended well')}.")
        if state_of(training) in ("cancelled", "failed"):
            yield _line(f"go on with it   manage.py train resume {training.name}")
        return
    yield Text(f"Registered as the model {model}:")
    yield _line(f"weights   {model.detector}  (SHA-256 {model.weights_sha256[:12]}…)")
    if training.onnx:
        yield _line(f"ONNX      {training.onnx}  (for a cascade's stage `objects`)")
    yield Text("Next:")
    yield _line(f"test it   manage.py scenarios run --model {model} --suite SUITE")
    if training.base:
        yield _line(f"compare   manage.py scenarios compare {training.base} {model} --suite SUITE")


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _line(text: str) -> Padding:
    return Padding(Text(text), INDENT)
