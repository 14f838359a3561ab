"""Files of events: JSON and CSV, read into plain records. Which videos are meant is not decided here."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from curation.core.errors import WinnowError
from curation.core.types import Span

Pairs: TypeAlias = Sequence[Sequence[float]]
NEEDED, OPTIONAL = ("video", "label", "intervals"), ("looked", "unit", "tolerance_s", "note")
COLUMNS = ("video", "label", "start_s", "end_s")
LONGEST_LABEL = 80
LONGEST_S = 1e9
EXAMPLE = '{"video": "gate.mp4", "label": "person", "intervals": [[5.9, 19.7]]}'


class EventFileError(WinnowError):
    """A file of events cannot be read. The message says where."""


@dataclass(frozen=True)
class Told:
    """What somebody says of one label in one video: where it is, and which stretches they looked through (None: the
    whole video). `where` is the place in the file, for messages."""

    video: str
    label: str
    events: tuple[Span, ...]
    looked: tuple[Span, ...] | None
    where: str


def read_events(text: str, *, name: str, video: str = "") -> list[Told]:
    """Read a file's text; its name's ending tells JSON from CSV. `video` is that of a file that names none.

    JSON is {"video", "label", "intervals": [[start_s, end_s], …]} or a list of such objects; "looked", in the same
    form, are the stretches that were looked through, where they are not the whole video. CSV has the columns video,
    label, start_s, end_s; a row without times says that the label never is in the video. Raises EventFileError."""
    if name.lower().endswith(".csv"):
        return _read_csv(text, name=name, video=video)
    if name.lower().endswith(".json"):
        return _read_json(text, name=name, video=video)
    raise EventFileError(f"{name}: events are read from .json and .csv files; the name's ending says which.")


def parse_told(plain: object, *, where: str, video: str = "") -> Told:
    """Check one JSON object. Raises EventFileError."""
    if not isinstance(plain, dict):
        raise EventFileError(f"{where} is {_short(plain)}; it must be an object, as in {EXAMPLE}.")
    if extra := sorted(set(map(str, plain)) - {*NEEDED, *OPTIONAL}):
        valid = ", ".join((*NEEDED, *OPTIONAL))
        raise EventFileError(f"{where}: there is no {extra[0][:80]!r}. Valid ones: {valid}.")
    given = {"video": video, **plain}
    if missing := [key for key in NEEDED if key not in given]:
        raise EventFileError(f"{where}: {missing[0]!r} is missing. Write it as in {EXAMPLE}.")
    if given.get("unit", "s") != "s":
        raise EventFileError(f'{where}: unit is {_short(given["unit"])}; times are in seconds: "s".')
    looked = given.get("looked")
    return Told(
        video=_text(given["video"], f"{where}: video"),
        label=_label(given["label"], where),
        events=_spans(given["intervals"], f"{where}.intervals"),
        looked=None if looked is None else _spans(looked, f"{where}.looked"),
        where=where,
    )


def _read_json(text: str, *, name: str, video: str) -> list[Told]:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EventFileError(f"{name} is not valid JSON: {error}") from error
    if isinstance(plain, list):
        return [parse_told(one, where=f"{name}[{number}]", video=video) for number, one in enumerate(plain)]
    return [parse_told(plain, where=name, video=video)]


def _read_csv(text: str, *, name: str, video: str) -> list[Told]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), skipinitialspace=True)
    events: dict[tuple[str, str], list[Span]] = {}
    try:
        rows.fieldnames = _checked_columns(rows.fieldnames or (), name=name, needs_video=not video)
        for row in rows:
            where = f"{name}, line {rows.line_num}"
            key = (_text(row.get("video") or video, f"{where}: video"), _label(row.get("label"), where))
            events.setdefault(key, []).extend(_of_row(row, where))
    except csv.Error as error:
        raise EventFileError(f"{name}, line {rows.line_num}: {error}") from error
    return [Told(which, label, tuple(found), None, name) for (which, label), found in events.items()]


def _checked_columns(given: Sequence[str], *, name: str, needs_video: bool) -> list[str]:
    columns = [column.strip() for column in given]
    needed = [column for column in COLUMNS if column != "video" or needs_video]
    if set(needed) - set(columns) or set(columns) - set(COLUMNS) or len(set(columns)) < len(columns):
        raise EventFileError(
            f"{name} has the columns {', '.join(columns) or 'none'}; it must have {', '.join(needed)} and no others."
        )
    return columns


def _of_row(row: Mapping[str, str | None], where: str) -> list[Span]:
    if None in row:
        raise EventFileError(f"{where} has more fields than there are columns.")
    times = [(row.get(column) or "").strip() for column in ("start_s", "end_s")]
    if not any(times):
        return []
    try:
        pair = [float(time) for time in times]
    except ValueError as error:
        raise EventFileError(f"{where}: start_s and end_s are {times[0]!r} and {times[1]!r}, not seconds.") from error
    return [_span(pair, where)]


def _spans(value: Any, where: str) -> tuple[Span, ...]:
    if not isinstance(value, list):
        raise EventFileError(f"{where} is {_short(value)}; it must be a list of [start_s, end_s].")
    return tuple(_span(pair, f"{where}[{number}]") for number, pair in enumerate(value))


def _span(pair: Any, where: str) -> Span:
    numbers = isinstance(pair, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in pair)
    if not numbers or len(pair) != 2:
        raise EventFileError(f"{where} is {_short(pair)}; it must be [start_s, end_s].")
    start_s, end_s = pair
    # NaN fails every comparison.
    if not 0 <= start_s < end_s <= LONGEST_S or not math.isfinite(end_s):
        raise EventFileError(f"{where} is {_short(pair)}; it must start at 0 s or later, and end after its start.")
    return Span(round(start_s * 1e6), round(end_s * 1e6))


def _label(value: object, where: str) -> str:
    label = _text(value, f"{where}: label")
    if len(label) > LONGEST_LABEL:
        raise EventFileError(f"{where}: the label has {len(label)} characters; {LONGEST_LABEL} are allowed.")
    return label


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise EventFileError(f"{where} is {_short(value)}; it must be a name.")
    return value.strip()


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"
