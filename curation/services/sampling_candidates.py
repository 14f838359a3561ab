"""Frames of the table as samplers see them."""

import json
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curation.core.errors import SpecError
from curation.core.frame_columns import words_of
from curation.core.frame_table import FrameTable, column_of
from curation.core.operating import FactorSpec
from curation.core.operating.coding import MISSING, Codes, codes_of
from curation.core.operating.factors import BOOLEANS
from curation.core.query import Fields, QueryError
from curation.core.query.masks import COUNT_PREFIX, mask_of
from curation.core.sampling.chance import chances_of
from curation.core.sampling.contract import Lists
from curation.core.types import BoolArray, FloatArray, IntArray
from curation.models import Annotation
from curation.services.filtering import parse_query
from curation.services.frame_table import resolve
from curation.services.in_force import current_spec
from curation.services.sampling_guard import refuse_held_query

NUMBERS = ("uniqueness", "typicality", "outlier_score", "width_px", "height_px")
LABEL = "label"


@dataclass(frozen=True)
class TableCandidates:
    """(n,) rows of a table in the order of their keys: core.sampling.Candidates."""

    table: FrameTable
    rows: IntArray
    keys: NDArray[np.uint64]
    fields: Fields

    def __len__(self) -> int:
        return len(self.rows)

    def matches(self, query: str) -> BoolArray:
        try:
            parsed = parse_query(query, fields=self.fields)
        except QueryError as error:
            raise SpecError(f"sampler: the query {query!r} cannot be understood: {error}") from error
        refuse_held_query(parsed)
        matching: BoolArray = mask_of(parsed, self.table, resolve=resolve)[self.rows]
        return matching

    def codes(self, factor: str) -> Codes:
        spec = self._factor(factor)
        coded = codes_of(self.table.frames, spec)
        return _without_strangers(Codes(coded.factor, coded.names, coded.codes[self.rows]), listed=len(spec.values))

    def lists(self, factor: str) -> Lists | None:
        if factor == LABEL:
            return self._labels()
        if self.table.kinds.get(factor) != "text_list":
            return None
        column = self.table.tag(factor)
        words = [_texts(json.loads(word)) for word in words_of(column)]
        codes = column.to_physical().cast(pl.Int64).fill_null(len(words)).to_numpy()[self.rows]
        return Lists(codes, [*words, None])

    def numbers(self, field: str) -> FloatArray:
        if field in NUMBERS:
            column = self.table.frames[field]
        elif field.startswith(COUNT_PREFIX):
            column = self.table.count_of(field.removeprefix(COUNT_PREFIX))
        elif self.table.kinds.get(field) == "number":
            column = self.table.tag(field)
        else:
            tags = sorted(name for name, kind in self.table.kinds.items() if kind == "number")
            valid = ", ".join([*NUMBERS, *tags, f"{COUNT_PREFIX}LABEL"])
            raise SpecError(f"sampler: {field!r} is no number that frames have. Valid ones: {valid}.")
        numbers: FloatArray = column.cast(pl.Float64).to_numpy()[self.rows]
        return numbers

    def chances(self) -> FloatArray:
        return chances_of(self.keys)

    def _factor(self, name: str) -> FactorSpec:
        factors = current_spec().factors
        if name in factors:
            return factors[name]
        if name == "camera" or (self.table.kinds.get(name) == "text" and column_of(name) == name):
            return FactorSpec(name, "categorical")
        if self.table.kinds.get(name) == "boolean" and column_of(name) == name:
            return FactorSpec(name, "boolean")
        valid = ", ".join([*factors, "camera"])
        if self.table.kinds.get(name) == "number":
            raise SpecError(
                f"sampler: {name!r} is a number without bins. Give it bins in the operating conditions, or take one "
                f"of {valid}."
            )
        raise SpecError(f"sampler: there is no factor {name!r}. Valid ones: {valid}.")

    def _labels(self) -> Lists:
        """Return what people marked in each frame; where not all is marked, nothing is known."""
        annotated = self.table.frames["annotated"].to_numpy()[self.rows]
        ids = self.table.ids[self.rows]
        shown: dict[int, list[str]] = {}
        rows = Annotation.objects.filter(frame__annotated_at__isnull=False).order_by("label").distinct()
        for frame_id, label in rows.values_list("frame_id", "label").iterator(chunk_size=20_000):
            shown.setdefault(frame_id, []).append(label)
        words: dict[tuple[str, ...], int] = {(): 0}
        codes = [words.setdefault(tuple(shown.get(frame_id, ())), len(words)) for frame_id in ids.tolist()]
        return Lists(np.where(annotated, np.asarray(codes, np.int64), len(words)), [*words, None])


def _without_strangers(codes: Codes, *, listed: int) -> Codes:
    """Drop values that the factor does not list and no candidate has: nobody said that they should come."""
    there = codes.counts()[:-1] > 0
    there[:listed] = True
    if there.all() or codes.names == BOOLEANS:
        return codes
    place = np.append(np.where(there, np.cumsum(there) - 1, MISSING), MISSING).astype(np.int16)
    names = tuple(name for name, is_there in zip(codes.names, there.tolist(), strict=True) if is_there)
    return Codes(codes.factor, names, place[codes.codes])


def _texts(value: object) -> tuple[str, ...]:
    return tuple(sorted({text for text in value if isinstance(text, str)})) if isinstance(value, list) else ()
